"""One real server as a child process: pointed at the endpoint before the application speaks, overheard in both directions.

Lives on the host's loop. Owns the process, the lines that are asked on the mock's own account (they never reach the application nor the
journal), and what the application has not read yet. `Road` is the application's end of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from meerkat.transports.stdio import StdioTransport
from meerkat_mock.realserver import silence
from meerkat_mock.realserver.pointing import Pointing, addresses_in, point
from meerkat_mock.realserver.stand_ins import MARK, StandIns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from meerkat.wire.base import JsonObject
    from meerkat_mock.journal import Direction
    from meerkat_mock.realserver.hosting import Host

OWN_ID = "meerkat-mock:"
"""How the ids of requests begin that are the mock's own."""
ANSWER_WAIT_S = 75.0
"""How long an answer to a request of the mock's own may take while the application may keep the server busy."""
START_WAIT_S = 15.0
"""How long the first answers of a server may take; it starts within a second."""
SILENT_START_WAIT_S = 2.0
"""How long they may take from a program that has once let `START_WAIT_S` pass: every other test would wait as long for nothing."""
UNREAD_LIMIT_BYTES = 64 * 1024 * 1024
"""Lines that the application has not taken; beyond it the server has to wait."""
BUSY_EXIT_S = 6.5
"""How long a server may take to end: with a turn running it takes five seconds (spec 01, section 13.4)."""


_SILENT_PROGRAMS: set[str] = set()
"""Programs that gave no first answer in this run of tests, and none since."""


class ServerRefused(ConnectionError):
    """The server did not do what the mock asked of it on its own account."""


@dataclass(frozen=True)
class Wanted:
    """How a server is started and what it is told."""

    command: Sequence[str]
    url: str
    names: Iterable[str] = ()
    config: JsonObject = field(default_factory=lambda: {})
    env: Mapping[str, str] | None = None
    cwd: str | None = None


