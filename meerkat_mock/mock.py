"""`MeerkatMock`: the object a test holds. A small machine on which the application's servers run.

Every `connect()` of the application starts a simulated rkat-rpc process, as it would start a real one; all processes of a mock share its
clock, its journal, its scenario and its disk. The fixture of the pytest plugin is this object; without pytest it is a context manager:

    async with MeerkatMock("refund.mock.yaml") as mock: ...
    with MeerkatMock() as mock: asyncio.run(application())
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from meerkat.transports.memory import memory_pair
from meerkat_mock.children import EXECUTABLE, Children, executable_folder
from meerkat_mock.clock import RealClock, VirtualClock, moment, seconds
from meerkat_mock.flags import Flags
from meerkat_mock.hang import HangWatch
from meerkat_mock.journal import DEFAULT_LIMIT, Journal
from meerkat_mock.quirks import Fidelity, Quirks
from meerkat_mock.runtime import World
from meerkat_mock.server import Server
from meerkat_mock.stage import Stage
from meerkat_mock.store import Disk
from meerkat_mock.violations import MockViolations, Violation

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
    from types import TracebackType

    from meerkat.client import MeerkatClient
    from meerkat.client.options import ConnectOptions
    from meerkat.transports import Transport
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.connection import Connection
    from meerkat_mock.delivery.order import Order
    from meerkat_mock.delivery.sorter import Sorter
    from meerkat_mock.live.duplex import MemorySocket
    from meerkat_mock.mob.mob import Mob
    from meerkat_mock.scenario.builder import ScenarioBuilder, SessionBuilder
    from meerkat_mock.scenario.models import Scenario
    from meerkat_mock.session.state import Session
    from meerkat_mock.verdict import Finding

ClockName = Literal["virtual", "manual", "real"]


class MeerkatMock:
    """A mock of the Meerkat server, driven by a scenario.

    `scenario` is a file, looked up as given and in `look_in`, or a scenario that a strategy drew; without one every prompt is answered `OK`
    and inline scripts are obeyed. `clock` is `virtual` (runs ahead when nobody can run), `manual` (moves only by `clock.advance`) or
    `real`. `fidelity` and `quirks` go before those of the scenario; `vars` override its `vars`; `faults` turns faults on by name. `seed`
    decides every id and every random choice. With `strict=False` scripts that were never used are no violations. `delivery` is the order of
    lines of independent channels: `declared`, `explore` (any lawful one, by seed) or the text of an order that a failure named. `patience`
    is how long the application may keep its event loop running before it counts as hung, in seconds or like `90s`; None for ever (the
    fixture gives `60s`). Raises `ScenarioError` with every finding, `ValueError`, `TypeError` or `UnknownQuirk` for what no argument can
    be.
    """

    def __init__(
        self,
        scenario: str | Path | Scenario | None = None,
        *,
        clock: ClockName = "virtual",
        fidelity: Fidelity | None = None,
        quirks: Mapping[str, bool] | None = None,
        faults: Sequence[str] = (),
        vars: Mapping[str, Json] | None = None,
        seed: int | None = None,
        strict: bool = True,
        look_in: Sequence[str | Path] = (),
        journal_limit: int = DEFAULT_LIMIT,
        delivery: str | Order = "declared",
        patience: float | str | None = None,
    ) -> None:
        _refuse_wrong(clock, fidelity, quirks, seed, delivery, strict)
        self.clock: Clock = RealClock() if clock == "real" else VirtualClock(auto=clock == "virtual")
        self._journal = Journal(journal_limit)
        self.strict = strict
        self._stage = Stage([Path(folder) for folder in look_in], vars)
        self._fidelity: Fidelity | None = fidelity
        self._quirks = dict(quirks or {})
        self._stage.turn_on(*faults)
        self._disk = Disk()
        self._dead = ""
        self._hang = HangWatch(self.clock, self._connections, None if patience is None else seconds(patience))
        self._seed = seed
        self._delivery = delivery
        self._processes: list[Server] = []
        self._children = Children(self._stage)
        self._entered = contextlib.ExitStack()
        if scenario is not None:
            self.load(scenario)
            self._stage.follow()

    # ---- scripting -------------------------------------------------------------------------------------------------------------------

    def load(self, scenario: str | Path | Scenario) -> None:
        """Read the scenario file, or take a scenario that a strategy drew.

        Raises `ScenarioError` with every finding, or `FileNotFoundError` naming the nearest file.
        """
        self._stage.load(scenario)
        self._set_clock()

    def _set_clock(self) -> None:
        """Let virtual time begin where the scenario says, unless a process runs already."""
        if isinstance(self.clock, VirtualClock) and not self._processes and self._stage.scripted:
            start = self._stage.scenario.clock.start
            if start is not None:
                self.clock.begin(moment(start))

    @property
    def script(self) -> ScenarioBuilder:
        """The builder of everything a scenario holds beside sessions: `mob`, `schedule`, `live`, `stub`, `fault`, `set`."""
        return self._stage.builder

    def session(self, **given: Any) -> SessionBuilder:
        """Script a conversation: `mock.session(prompt=contains("weather")).turn(call={"forecast": {"city": "Oslo"}}).then(say="Rain.")`."""
        return self._stage.builder.session(**given)

    def mob(self, **given: Any) -> None:
        """Script a mob: `members=`, `flows=`, `match=`, as `mobs` of a file."""
        self.script.mob(**given)

    def schedule(self, **given: Any) -> None:
        """Say what is expected of a schedule: `match=`, `timeline=`, as `schedules` of a file."""
        self.script.schedule(**given)

    def live(self, *steps: Mapping[str, Json], **given: Any) -> None:
        """Script a live channel: its steps, and `name=`, `match=`, as `live` of a file."""
        self.script.live(*steps, **given)

    def stub(self, method: str, **given: Any) -> None:
        """Answer `method` with given JSON: `params=`, `result=` or `error=`, `times=`, as `stubs` of a file."""
        self.script.stub(method, **given)

    def fault(self, name: str, **given: Any) -> None:
        """Turn a fault on: one of the scenario by its name, or with keys (`when=`, `wire=`, ...) one that is made here."""
        if given:
            self.script.fault(name, **given)
        self._stage.turn_on(name)

    # ---- ways in ---------------------------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def client(self, **connect_options: Any) -> AsyncGenerator[MeerkatClient]:
        """Give a connected client for the length of a block; the options are those of `MeerkatClient.connect`."""
        from meerkat.client import MeerkatClient

        client = MeerkatClient()
        try:
            with self._in_front():
                await client.connect(**connect_options)
            with self._before_live_sockets():
                yield client
        finally:
            await client.close()

    def start(self, flags: Flags | None = None) -> Server:
        """Start one simulated process; `Server.connect` opens a connection to it."""
        self._set_clock()
        self._stage.follow()
        server = Server(self._world(flags or Flags()))
        self._processes.append(server)
        return server

    @contextlib.asynccontextmanager
    async def serve_tcp(self, port: int = 0) -> AsyncGenerator[str]:
        """Serve one simulated process on a loopback socket for the length of a block, for a client in any language; give `HOST:PORT`."""
        from meerkat_mock.process.serving import Accepted

        server = self.start()
        listener = await asyncio.get_running_loop().create_server(lambda: Accepted(server), "127.0.0.1", port)
        host, port = listener.sockets[0].getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            listener.close()
            await server.close()
            await listener.wait_closed()

    @contextlib.contextmanager
    def intercepting(self) -> Generator[None]:
        """Let every `MeerkatClient.connect` inside the block land in this mock, and every `rkat-rpc` that a child process starts."""
        self._children.open()
        self._hang.on_guard = True
        try:
            with self._in_front():
                yield
        finally:
            self._hang.on_guard = False
            self._hang.rest()
            self._children.close(self._journal)

    @contextlib.contextmanager
    def _in_front(self) -> Generator[None]:
        """Take the connections that are opened in this process."""
        from meerkat.transports import interception

        interception.push(self._transport)
        try:
            with self._before_live_sockets():
                yield
        finally:
            interception.pop(self._transport)

    @contextlib.contextmanager
    def _before_live_sockets(self) -> Generator[None]:
        """Take the live sockets that are opened in this process at addresses of this mock."""
        from meerkat.transports import interception

        interception.push_live(self.live_socket)
        try:
            yield
        finally:
            interception.pop_live(self.live_socket)

    def live_socket(self, url: str) -> MemorySocket | None:
        """Open the socket of a live channel in memory, given the address of its `live/open`; None if no process of this mock gave it."""
        for server in self._processes:
            live = server.runtime.surfaces.live
            if urlsplit(url).netloc == live.listener.address:
                socket = live.channels.connect(url)
                if self._sorter is not None:
                    socket.interleave(self._sorter)
                return socket
        return None

    def executable(self) -> Path:
        """Return the path of an `rkat-rpc` that is the mock; inside the block of this mock it plays its scenario and reports to it."""
        return executable_folder() / EXECUTABLE

    def _transport(self, options: ConnectOptions) -> Transport:
        if self._dead:
            theirs, ours = memory_pair()
            ours.leave(self._dead)
            ours.end_sending()
            return theirs
        server = self.start(flags_of(options))
        if self._sorter is None:
            return server.connect()
        from meerkat_mock.delivery.interleaved import InterleavedTransport

        theirs, ours = memory_pair()
        server.serve_soon(InterleavedTransport(ours, self._sorter))
        return theirs

    @functools.cached_property
    def _order(self) -> Order | None:
        """Who decides the order of lines of independent channels: None when they come as they were written."""
        if self._delivery == "declared":
            return None
        from meerkat_mock.delivery.order import order_of

        return order_of(self._delivery, self.seed)

    @functools.cached_property
    def _sorter(self) -> Sorter | None:
        """Who holds lines and live frames until it is their turn: None when they come as they were written."""
        if self._order is None:
            return None
        from meerkat_mock.delivery.sorter import Sorter

        return Sorter(self._order)

    def _connections(self) -> list[Connection]:
        return [each for server in self._processes for each in server.runtime.connections]

    def _died(self, why: str, restart: bool) -> None:
        """Note that a process was killed by a fault; without `restart` no other comes up."""
        self._dead = "" if restart else f"{why}, and no other was started"

    def _world(self, flags: Flags) -> World:
        scenario = self._stage.scenario
        return World(
            clock=self.clock,
            seed=self.seed + len(self._processes),
            process=len(self._processes),
            quirks=self._positions(scenario),
            model=self._stage,
            realtime=self._stage.realtime,
            flags=flags,
            journal=self._journal,
            scenario=scenario,
            script=lambda: self._stage.scenario,
            stubs=self._stage.stubs,
            faults=self._stage.faults,
            timelines=self._stage.timelines,
            disk=self._disk,
            hang=self._hang,
            on_death=self._died,
        )

    def _positions(self, scenario: Scenario) -> Quirks:
        """Return the position of every quirk. Raises `UnknownQuirk`."""
        return Quirks(self._fidelity or scenario.fidelity, {**scenario.quirks, **self._quirks})

    @property
    def seed(self) -> int:
        """The seed of every id and every random choice: the constructor's, else the scenario's, else 0."""
        return self._seed if self._seed is not None else self._stage.scenario.seed

    # ---- what happened ---------------------------------------------------------------------------------------------------------------

    @property
    def journal(self) -> Journal:
        """Every line that crossed, those of child processes included."""
        self._children.collect(self._journal)
        return self._journal

    def calls(self, tool: str) -> list[Json]:
        """Return the arguments of every call of a tool of the application, in order."""
        return [each.params.get("arguments") for each in self.journal.callbacks(tool) if isinstance(each.params, dict)]

    @property
    def sessions(self) -> list[Session]:
        """The sessions of all processes, in the order in which they were made."""
        return [session for server in self._processes for session in server.runtime.surfaces.sessions.book]

    @property
    def mobs(self) -> list[Mob]:
        """The mobs of all processes that are not destroyed, by id."""
        return [mob for server in self._processes for mob in server.runtime.surfaces.mobs.world.all_mobs()]

    def history(self, session: str | None = None) -> list[JsonObject]:
        """Return the messages of a session, by id; without an id of the only one. Raises `LookupError` naming the sessions there are."""
        found = [each for each in self.sessions if session in (None, each.id)]
        if len(found) != 1:
            known = ", ".join(each.id for each in self.sessions) or "none"
            wanted = f"no session {session!r}" if session else f"{len(found)} sessions, so say which"
            raise LookupError(f"there is {wanted}; sessions of this mock: {known}")
        return list(found[0].messages)

    @property
    def violations(self) -> list[Violation]:
        """What the scenario or the contract did not allow, so far; unused scripts are not among them before the end."""
        processes = [each for server in self._processes for each in server.runtime.violations]
        return [*self._stage.violations, *processes, *self._hang.violations, *self._children.violations]

    @property
    def verdict(self) -> list[Finding]:
        """Findings about the client: advice that fails no test by itself."""
        from meerkat_mock.verdict import verdict

        return verdict(self.journal)

    def assert_clean(self) -> None:
        """Raise `MockViolations` with every violation, and with every script that was never used unless `strict` is off.

        Raises `ScenarioError`, `UnknownFault` or `UnknownQuirk` for what is wrong with the scripting itself.
        """
        __tracebackhide__ = True
        self._stage.follow()  # what is wrong with the scripting counts, too, when the application swallowed it
        self._positions(self._stage.scenario)
        found = self.violations + self._stage.unverified(self.journal)
        found += self._children.still_unused(self._stage.unused()) if self.strict else []
        if found:
            raise MockViolations(found)

    def failure_sections(self) -> list[tuple[str, str]]:
        """Return what helps to understand a failed test: title and text of each section."""
        from meerkat_mock.report.conversation import render_conversation
        from meerkat_mock.report.journal_tail import render_journal_tail
        from meerkat_mock.scenario.document import ScenarioError

        waits = "\n".join(f"{wait.due - self.clock.now():+.3f} s  {wait.kind}: {wait.why}" for wait in self.clock.agenda())
        sections = [
            ("conversation", render_conversation(self.journal)),
            ("journal tail", render_journal_tail(self.journal)),
            ("agenda", waits),
            ("violations", "\n\n".join(map(str, self.violations))),
        ]
        with contextlib.suppress(ScenarioError):  # a scenario that cannot be read has no seed, and is the failure itself
            sections += [("delivery", self._order.told if self._order is not None else ""), ("seed", str(self.seed))]
        return [(title, text) for title, text in sections if text]

    # ---- life ------------------------------------------------------------------------------------------------------------------------

    def __enter__(self) -> MeerkatMock:  # noqa: PYI034 - typing.Self needs Python 3.11
        self._entered.enter_context(self.intercepting())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        __tracebackhide__ = True
        self.stop()
        if kind is None or self._cancelled_by_us(kind):
            self.assert_clean()

    def stop(self) -> None:
        """Intercept no more and let go of every connection, without waiting."""
        self._entered.close()
        for server in self._processes:
            server.abandon()

    async def __aenter__(self) -> MeerkatMock:  # noqa: PYI034 - typing.Self needs Python 3.11
        self._entered.enter_context(self.intercepting())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        __tracebackhide__ = True
        self._entered.close()
        await asyncio.gather(*(server.close() for server in self._processes))
        if kind is None or self._cancelled_by_us(kind):
            self.assert_clean()

    def _cancelled_by_us(self, kind: type[BaseException]) -> bool:
        """Tell whether what leaves the block is the cancelling that ended a hang: the violation says more than that."""
        return self._hang.cancelled and issubclass(kind, asyncio.CancelledError)


def _refuse_wrong(
    clock: ClockName, fidelity: Fidelity | None, quirks: Mapping[str, bool] | None, seed: int | None, delivery: str | Order, strict: bool
) -> None:
    """Raise at once for what could else only be told while the application connects, which may swallow it."""
    for name, given, known in (("clock", clock, get_args(ClockName)), ("fidelity", fidelity or "server", get_args(Fidelity))):
        if given not in known:
            raise ValueError(f"{name} is {', '.join(known[:-1])} or {known[-1]}, not {given!r}")
    if seed is not None and type(seed) is not int:
        raise TypeError(f"seed is a whole number, not {seed!r}")
    if type(strict) is not bool:
        raise TypeError(f"strict is True or False, not {strict!r}")
    Quirks(fidelity or "server", quirks)
    if delivery != "declared":
        from meerkat_mock.delivery.order import order_of

        order_of(delivery, 0)


def flags_of(options: ConnectOptions) -> Flags:
    """Return the flags that the options of `MeerkatClient.connect` become on a command line (spec 08, section 2.3)."""
    backend = options.realm_backend
    return Flags(
        realm=options.realm_id,
        isolated=options.isolated,
        instance=options.instance_id,
        realm_backend="jsonl" if backend == "jsonl" else "sqlite" if backend == "sqlite" else None,
        state_root=options.state_root,
        context_root=options.context_root,
        user_config_root=options.user_config_root,
        live_ws="127.0.0.1:0" if options.live_ws else None,
    )
