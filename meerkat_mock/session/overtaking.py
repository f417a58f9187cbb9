"""Events that come late, on demand: the response before the last event of its run, `tool/execute` before its announcement.

The real server shows both now and then (spec 03, section 4.2); here they happen every time once their quirk is turned on, so that a
client is tried. Lines are only held back, never reordered among themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.connection import Connection
    from meerkat_mock.quirks import Quirks

_ANNOUNCEMENTS = (b'"payload":{"type":"tool_call_requested"', b'"payload":{"type":"tool_execution_started"')
_TERMINAL = (b'"payload":{"type":"run_completed"',)


class LateSink:
    """Stands before a connection and holds some lines back until the next one, or until `release`."""

    def __init__(self, connection: Connection, late: tuple[bytes, ...]) -> None:
        self._connection = connection
        self._late = late
        self._held: list[bytes] = []

    @property
    def congested(self) -> bool:
        """True when the client does not read fast enough."""
        return self._connection.congested

    async def drained(self) -> None:
        """Wait until the client has read enough."""
        await self._connection.drained()

    def offer(self, line: bytes) -> None:
        """Send the line of an event, after those that were held back; or hold it back."""
        if any(mark in line for mark in self._late):
            self._held.append(line)
            return
        self.release()
        self._connection.offer(line)

    def release(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, []
        for line in held:
            self._connection.offer(line)


def sink_for(connection: Connection | None, quirks: Quirks) -> Connection | LateSink | None:
    """Return where the events of a run go: the connection, or something that lets its other lines overtake them."""
    late = (
        *(_ANNOUNCEMENTS if quirks.on("tool_execute_overtakes_events") else ()),
        *(_TERMINAL if quirks.on("response_overtakes_events") else ()),
    )
    return LateSink(connection, late) if connection is not None and late else connection
