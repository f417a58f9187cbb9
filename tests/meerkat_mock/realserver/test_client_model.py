"""The drop-in asking a real endpoint: what a scenario plays over HTTP comes to the same as what it plays in the process."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from meerkat import MeerkatClient, MeerkatError
from meerkat_mock.scenario.player import Player
from meerkat_mock.world.http import ModelEndpoint
from meerkat_mock.world.model import CleanCut, ModelAnswer, ModelCall, ModelUsage, ProviderFailure, Reset
from tests.meerkat_mock.realserver.peer import arriving, heard, model_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from meerkat.wire.base import JsonObject


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ModelEndpoint(Player()) as address:
        yield address


def configuration(url: str) -> JsonObject:
    model: JsonObject = {"server": "local", "remote_model": "scripted", "display_name": "Scripted", "family": "custom"}
    return {"servers": {"local": {"transport": "openai_compatible", "base_url": url}}, "models": {"scripted": model}}


async def asked(url: str, script: str, *, model: str = "scripted") -> ModelAnswer:
    return await heard(await arriving(model_of(configuration(url)), f"@script[{script}]", model))


async def test_every_chunk_the_calls_the_stop_and_the_usage_come_over(url: str) -> None:
    script = (
        '{"think": ["Hm", "m"], "say": ["Hel", "lo"], "call": [{"tool": "look", "args": {"at": 1}, "id": "c1"}],'
        ' "usage": {"input": 7, "output": 3}}'
    )
    assert await asked(url, script) == ModelAnswer(
        think=("Hm", "m"),
        say=("Hel", "lo"),
        calls=(ModelCall("c1", "look", {"at": 1}),),
        stop="tool_use",
        usage=ModelUsage(7, 3),
        source="endpoint",
    )


async def test_arguments_that_are_no_json_come_over_as_they_are(url: str) -> None:
    answer = await asked(url, '{"call": [{"tool": "look", "args": "{\\"at\\":", "id": "c1"}]}')
    assert answer.calls == (ModelCall("c1", "look", '{"at":'),)


async def test_a_refusal_is_its_status_and_body(url: str) -> None:
    answer = await asked(url, '{"fail": {"status": 503, "message": "busy"}}')
    assert isinstance(answer.ending, ProviderFailure)
    assert (answer.ending.status, '"busy"' in answer.ending.body) == (503, True)


async def test_a_clean_cut_keeps_what_came_and_has_no_usage(url: str) -> None:
    answer = await asked(url, '{"say": ["a", "b"], "cut": 1}')
    assert (answer.say, answer.ending, answer.usage) == (("a",), CleanCut(), ModelUsage(0, 0))


async def test_a_broken_connection_keeps_what_came(url: str) -> None:
    del url
    from meerkat_mock.scenario.reader import read_text

    document = read_text("sessions: [{turns: [{say: [a, b], reset: 1}]}]")
    with ModelEndpoint(Player(document)) as address:
        answer = await asked(address, "")
    assert (answer.say, answer.ending) == (("a",), Reset())


async def test_a_server_that_nobody_serves_counts_as_a_broken_connection() -> None:
    with ModelEndpoint(Player()) as address:
        pass
    assert (await asked(address, "{}")).ending == Reset()


async def test_a_model_without_a_server_is_refused_by_name(url: str) -> None:
    answer = await asked(url, "{}", model="claude-opus-4-7")
    assert isinstance(answer.ending, ProviderFailure)
    assert "'claude-opus-4-7' has no server" in answer.ending.message


@asynccontextmanager
async def connected(client: MeerkatClient) -> AsyncGenerator[None]:
    await client.connect(isolated=True)
    try:
        yield
    finally:
        await client.close()


def drop_in(folder: Path) -> str:
    program = folder / "rkat-rpc"
    program.write_text(f'#!/bin/sh\nMEERKAT_MOCK_MODEL=endpoint exec "{sys.executable}" -m meerkat_mock.dropin "$@"\n')
    program.chmod(0o755)
    return str(program)


async def test_the_drop_in_runs_a_turn_with_tools_and_retries_over_http(url: str, tmp_path: Path) -> None:
    client = MeerkatClient(drop_in(tmp_path))

    @client.tool("look", description="Look", input_schema={"type": "object"})
    async def look(arguments: dict[str, int]) -> str:
        return f"saw {arguments['at']}"

    prompt = (
        '@script[{"call": [{"tool": "look", "args": {"at": 4}, "id": "c1"}]},'
        ' {"attempts": [{"fail": {"status": 503, "message": "busy"}}, {"say": ["Se", "en"]}]}]'
    )
    async with connected(client):
        await client.patch_config({"self_hosted": configuration(url)})
        session = await client.create_session(prompt, model="scripted")
        assert (session.text, session.tool_calls) == ("Seen", 1)
        assert session.usage.input_tokens == 20


async def test_the_drop_in_fails_the_turn_that_the_endpoint_refuses(url: str, tmp_path: Path) -> None:
    client = MeerkatClient(drop_in(tmp_path))
    async with connected(client):
        await client.patch_config({"self_hosted": configuration(url)})
        with pytest.raises(MeerkatError, match="LLM failure terminal turn"):
            await client.create_session('@script[{"fail": {"status": 400, "message": "no script for this"}}]', model="scripted")
