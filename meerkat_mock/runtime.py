"""The simulated process: what all its connections share, and the surfaces that answer.

Owns nothing of a surface's state; it builds the surfaces, hands them what they share (clock, ids, quirks, realm, model, journal) and
knows which connection is the current one (spec 01, section 1).
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from meerkat.rpc import RpcError
from meerkat_mock.clock import Clock, VirtualClock
from meerkat_mock.constant import Constant
from meerkat_mock.contract.lines import check_error, check_result
from meerkat_mock.contract.outgoing import check_line
from meerkat_mock.flags import Flags, realm_of
from meerkat_mock.ids import IdSource
from meerkat_mock.journal import Journal
from meerkat_mock.quirks import Quirks
from meerkat_mock.scenario.player import Player
from meerkat_mock.store import settle_backend, store_of
from meerkat_mock.surfaces.all import surfaces_of
from meerkat_mock.surfaces.registry import Handlers
from meerkat_mock.turns import RunningTurns
from meerkat_mock.violations import Violation
from meerkat_mock.world.model import AsyncModel
from meerkat_mock.world.realtime_words import InlineRealtime, Realtime

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Model
    from meerkat_mock.connection import Connection
    from meerkat_mock.faults import Faults
    from meerkat_mock.hang import HangWatch
    from meerkat_mock.journal import Direction
    from meerkat_mock.scenario.models.scenario import Scenario
    from meerkat_mock.schedule.timelines import Timelines
    from meerkat_mock.store import Disk
    from meerkat_mock.stubs import Stubs
    from meerkat_mock.surfaces.registry import Call, Handler

log = logging.getLogger("meerkat_mock")


@dataclass(eq=False)
class World:
    """What a runtime is given from outside: time, chance, the model, and how faithful to be."""

    clock: Clock = field(default_factory=VirtualClock)
    seed: int | None = 0
    process: int = 0
    """Which process of its mock this is, from 0: no two of them make the same id."""
    quirks: Quirks = field(default_factory=Quirks)
    model: Model = field(default_factory=lambda: AsyncModel(Player()))
    realtime: Realtime = field(default_factory=InlineRealtime)
    """The provider behind live channels."""
    flags: Flags = field(default_factory=Flags)
    environ: Mapping[str, str] = field(default_factory=lambda: {})
    """The environment variables of the process, as far as it looks at them (spec 01, section 13.5)."""
    logins: Mapping[str, Json] = field(default_factory=lambda: {})
    """The script of the login endpoints (`world.oauth`)."""
    journal: Journal = field(default_factory=Journal)
    stubs: Stubs | None = None
    """What answers before any surface does."""
    faults: Faults | None = None
    """What goes wrong on purpose."""
    disk: Disk | None = None
    """Where realms are kept that have a name but no folder; None: nowhere."""
    timelines: Timelines | None = None
    """Who is told what becomes of schedules."""
    hang: HangWatch | None = None
    """Who ends hangs."""
    on_death: Callable[[str, bool], None] | None = None
    """Told why the process was killed, and whether another takes its place."""
    scenario: Scenario | None = None
    """What the surfaces hold at the start (`config`, `models`, `skills`, ...); what the model does is the business of `model`."""
    script: Callable[[], Scenario] | None = None
    """Gives the scenario as it stands, where a test may still add to it."""
    violations: list[Violation] = field(default_factory=lambda: [])
    """What the process has against its own lines: breaches of the contract, crashes of a handler."""


class Runtime:
    """One server process."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = world.clock
        self.quirks = world.quirks
        self.journal = world.journal
        self.model = world.model
        self.flags = world.flags
        self.scenario = world.scenario
        self.ids = IdSource(world.clock, world.seed, world.process)
        self.realm = realm_of(world.flags, self.ids)
        self.store = store_of(world.flags, self.realm, world.disk)
        settle_backend(self.realm, self.store, world.flags.realm_backend)
        self.turns = RunningTurns()
        self.violations = world.violations
        self.fatal_input = ""
        """Set when a connection ended because of bytes that are no UTF-8 or a line past the limit: the reason."""
        self.connections: list[Connection] = []
        self._on_connection: list[Callable[[], None]] = []
        self._on_connection_end: list[Callable[[Connection], None]] = []
        self._on_close: list[Callable[[], Awaitable[None]]] = []
        self.surfaces = surfaces_of(self)
        self.handlers = Handlers(self.surfaces.everything())

    # ---- connections -----------------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Connection | None:
        """The connection that gets `session/event` and serves callback tools: the one opened last, None once it has gone (spec 01, 1)."""
        last = self.connections[-1] if self.connections else None
        return None if last is None or last.closed else last

    def connection_opened(self, connection: Connection) -> None:
        """Make a new connection the current one; those that have ended are forgotten, however many clients come and go."""
        self.connections = [*(each for each in self.connections if not each.closed), connection]
        if self.world.hang is not None:
            self.world.hang.watch()
        for greet in self._on_connection:
            greet()

    def connection_closed(self, connection: Connection) -> None:
        """Let every surface forget what belonged to a connection that is going."""
        for forget in self._on_connection_end:
            forget(connection)
        if self.world.hang is not None:
            self.world.hang.rest()

    def connection_lost(self, connection: Connection) -> None:
        """Note that a connection broke instead of ending."""
        log.info("connection %d broke: %s", connection.number, self.fatal_input or "reset by the client")

    def at_connection(self, greet: Callable[[], None]) -> None:
        """Call `greet` with every connection that begins, in its event loop."""
        self._on_connection.append(greet)

    def at_connection_end(self, forget: Callable[[Connection], None]) -> None:
        """Call `forget` with every connection that ends."""
        self._on_connection_end.append(forget)

    def at_close(self, end: Callable[[], Awaitable[None]]) -> None:
        """Call `end` when the process ends: for what lives outside of it, like child processes."""
        self._on_close.append(end)

    async def close(self) -> None:
        """End what the surfaces keep running, what was built last first. May be called any number of times."""
        ends, self._on_close = self._on_close, []
        for end in reversed(ends):
            await end()
        self.store.close()

    @property
    def script(self) -> Scenario | None:
        """The scenario as it stands: for what is looked up when it happens, not when the process starts."""
        return self.scenario if self.world.script is None else self.world.script()

    # ---- around the handlers ---------------------------------------------------------------------------------------------------------

    def handler_of(self, method: str, connection: Connection) -> Handler | None:
        """Return who answers a method on a connection, None for an unknown one."""
        return self.surfaces.mob_connections.handler(method, connection) or self.handlers.get(method)

    def unserved(self, method: str) -> str | None:
        """Return why a known method is not served in this configuration (the message of -32601), or None."""
        if method.startswith("live/") and self.flags.live_ws is None:
            return f"Method not found: {method}"
        return None

    def must_wait(self, handler: Handler, params: dict[str, Any]) -> bool:
        """Tell whether an answer is held back until the turns that run now have ended (spec 01, section 5.5)."""
        return bool(self.turns) and self.quirks.on("reads_wait_for_turns") and handler.held is not None and handler.held(params)

    def turns_over(self, method: str) -> Awaitable[object]:
        """Return what ends when all turns that run now have ended."""
        return self.turns.all_over()

    def note(self, connection: Connection, direction: Direction, line: bytes, mark: str = "") -> None:
        """Put one line into the journal; `mark` says what is unusual about it."""
        self.journal.record(self.clock.now(), connection.number, direction, line, mark)

    def die(self, why: str, *, restart: bool) -> None:
        """Die as a process does that is killed: nothing is saved any more, every connection ends, what was queued is lost."""
        self.store.dead = True
        if self.world.on_death is not None:
            self.world.on_death(why, restart)
        for connection in self.connections:
            connection.die()

    def check_result(self, method: str, result: object) -> None:
        """Check a result of our own against the contract; a breach is a finding, and the result goes out all the same."""
        if isinstance(result, Constant) and result.judged_as == method:
            return
        breach = check_result(method, result)
        if breach is not None:
            self._breached(f"the mock's own result of {method} breaks the contract: {breach}")
        elif isinstance(result, Constant):
            result.judged_as = method

    def check_error(self, method: str, error: RpcError) -> None:
        """Check the code of an error answer of our own."""
        breach = check_error(method, error.code)
        if breach is not None:
            self._breached(f"the mock's own error answer to {method} breaks the contract: {breach} ({error.message})")

    def check_line(self, line: bytes) -> None:
        """Check a notification or a request of our own."""
        breach = check_line(line)
        if breach is not None:
            self._breached(f"a line of the mock's own breaks the contract: {breach}")

    def grammar_broken(self, session_id: str, breach: str) -> None:
        """Hold an event of our own that breaks the run grammar against ourselves."""
        self._breached(f"the mock's own events of session {session_id} break the run grammar: {breach}", "grammar")

    def _breached(self, what: str, code: str = "contract") -> None:
        """Hold a breach against ourselves, once however many lines repeat it."""
        violation = Violation(code, "", what, "", ("this is a defect of the mock; please report it with the line",))
        if violation not in self.violations:
            self.violations.append(violation)

    def crashed(self, call: Call, error: Exception) -> RpcError:
        """Turn an exception of ours into an error answer, and remember it: the mock's own bug must never look like the server's word."""
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        log.error("%s failed inside the mock:\n%s", call.method, text)
        self.violations.append(Violation("crash", "", f"{call.method} failed inside the mock:\n{text}"))
        return RpcError(-32603, f"meerkat_mock failed: {type(error).__name__}: {error}")
