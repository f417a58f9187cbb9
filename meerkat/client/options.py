"""What a connection is asked for, and the limits a client keeps. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEST_DEADLINE_S = 60.0
"""How long an ordinary request may take. Turns have no deadline; use `asyncio.timeout` for them."""

START_DEADLINE_S = 75.0
"""How long the first answer may take: servers in `.rkat/mcp.toml` can hold it back for up to 60 s (spec 01, section 13.1)."""

EVENTS_HELD = 65_536
"""Events that one stream holds for its consumer; the next one makes the stream fail with `EventsLostError`."""

TAIL_WAIT_S = 10.0
"""How long a stream waits for the next event after its turn was answered; the longest delay seen was 0.6 s (spec 03, section 4.2)."""

STALL_AFTER_S = 2.0
"""How long a turn may wait after another run of its session has ended: one that is not left over starts within a fraction of a second."""

BUSY_EXIT_S = 6.5
"""How long `close` waits for a server that has a turn running, which takes 5 s to give it up (spec 01, section 13.4)."""


@dataclass(frozen=True)
class Limits:
    """The limits of one client. Seconds and counts; `None` for a deadline means none."""

    request_deadline_s: float | None = REQUEST_DEADLINE_S
    start_deadline_s: float | None = START_DEADLINE_S
    events_held: int = EVENTS_HELD
    tail_wait_s: float = TAIL_WAIT_S
    stall_after_s: float = STALL_AFTER_S
    busy_exit_s: float = BUSY_EXIT_S


@dataclass(frozen=True)
class ConnectOptions:
    """How to reach a server: by default a child process with these flags (spec 08, section 2.3)."""

    rkat_path: str = "rkat-rpc"
    realm_id: str | None = None
    instance_id: str | None = None
    realm_backend: str | None = None
    isolated: bool = False
    state_root: str | None = None
    context_root: str | None = None
    user_config_root: str | None = None
    live_ws: bool = False
    env: Mapping[str, str] | None = None
    """Variables added to those of this process; they win."""
    cwd: str | None = None
    extra_args: tuple[str, ...] = ()
    tcp: str | None = None
    """`HOST:PORT` of a server that already runs; then nothing is started and the flags do not apply."""

    def flags(self) -> list[str]:
        """Return the arguments for the server executable, in the order of spec 08, section 2.3."""
        arguments = ["--live-ws", "127.0.0.1:0"] if self.live_ws else []
        if self.isolated:
            arguments.append("--isolated")
        for flag, value in (
            ("--realm", self.realm_id),
            ("--instance", self.instance_id),
            ("--realm-backend", self.realm_backend),
            ("--state-root", self.state_root),
            ("--context-root", self.context_root),
            ("--user-config-root", self.user_config_root),
        ):
            if value:
                arguments += [flag, value]
        return [*arguments, *self.extra_args]
