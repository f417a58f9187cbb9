"""`ServerMock`: the object of the fixture when the tests run against a real server.

The same scenario, the same journal, the same assertions; behind them a child process per `connect()`, whose model is the scenario's
endpoint. What only the mock can do is refused with `MockOnly`, and remembered, so that the report of the test can say it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meerkat_mock.clock import RealClock
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.realserver.checking import breaches_in
from meerkat_mock.realserver.child import Child, Road, Wanted
from meerkat_mock.realserver.facts import InformedPlayer
from meerkat_mock.realserver.findings import MockOnlyUses, parts_of
from meerkat_mock.realserver.hosting import Host
from meerkat_mock.realserver.silence import silence_of
from meerkat_mock.realserver.stand_ins import names_in
from meerkat_mock.violations import Violation
from meerkat_mock.world.http import ModelEndpoint

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from meerkat.client.options import ConnectOptions
    from meerkat.transports import Transport
    from meerkat.wire.base import JsonObject
    from meerkat_mock.journal import Direction

HISTORY_WAIT_S = 90.0
"""How long `history` waits for the server: it may have to be started again for it."""
_ONLY_THE_MOCK = frozenset(
    {"sessions", "mobs", "schedules", "start", "executable", "serve_tcp", "checkpoint", "restore", "branches", "stub", "fault"}
)
_ONLY_ITS_ARGUMENTS = ("faults", "fidelity", "quirks", "delivery")
_PROGRAM = "rkat-rpc"
_NO_SERVER = """#!/bin/sh
echo started >> '{notes}'
echo 'mock only: a child process of the test starts rkat-rpc by itself' >&2
exit 1
"""


class ServerClock(RealClock):
    """Real time; it cannot be moved."""

    def __init__(self, uses: MockOnlyUses) -> None:
        super().__init__()
        self._uses = uses

    async def advance(self, duration: float | str) -> None:
        """Raise `MockOnly`."""
        raise self._uses.refuse("moving the clock (`clock.advance`)")


class ServerMock(MeerkatMock):
    """A `MeerkatMock` whose servers are real: `command` is started for every connection, with the application's flags behind it."""

    def __init__(self, command: Sequence[str], **given: Any) -> None:
        self.uses = MockOnlyUses()
        clock = given.pop("clock", "real")
        asked = [name for name in _ONLY_ITS_ARGUMENTS if given.pop(name, None) not in (None, "server", "declared", (), [], {})]
        super().__init__(clock="real", **given)
        self.clock = ServerClock(self.uses)
        self._command = tuple(command)
        self._host = Host()
        self._endpoint = contextlib.ExitStack()
        self._url = ""
        self._kids: list[Child] = []
        self._refused: list[Violation] = []
        self._folder: Path | None = None
        for name in asked:
            self.uses.note(f"`{name}=`")
        if clock == "manual":
            self.uses.note("`clock=manual`")
        if self.uses.found:
            raise self.uses.refuse(self.uses.found[0])

    def __getattribute__(self, name: str) -> Any:
        if name in _ONLY_THE_MOCK:
            raise self.uses.refuse(f"`{name}`")
        return super().__getattribute__(name)

    # ---- ways in ---------------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def intercepting(self) -> Generator[None]:
        """Let every `MeerkatClient.connect` inside the block start a server of this mock."""
        path = os.environ.get("PATH", "")
        os.environ["PATH"] = f"{self._place() / 'bin'}{os.pathsep}{path}"
        try:
            with self._in_front():
                yield
        finally:
            os.environ["PATH"] = path
            self.stop_servers()

    def _place(self) -> Path:
        """Return the folder of this mock: realms, and a program that tells of children which start a server by themselves."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="meerkat-server-"))
            (self._folder / "bin").mkdir()
            program = self._folder / "bin" / _PROGRAM
            program.write_text(_NO_SERVER.format(notes=self._folder / "started"))
            program.chmod(0o755)
        return self._folder

    def _transport(self, options: ConnectOptions) -> Transport:
        if options.tcp is not None:
            raise self.uses.refuse("a server that is reached over TCP")
        return Road(self._host, self._new_child(_flags(options, self._place() / "realms"), options), self._not_configured)

    def _new_child(self, flags: Sequence[str], options: ConnectOptions | None = None) -> Child:
        scenario = self._stage.scenario
        for part in parts_of(scenario):
            self.uses.note(part)
        env = _environment(options.env or {} if options else {})
        cwd = options.cwd if options else None
        wanted = Wanted((*self._command, *flags), self._served(), tuple(names_in(scenario)), dict(scenario.config), env, cwd)
        number = len(self._kids) + 1

        def note(direction: Direction, line: bytes) -> None:
            self._journal.record(time.time(), number, direction, line)

        def silent() -> str | None:
            return silence_of(self._journal, number, time.time())

        child = Child(wanted, note, silent)
        self._kids.append(child)
        return child

    def _served(self) -> str:
        """Return the address of the scenario's model, served from now on."""
        if not self._url:
            player = InformedPlayer(self._stage, self._journal, self.uses, self._provider_of)
            self._url = self._endpoint.enter_context(ModelEndpoint(player))
        return self._url

    def _provider_of(self, model: str) -> str:
        return self._kids[-1].stand_ins.provider_of(model)

    def _not_configured(self, error: Exception) -> None:
        fixes = ("check the command given with --meerkat-server", "see what the server says on its standard error")
        violation = Violation("server", " ".join(self._command), f"the server cannot be pointed at the scenario: {error}", "", fixes)
        if violation not in self._refused:
            self._refused.append(violation)

    def mock_only(self) -> list[str]:
        """Return the features used so far that only the mock has."""
        if self._folder is not None and (self._folder / "started").exists():
            self.uses.note("a child process that starts rkat-rpc by itself")
        return self.uses.found

    def assert_clean(self) -> None:
        """Raise `MockViolations` as the mock does; a test that used mock-only features is reported as such, and judged no further."""
        if not self.mock_only():
            super().assert_clean()

    # ---- what happened ---------------------------------------------------------------------------------------------------------------

    @property
    def violations(self) -> list[Violation]:
        """What neither scenario nor contract allow, and why a server could not be used."""
        astray = [each.violation() for child in self._kids for each in child.pointing.astray]
        lost = [_lost(number, child) for number, child in enumerate(self._kids, 1) if child.silent or child.died]
        return [*self._stage.violations, *self._refused, *astray, *lost, *breaches_in(self._journal)]

    def history(self, session: str | None = None) -> list[JsonObject]:
        """Return the messages of a session as the server tells them (`session/history`); without an id of the only one.

        A server that has ended is started once more on its realm. Raises `LookupError` naming the sessions there are.
        """
        known = dict(self._created())
        found = [each for each in known if session in (None, each)]
        if len(found) != 1:
            wanted = f"no session {session!r}" if session else f"{len(found)} sessions, so say which"
            raise LookupError(f"there is {wanted}; sessions of this test: {', '.join(known) or 'none'}")
        return self._host.wait(self._told(self._kids[known[found[0]] - 1], found[0]), HISTORY_WAIT_S)

    def _created(self) -> Iterator[tuple[str, int]]:
        """Yield the id of every session that was made, and the number of the server that made it."""
        for each in self.journal.requests():
            if each.method in ("session/create", "session/fork_at", "session/fork_replace") and isinstance(each.result, dict):
                yield str(each.result.get("session_id")), each.connection

    async def _told(self, child: Child, session: str) -> list[JsonObject]:
        if not child.ended and not child.closed:
            return await _messages(child, session)
        again = Child(_on_its_realm(child), lambda _direction, _line: None)
        try:
            await again.start()
            return await _messages(again, session)
        finally:
            await again.close()

    # ---- life ------------------------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Intercept no more and end every server."""
        super().stop()
        self.stop_servers()

    def stop_servers(self) -> None:
        """End the servers and the endpoint, and take the folder away. May be called any number of times."""
        for child in self._kids:
            if not child.closed and child.begun:
                self._host.wait(child.close(), HISTORY_WAIT_S)
        self._host.stop()
        self._endpoint.close()
        if self._folder is not None:
            self.mock_only()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def failure_sections(self) -> list[tuple[str, str]]:
        """Return what helps to understand a failed test: title and text of each section."""
        from meerkat_mock.report.conversation import render_conversation

        sections = [
            ("conversation", render_conversation(self.journal)),
            ("violations", "\n\n".join(map(str, self.violations))),
            ("mock only", "\n".join(self.uses.found)),
            ("server", "\n".join(filter(None, (child.last_words() for child in self._kids)))),
        ]
        return [(title, text) for title, text in sections if text]


