"""Turns of a session that exists: started and interrupted (spec 02, sections 3 and 4). Streamed ones are in `streams`."""

from __future__ import annotations

import meerkat
from meerkat.client.base import Surface
from meerkat.errors import MeerkatError
from meerkat.parsing.runs import parse_run_result
from meerkat.wire.base import JsonObject

NOTHING_TO_STOP = "Failed to interrupt session: Internal error: failed to hard cancel run: Control failed: session not found: "
"""How the server says that a session is not loaded, and so runs nothing."""


class Turns(Surface):
    """The methods about turns."""

    async def start_turn(self, params: JsonObject) -> meerkat.RunResult:
        """Run a turn (`turn/start`) with params as they go over the wire; `Session.turn` is the convenient form.

        Turns of one session wait for each other here. Raises `TurnFailedError`, `TurnStalledError`, `RequestCancelledError`.
        """
        return parse_run_result(await self._request("turn/start", params))

    async def interrupt_turn(self, session_id: str) -> None:
        """Stop the turn of a session, if one runs (`turn/interrupt`); it then fails with `RequestCancelledError` and leaves no trace.

        A session whose last turn was stopped has nothing to stop either, which the server calls an error (spec 02, section 4).
        """
        try:
            await self._request("turn/interrupt", {"session_id": session_id})
        except MeerkatError as error:
            if not error.message.startswith(NOTHING_TO_STOP):
                raise
