"""What turn streams need of the client: their requests made in the background, and lost events looked up in the server's log.

Owns the tasks of streamed turns, also of streams that were left. Sees the client as one request function.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from meerkat.errors import MeerkatError
from meerkat.streaming.feed import CURRENT_FEED, Hole, TurnFeed

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

log = logging.getLogger("meerkat")

LOOK_BACK = 512
"""Log entries fetched beyond those of the run so far: notices and other runs may stand between."""


class Ask(Protocol):
    """The client's request, looked up anew for every call."""

    async def __call__(self, method: str, params: JsonObject) -> JsonObject:
        """Ask the server."""
        ...


class Dispatcher:
    """The background side of one client's turn streams."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._tasks: set[asyncio.Task[JsonObject]] = set()

    def dispatch(self, method: str, params: JsonObject, feed: TurnFeed) -> asyncio.Task[JsonObject]:
        """Make the request in a task of its own, with the events of its run going to `feed`."""
        before = CURRENT_FEED.set(feed)
        try:
            # the task takes a copy of the present context with it
            task = asyncio.ensure_future(self._ask(method, params))
        finally:
            CURRENT_FEED.reset(before)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def refill(self, session_id: str, hole: Hole) -> list[JsonObject]:
        """Return the events of a hole from the durable log, `[]` when it does not have them all or they cannot be placed for sure.

        The log numbers differently and lags behind (spec 03, section 8.4), so the run is found by its `run_started`, and the events
        on both sides of the hole must be where they are expected.
        """
        scope: JsonObject = {"type": "session", "session_id": session_id}
        try:
            latest = (await self._ask("events/latest_cursor", {"scope": scope})).get("cursor")
            sequence = latest.get("sequence") if isinstance(latest, dict) else None
            if not isinstance(sequence, int):
                return []
            start = max(0, sequence - (hole.last - hole.run_started_at) - LOOK_BACK)
            answer = await self._ask("events/list_since", {"scope": scope, "cursor": {"scope": scope, "sequence": start}})
        except MeerkatError as error:
            log.warning("the server's log could not be asked for lost events: %s", error)
            return []
        return _cut_out(_events(answer.get("events")), hole)


def _events(items: Json) -> list[JsonObject]:
    events: list[JsonObject] = []
    for item in items if isinstance(items, list) else []:
        event = item.get("event") if isinstance(item, dict) else None
        if isinstance(event, dict):
            events.append(event)
    return events


def _cut_out(events: list[JsonObject], hole: Hole) -> list[JsonObject]:
    """Return the missing events, if what stands around them in the log is what arrived around the hole."""
    starts = [index for index, event in enumerate(events) if event.get("type") == "run_started"]
    if not starts:
        return []
    first = starts[-1] + hole.first - hole.run_started_at
    after = first + hole.last - hole.first + 1
    if first < 1 or after >= len(events) or events[first - 1] != hole.before or events[after] != hole.after:
        return []
    return events[first:after]