class Child:
    """A server process. Every method but the constructor runs on the host's loop."""

    def __init__(self, wanted: Wanted, note: Callable[[Direction, bytes], None], silent: Callable[[], str | None] = lambda: None) -> None:
        self.wanted = wanted
        self.silent = ""
        """Why it was ended although nobody asked for it: what was found against it."""
        self.realm: str | None = None
        self.stand_ins = StandIns({})
        self.pointing = Pointing(self.stand_ins, wanted.url, {})
        self.ready = False
        """True once the server is configured."""
        self.ended = False
        """True once the server's output has ended."""
        self.closed = False
        """True once it was told to end."""
        self._note = note
        self.died = False
        """True once it ended, configured, although nobody had told it to."""
        self._owed = silent
        self._watch: asyncio.Task[None] | None = None
        self._started: asyncio.Task[None] | None = None
        self._process: StdioTransport | None = None
        self._pump: asyncio.Task[None] | None = None
        self._asked: dict[str, asyncio.Future[JsonObject]] = {}
        self._count = 0
        self._unread: list[bytes] = []
        self._unread_bytes = 0
        self._changed = asyncio.Event()
        self._outgoing = b""

    @property
    def begun(self) -> bool:
        """Tell whether anybody has spoken to the server yet."""
        return self._started is not None

    async def start(self) -> None:
        """Start and configure the server, once. Raises `OSError`, or `ServerRefused` with what it said."""
        if self._started is None:
            self._started = asyncio.ensure_future(self._start())
        await asyncio.shield(self._started)

    async def _start(self) -> None:
        wanted = self.wanted
        self._process = await StdioTransport.start(wanted.command, env=wanted.env, cwd=wanted.cwd)
        self._pump = asyncio.ensure_future(self._overhear(self._process))
        await self._configure(wanted)
        _SILENT_PROGRAMS.discard(wanted.command[0])
        self.ready = True
        self._watch = asyncio.ensure_future(self._ended_when_silent(self._process))

    async def _configure(self, wanted: Wanted) -> None:
        """Point the server at the endpoint, whatever it knows already."""
        known = [str(owner["base_url"]) for _path, owner in addresses_in(wanted.config)]
        if wanted.config:
            await self.ask("config/patch", {"patch": _pointed(wanted.config, wanted.url)})
        envelope = await self.ask("config/get", {})
        self.realm = str(envelope["realm_id"]) if envelope.get("realm_id") else None
        config = cast("dict[str, Any]", envelope["config"])
        self.stand_ins = StandIns(_models_in(await self.ask("models/catalog", {})))
        own = self.stand_ins.configuration(wanted.url, str(config["agent"]["model"]).removeprefix(MARK), wanted.names)
        await self.ask("config/patch", {"patch": own})
        if any(owner["base_url"] != wanted.url for _path, owner in addresses_in(config)):
            # A state root of the application's own may hold servers from before.
            found: JsonObject = {key: value for key, value in _pointed(config, wanted.url).items() if key in ("self_hosted", "realm")}
            await self.ask("config/patch", {"patch": found})
        self.pointing = Pointing(self.stand_ins, wanted.url, own, known)

    async def _ended_when_silent(self, process: StdioTransport) -> None:
        while not self.silent:
            await asyncio.sleep(silence.LOOK_EACH_S)
            self.silent = self._owed() or ""
        process.patience_s = 0.0
        await self._stop(process)

    async def _stop(self, process: StdioTransport) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        await process.close()

    async def ask(self, method: str, params: JsonObject) -> JsonObject:
        """Ask on the mock's own account and return the result. Raises `ServerRefused`."""
        assert self._process is not None
        self._count += 1
        own_id = f"{OWN_ID}{self._count}"
        future = self._asked[own_id] = asyncio.get_running_loop().create_future()
        wait_s = self._answer_wait_s()
        request = {"jsonrpc": "2.0", "id": own_id, "method": method, "params": params}
        try:
            await self._process.send(json.dumps(request).encode() + b"\n")
            message = await asyncio.wait_for(future, wait_s)
        except ServerRefused:
            raise
        except asyncio.TimeoutError as error:
            if not self.ready:
                _SILENT_PROGRAMS.add(self.wanted.command[0])
            raise ServerRefused(f"the server gave no answer to {method} within {wait_s:g} s{self._said()}") from error
        except OSError as error:
            await self._process.settle()
            status = "" if self._process.exit_status is None else f" and exited with status {self._process.exit_status}"
            raise ServerRefused(f"the server gave no answer to {method}{status}{self._said()}") from error
        finally:
            del self._asked[own_id]
            future.cancel()
        result = message.get("result")
        if not isinstance(result, dict):
            raise ServerRefused(f"the server answered {method} with {json.dumps(message.get('error', message))}")
        return cast("JsonObject", result)

    def _answer_wait_s(self) -> float:
        if self.ready:
            return ANSWER_WAIT_S
        return SILENT_START_WAIT_S if self.wanted.command[0] in _SILENT_PROGRAMS else START_WAIT_S

    def _said(self) -> str:
        words = self.last_words()
        return f"; it said: {words}" if words else ""

    async def send(self, data: bytes) -> None:
        """Hand on what the application wrote, line by line; part of a line waits for its end. Raises `ConnectionError`."""
        await self.start()
        assert self._process is not None
        *lines, self._outgoing = (self._outgoing + data).split(b"\n")
        for line in lines:
            self._note("in", line + b"\n")
            await self._process.send(self.pointing.to_server(line + b"\n"))

    async def receive(self) -> bytes:
        """Return what the server wrote since the last call, waiting for something; `b""` once it has ended."""
        await self.start()
        while not self._unread:
            if self.ended:
                return b""
            self._changed.clear()
            await self._changed.wait()
        data, self._unread, self._unread_bytes = b"".join(self._unread), [], 0
        self._changed.set()
        return data

    async def _overhear(self, process: StdioTransport) -> None:
        """Sort the server's lines: to the application, or to whoever asked on the mock's account."""
        rest = b""
        try:
            while data := await process.receive():
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    if not self.ready and not line.lstrip().startswith(b"{"):
                        self._refuse(ServerRefused(f"the server wrote {line[:200]!r}, which is no message"))
                    if not self._answers_us(line):
                        self._hand_on(line + b"\n")
                while self._unread_bytes > UNREAD_LIMIT_BYTES and not self._asked:
                    self._changed.clear()
                    await self._changed.wait()
        finally:
            self._end(rest)

    def _refuse(self, error: Exception) -> None:
        for future in self._asked.values():
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever failed to send looks at it no more

    def _answers_us(self, line: bytes) -> bool:
        if OWN_ID.encode() not in line[:4096] and OWN_ID.encode() not in line[-4096:]:
            return False
        message = json.loads(line)
        future = self._asked.get(str(message.get("id")))
        if future is not None and not future.done():
            future.set_result(message)
        return str(message.get("id")).startswith(OWN_ID)

    def _hand_on(self, line: bytes) -> None:
        line = self.stand_ins.to_application(line)
        self._note("out", line)
        self._unread.append(line)
        self._unread_bytes += len(line)
        self._changed.set()

    def _end(self, rest: bytes) -> None:
        if rest:
            self._hand_on(rest)
        self.ended = True
        self.died = self.ready and not self.closed and not self.silent
        self._changed.set()
        self._refuse(ConnectionResetError("the server ended"))

    def how_it_ended(self) -> str:
        """Return exit status and last words, as far as there are any."""
        status = None if self._process is None else self._process.exit_status
        return ("" if status is None else f" with status {status}") + self._said()

    def last_words(self) -> str:
        """Return the end of what the server wrote to its standard error."""
        return "" if self._process is None else self._process.stderr_tail.strip()

    async def close(self) -> None:
        """End the server. May be called any number of times; never raises."""
        self.closed = True
        if self._started is None:
            self.ended = True
            return
        with contextlib.suppress(Exception):
            await self.start()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._process is not None:
            self._process.patience_s = BUSY_EXIT_S if self.ready else 0.0
            await self._stop(self._process)


