"""A server that is none, ends, hangs or talks nonsense fails a test at once, with the reason, whatever the application makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

import pytest

from meerkat import MeerkatClient
from meerkat_mock.journal import Journal
from meerkat_mock.realserver import child, silence
from meerkat_mock.realserver.mock import ServerMock
from meerkat_mock.realserver.silence import silence_of
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURED = """
import json, os, sys, time
CONFIG = {"realm_id": "r", "config": {"agent": {"model": "m"}}}
for line in sys.stdin:
    message = json.loads(line)
    if str(message.get("id")).startswith("meerkat-mock:"):
        result = {"config/get": CONFIG, "models/catalog": {"providers": []}}.get(message["method"], {})
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
    else:
        """


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


class Program:
    """Writes servers."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "some-server"

    def shell(self, script: str) -> str:
        return self._written(f"#!/bin/sh\n{script}\n")

    def configured(self, then: str) -> str:
        """Return a server that lets itself be configured and does `then` on what the application says."""
        return self._written(f"#!{sys.executable} -SE\n{CONFIGURED}{then}\n")

    def _written(self, text: str) -> str:
        self._path.write_text(text)
        self._path.chmod(0o755)
        return str(self._path)


async def held_against(command: str) -> list[str]:
    """Return what a test is told whose application connects and makes nothing of what goes wrong."""
    mock = ServerMock([command])
    with mock.intercepting():
        client = MeerkatClient()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.connect(), 20)
        await client.close()
        with pytest.raises(MockViolations) as raised:
            mock.assert_clean()
    return [each.message for each in raised.value.violations]


async def test_one_that_exits_at_once_is_told_with_its_status_and_last_words(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    (message,) = await held_against(program.shell("echo 'cannot open realm' >&2; exit 3"))
    assert message.startswith("the server cannot be pointed at the scenario: the server gave no answer to config/get")
    assert message.endswith("with status 3; it said: cannot open realm")
    assert caplog.records == []


async def test_one_that_talks_nonsense_is_told_with_what_it_said(program: Program) -> None:
    found = await held_against(program.shell("echo 'Welcome to the shell!'; exec sleep 60"))
    assert "the server wrote b'Welcome to the shell!', which is no message" in found[0]


async def test_one_that_never_answers_is_waited_for_once(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "START_WAIT_S", 0.3)
    monkeypatch.setattr(child, "SILENT_START_WAIT_S", 0.1)
    hangs = program.shell("exec sleep 60")
    for waited in ("0.3 s", "0.1 s"):
        assert await held_against(hangs) == [
            f"the server cannot be pointed at the scenario: the server gave no answer to config/get within {waited}"
        ]


async def test_one_that_refuses_its_configuration_is_told_with_the_error(program: Program) -> None:
    refuses = """read line; echo '{"jsonrpc": "2.0", "id": "meerkat-mock:1", "error": {"code": -32603, "message": "locked"}}'; read line"""
    (message,) = await held_against(program.shell(refuses))
    assert message.endswith('the server answered config/get with {"code": -32603, "message": "locked"}')


async def test_one_that_dies_under_way_is_held_against_the_test_even_if_nobody_minds(program: Program) -> None:
    (message,) = await held_against(program.configured("sys.exit('out of memory')"))
    assert message == "the server ended by itself with status 1; it said: out of memory"


async def test_one_that_hangs_under_way_is_ended_and_told(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "LOOK_EACH_S", 0.05)
    monkeypatch.setattr(silence, "SILENCE_LIMIT_S", 0.2)
    (message,) = await held_against(program.configured("time.sleep(60)"))
    assert message.startswith("the server hangs: it owes the answer to request 1 (initialize, line 1 of the journal)")


def quiet(*lines: tuple[str, str]) -> str | None:
    """Return what is found after a minute of silence behind these lines of connection 1."""
    journal = Journal()
    for direction, line in lines:
        journal.record(0.0, 1, "in" if direction == ">" else "out", line.encode())
    return silence_of(journal, 1, 61.0)


def test_silence_is_the_servers_fault_only_while_it_owes_something() -> None:
    asked = (">", '{"id": 1, "method": "turn/start"}')
    assert quiet() is None
    assert "request 1 (turn/start" in (quiet(asked) or "")
    assert quiet(asked, ("<", '{"id": 1, "result": {}}')) is None
    assert quiet(asked, ("<", '{"id": "t1", "method": "tool/execute"}')) is None
    assert quiet((">", '{"id": 1, "method": "mob/wait_ready"}')) is None
