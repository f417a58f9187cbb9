"""What the whole mock sends: events of sessions and streams, and the log, are words of the run grammar for any inline script."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meerkat_mock.contract.grammar import RunChecker
from meerkat_mock.contract.grammar_streams import ConnectionChecker
from meerkat_mock.runtime import World
from meerkat_mock.server import Server

if TYPE_CHECKING:
    from meerkat.wire.base import Json

SCRIPTED: dict[str, Json] = {
    "self_hosted": {
        "servers": {"local": {"transport": "openai_compatible", "base_url": "http://127.0.0.1:1", "api_style": "chat_completions"}},
        "models": {"scripted": {"server": "local", "remote_model": "scripted", "display_name": "S", "family": "custom"}},
    }
}
CHUNKS = st.lists(st.sampled_from(["", "a", "b ", "{}"]), max_size=3)
CALLS = st.lists(
    st.fixed_dictionaries({"tool": st.sampled_from(["t", "t", "t", "missing"]), "args": st.sampled_from([{}, {"a": 1}, "", "[", "[]"])}),
    max_size=2,
)
ROUNDS = st.fixed_dictionaries(
    {},
    optional={
        "say": CHUNKS,
        "think": CHUNKS,
        "call": CALLS,
        "stop": st.sampled_from(["end_turn", "max_tokens", "odd"]),
        "usage": st.fixed_dictionaries({"input": st.integers(0, 50), "output": st.integers(0, 9)}),
        "cut": st.integers(0, 2),
    },
)
FAILING = st.sampled_from([{"fail": {"status": 400}}, {"attempts": [{"fail": {"status": 500}}, {"say": ["up"]}]}])
SCRIPTS = st.lists(ROUNDS | ROUNDS | ROUNDS | FAILING, min_size=1, max_size=4)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "output_schema": st.sampled_from([{"type": "object"}, {}]),
        "budget_limits": st.fixed_dictionaries({}, optional={"max_tokens": st.integers(0, 150), "max_tool_calls": st.integers(0, 3)}),
    },
)


class _Client:
    """A client that answers every tool with its own name and judges every event."""

    def __init__(self, server: Server) -> None:
        self._transport = server.connect()
        self._rest = b""
        self._requests = 0
        self.checker = ConnectionChecker()
        self.broken: list[str] = []

    async def ask(self, method: str, **params: Json) -> dict[str, Json]:
        self._requests += 1
        await self._send({"id": self._requests, "method": method, "params": params})
        while True:
            for message in await self._received():
                if message.get("method") == "tool/execute":
                    await self._send({"id": message["id"], "result": {"content": "t"}})
                elif "method" in message:
                    self.broken += map(str, self.checker.feed(message["method"], message["params"]))
                elif message.get("id") == self._requests:
                    return dict(message)

    async def _send(self, message: dict[str, Json]) -> None:
        await self._transport.send(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    async def _received(self) -> list[dict[str, Json]]:
        data = await self._transport.receive()
        assert data, "the mock has gone"
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    async def close(self) -> None:
        await self._transport.close()


async def _converse(scripts: list[list[Json]], options: dict[str, Json]) -> list[str]:
    server = Server(World())
    client = _Client(server)
    try:
        await client.ask("initialize")
        await client.ask("config/patch", patch=SCRIPTED)
        await client.ask("tools/register", tools=[{"name": "t", "description": "t", "input_schema": {"type": "object"}}])
        created = await client.ask("session/create", prompt="x", model="scripted", initial_turn="deferred", **options)
        result = created["result"]
        assert isinstance(result, dict), created
        session_id = result["session_id"]
        await client.ask("session/stream_open", session_id=session_id)
        for script in scripts:
            answer = await client.ask("turn/start", session_id=session_id, prompt=f"@script{json.dumps(script)}")
            if "error" in answer:
                break  # the prompt comes back before the next turn, and that one may stall (spec 02, 5.4)
        await client.ask("session/archive", session_id=session_id)
        log = (await client.ask("events/list_since", scope={"type": "session", "session_id": session_id}))["result"]
        return [*client.broken, *map(str, client.checker.finish()), *_judged_log(log)]
    finally:
        await client.close()
        await server.close()


def _judged_log(log: Json) -> list[str]:
    assert isinstance(log, dict)
    events = log.get("events")
    assert isinstance(events, list)
    checker = RunChecker(fresh=True)
    found = [str(breach) for item in events if isinstance(item, dict) for breach in checker.feed(item["event"])]  # type: ignore[arg-type]
    assert events, "a turn leaves events in the log"
    return [*found, *map(str, checker.finish())]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SCRIPTS, min_size=1, max_size=3), OPTIONS)
def test_whatever_a_script_says_the_mock_keeps_the_grammar_on_all_channels(scripts: list[list[Json]], options: dict[str, Json]) -> None:
    assert asyncio.run(asyncio.wait_for(_converse(scripts, options), 20)) == []