def _lost(number: int, child: Child) -> Violation:
    """Return what is held against a test whose server hung or ended by itself, even if the application made nothing of it."""
    what = f"hangs: {child.silent}" if child.silent else f"ended by itself{child.how_it_ended()}"
    fixes = ("see what the server says on its standard error", "see in the journal which line it did not go on after")
    return Violation("server", f"server {number} of the test", f"the server {what}", "", fixes)


def _flags(options: ConnectOptions, realms: Path) -> list[str]:
    """Return the flags of a connection; without a state root of the application's own, one that goes with the test."""
    flags = options.flags()
    return flags if options.state_root is not None else [*flags, "--state-root", str(realms)]


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return a server's environment, in which the drop-in plays no scenario and writes no journal by itself but asks the endpoint."""
    own = ("MEERKAT_MOCK_SCENARIO", "MEERKAT_MOCK_JOURNAL")
    return {**{name: value for name, value in os.environ.items() if name not in own}, **given, "MEERKAT_MOCK_MODEL": "endpoint"}


def _on_its_realm(child: Child) -> Wanted:
    """Return how a server that has ended is started again on what it left."""
    command = list(child.wanted.command)
    if child.realm is not None and "--realm" not in command:
        command = [each for each in command if each != "--isolated"] + ["--realm", child.realm]
    wanted = child.wanted
    return Wanted(command, wanted.url, wanted.names, wanted.config, wanted.env, wanted.cwd)


async def _messages(child: Child, session: str) -> list[JsonObject]:
    """Return every message of a session, page by page."""
    found: list[JsonObject] = []
    while True:
        page = await child.ask("session/history", {"session_id": session, "offset": len(found), "limit": 200})
        messages = page.get("messages")
        new = [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []
        found += new
        if not new or not page.get("has_more"):
            return found
