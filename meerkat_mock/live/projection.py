"""How what was said on channels becomes the history of their session: by the links between items (spec 07, section 8.1).

One object per session, for all its channels: an item is written once, in the order of its links, and whatever links to an item that
never gets ready is held back with it. Pure: what is to be written is returned, who writes it is the channel's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from meerkat_mock.live.observations import ZERO_USAGE

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

Lane = Literal["spoken", "display"]


class ProjectionFailed(Exception):
    """An observation that the session rejects: the channel ends (section 8.4)."""


@dataclass(frozen=True)
class UserSaid:
    """A user message to write."""

    text: str


@dataclass(frozen=True)
class AssistantSaid:
    """One assistant message to write: its items as lane and text, in their order."""

    items: tuple[tuple[Lane, str], ...]
    stop_reason: str
    usage: JsonObject


@dataclass(frozen=True)
class NothingSaid:
    """A completion without words: subscribers are told, nothing is written."""

    stop_reason: str
    usage: JsonObject


Written = UserSaid | AssistantSaid | NothingSaid


@dataclass
class _Item:
    id: str
    previous: str | None = None
    skipped: bool = False
    """Passed over: it has no words, or they do not count."""
    user_text: str = ""
    lane: Lane | None = None
    text: str = ""
    deltas: set[str] = field(default_factory=set[str])


@dataclass
class _Response:
    items: list[str] = field(default_factory=lambda: [])
    stop_reason: str | None = None
    usage: JsonObject | None = None
    over: bool = False


class Projection:
    """The items of one session and what became of them."""

    def __init__(self) -> None:
        self._items: dict[str, _Item] = {}
        """Items that are not settled yet."""
        self._settled: set[str] = set()
        """Ids of items that were written or passed over: what links to them may be written."""
        self._responses: dict[str, _Response] = {}
        """Responses under way, and those that are held back."""
        self._answered: set[str] = set()
        """Ids of responses that nothing follows from any more."""

    def apply(self, observation: JsonObject) -> list[Written]:
        """Take one observation; return what can be written now, in order. Raises `ProjectionFailed`."""
        match observation["observation"]:
            case "user_transcript_final":
                return self._user_final(observation)
            case "assistant_transcript_delta":
                self._delta(observation, "spoken")
            case "assistant_text_delta":
                self._delta(observation, "display")
            case "assistant_transcript_final":
                self._final(observation)
            case "assistant_transcript_truncated":
                self._truncated(observation)
            case "realtime_transcript":
                return self._link(cast("JsonObject", observation["event"]))
            case "turn_interrupted":
                return self._interrupted()
            case "turn_completed":
                return self._completed(observation)
            case _:
                pass
        return []

    # ---- items -----------------------------------------------------------------------------------------------------------------------

    def _item(self, item_id: str, previous: object = None) -> _Item:
        """Return an item that is not settled; its link is the first predecessor that any frame names."""
        item = self._items.setdefault(item_id, _Item(item_id))
        if item.previous is None and isinstance(previous, str):
            item.previous = previous
        return item

    def _user_final(self, observation: JsonObject) -> list[Written]:
        text, item_id = str(observation["text"]), observation.get("provider_item_id")
        if not isinstance(item_id, str):
            return [UserSaid(text)]
        if item_id in self._settled:
            return []
        item = self._item(item_id, observation.get("previous_item_id"))
        item.user_text = item.user_text or text
        return self._settle()

    def _link(self, event: JsonObject) -> list[Written]:
        item_id, response_id = str(event["item_id"]), event.get("response_id")
        if item_id in self._settled:
            return []
        item = self._item(item_id, event["previous_item_id"])
        if event["type"] == "item_skipped":
            item.skipped = True
        elif isinstance(response_id, str) and response_id not in self._answered:
            self._belongs(item, response_id)
        return self._settle()

    def _belongs(self, item: _Item, response_id: str) -> bool:
        """Make an item part of a response; return False for one that has ended, which takes no more."""
        response = self._responses.setdefault(response_id, _Response())
        if not response.over and item.id not in response.items:
            response.items.append(item.id)
        return not response.over

    def _staged(self, observation: JsonObject, lane: Lane) -> _Item | None:
        """Return the item whose words come, None if they do not count: no response, written already, or the other lane."""
        response_id, item_id = observation.get("response_id"), observation.get("provider_item_id")
        if not response_id or not isinstance(response_id, str) or not isinstance(item_id, str):
            return None
        if response_id in self._answered or item_id in self._settled:
            return None
        item = self._item(item_id, observation.get("previous_item_id"))
        return item if self._belongs(item, response_id) and not item.skipped and item.lane in (None, lane) else None

    def _delta(self, observation: JsonObject, lane: Lane) -> None:
        item, text, delta_id = self._staged(observation, lane), str(observation["delta"]), observation.get("delta_id")
        if item is None or delta_id in item.deltas:
            return
        if isinstance(delta_id, str):
            item.deltas.add(delta_id)
        if text:
            item.lane, item.text = lane, item.text + text

    def _final(self, observation: JsonObject) -> None:
        item, text = self._staged(observation, "spoken"), str(observation["text"])
        if item is not None and text:
            item.lane, item.text = "spoken", text

    def _truncated(self, observation: JsonObject) -> None:
        if "response_id" not in observation or "provider_item_id" not in observation:
            raise ProjectionFailed("a truncation needs its response and its item")
        item = self._items.get(str(observation["provider_item_id"]))
        if item is not None:
            item.text = str(observation.get("text", ""))

    # ---- responses -------------------------------------------------------------------------------------------------------------------

    def _interrupted(self) -> list[Written]:
        """What was spoken in answers under way is gone altogether; what was written stays as a cancelled message."""
        for response in self._responses.values():
            if not response.over:
                response.over, response.stop_reason = True, "cancelled"
                self._drop(response, keep="display")
        return self._settle()

    def _drop(self, response: _Response, *, keep: Lane | None = None) -> None:
        for item_id in tuple(response.items):
            item = self._items[item_id]
            if keep is None or item.lane != keep:
                item.skipped = True
                response.items.remove(item_id)

    def _completed(self, observation: JsonObject) -> list[Written]:
        response_id, stop_reason = observation.get("response_id"), str(observation["stop_reason"])
        if not isinstance(response_id, str) or not response_id or response_id in self._answered:
            return []
        response = self._responses.setdefault(response_id, _Response())
        if response.over:
            return []
        response.over, response.usage = True, cast("JsonObject", observation["usage"])
        if stop_reason == "cancelled":
            self._drop(response)
            return self._settle()
        if stop_reason == "tool_use":
            response.items.clear()  # words before the call: never ready, and what links to them is held back
        self._skip_wordless(response)
        if response.items:
            response.stop_reason = stop_reason
            return self._settle()
        return [NothingSaid(stop_reason, response.usage), *self._settle()]

    def _skip_wordless(self, response: _Response) -> None:
        for item_id in tuple(response.items):
            if not self._items[item_id].text:
                response.items.remove(item_id)
                self._items[item_id].skipped = True

    # ---- writing ---------------------------------------------------------------------------------------------------------------------

    def _settle(self) -> list[Written]:
        """Write and pass over whatever has become ready, until nothing is."""
        written: list[Written] = []
        moved = True
        while moved:
            moved = self._settle_items(written) or self._settle_responses(written)
        return written

    def _settle_items(self, written: list[Written]) -> bool:
        ready = [item for item in self._items.values() if (item.skipped or item.user_text) and self._ready(item)]
        for item in ready:
            self._done(item)
            if not item.skipped:
                written.append(UserSaid(item.user_text))
        return bool(ready)

    def _settle_responses(self, written: list[Written]) -> bool:
        before = len(written)
        for response_id, response in tuple(self._responses.items()):
            if response.items and response.stop_reason is not None and self._all_ready(response):
                written.append(self._message(response))
            if response.over and not response.items:
                del self._responses[response_id]
                self._answered.add(response_id)
        return len(written) > before

    def _done(self, item: _Item) -> None:
        """Settle an item; no response waits for it any more."""
        del self._items[item.id]
        self._settled.add(item.id)
        for response in self._responses.values():
            if item.id in response.items:
                response.items.remove(item.id)

    def _ready(self, item: _Item, among: tuple[str, ...] = ()) -> bool:
        return item.previous is None or item.previous in among or item.previous in self._settled

    def _all_ready(self, response: _Response) -> bool:
        own = tuple(response.items)
        return all(self._ready(self._items[item_id], own) for item_id in own)

    def _message(self, response: _Response) -> AssistantSaid:
        items = [self._items[item_id] for item_id in response.items]
        response.items = []
        for item in items:
            self._done(item)
        said: tuple[tuple[Lane, str], ...] = tuple((item.lane or "spoken", item.text) for item in items)
        return AssistantSaid(said, str(response.stop_reason), response.usage or ZERO_USAGE)