def _pointed(config: JsonObject, url: str) -> JsonObject:
    pointed = copy.deepcopy(config)
    point(pointed, url)
    return pointed


def _models_in(catalogue: JsonObject) -> dict[str, str]:
    """Return the models that are the server's own, each with its provider."""
    providers = cast("list[dict[str, Any]]", catalogue.get("providers", []))
    return {
        str(model["id"]): str(provider["provider"])
        for provider in providers
        for model in provider["models"]
        if provider["provider"] != "self_hosted"
    }


class Road:
    """The application's end: a transport whose other end is a child on the host's loop."""

    def __init__(self, host: Host, child: Child, failed: Callable[[Exception], None]) -> None:
        self._host = host
        self._child = child
        self._failed = failed

    async def send(self, data: bytes) -> None:
        """Hand `data` to the server. Raises `ConnectionError`."""
        try:
            await self._host.run(self._child.send(data))
        except Exception as error:
            raise self._broken(error) from error

    async def receive(self) -> bytes:
        """Return what the server said next. Raises `ConnectionError`."""
        try:
            return await self._host.run(self._child.receive())
        except Exception as error:
            raise self._broken(error) from error

    async def close(self) -> None:
        """End the server."""
        with contextlib.suppress(ConnectionError):
            await self._host.run(self._child.close())

    def _broken(self, error: Exception) -> ConnectionError:
        if not self._child.ready:
            self._failed(error)
        return ConnectionResetError(str(error))

    def farewell(self) -> str:
        """Say how the server ended."""
        words = self._child.last_words()
        return f"the server ended: {words}" if words else "the server ended"
