"""The realtime provider: one conversation per connection, with voice detection, responses and an audio clock.

Plays the other side of the server's provider connection. What is said comes from `Words`; the order of events is the provider's own. It
never sees a session, and knows nothing of what the server makes of its events.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.world.realtime_events import (
    NO_ACTIVE_RESPONSE,
    AnswerDelta,
    AnswerDone,
    AudioDelta,
    CallDone,
    Ended,
    Housekeeping,
    ItemSeen,
    ItemTruncated,
    OutputSeen,
    PartialTranscript,
    ProviderError,
    ResponseDone,
    ResponseStarted,
    SpeechCommitted,
    SpeechStarted,
    Tokens,
    UserTranscript,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meerkat_mock.clock import Clock
    from meerkat_mock.world.realtime_answers import Answer, SpokenChunk, ToolCall, Words
    from meerkat_mock.world.realtime_events import ItemKind, ProviderEvent

SAMPLE_RATE_HZ = 24_000
BYTES_PER_SECOND = SAMPLE_RATE_HZ * 2
"""PCM16, one channel."""


class RealtimeIds:
    """Numbers items, responses and events; unique in the life of the provider, so over all its connections."""

    def __init__(self) -> None:
        self._items = itertools.count(1)
        self._responses = itertools.count(1)
        self._events = itertools.count(1)
        self._calls = itertools.count(1)

    def item(self) -> str:
        """Return a new item id."""
        return f"item_{next(self._items)}"

    def response(self) -> str:
        """Return a new response id."""
        return f"resp_{next(self._responses)}"

    def event(self) -> str:
        """Return the id of the next event."""
        return f"event_{next(self._events)}"

    def call(self) -> str:
        """Return an id for a call whose script gives none."""
        return f"call_{next(self._calls)}"


class ConnectionCut(Exception):
    """The script breaks the connection here."""


@dataclass
class _Response:
    id: str
    spoken: bool
    emitted: int = 0
    """Events of this response so far; `cut` counts them."""
    cut: int | None = None


@dataclass(frozen=True)
class _Wish:
    spoken: bool


class RealtimeConnection:
    """One connection of the server to the provider. `start` it in a running loop; every event goes to `tell`."""

    def __init__(
        self,
        words: Words,
        ids: RealtimeIds,
        clock: Clock,
        tell: Callable[[ProviderEvent], None],
        room: Callable[[], Awaitable[None]],
        *,
        detects_speech: bool,
    ) -> None:
        self._words = words
        self._ids = ids
        self._clock = clock
        self._tell = tell
        self._room = room
        self._detects_speech = detects_speech
        self._items: dict[str, None] = {}
        self._last_item: str | None = None
        self._newest_text = ""
        self._answers_given = 0
        self._buffered = 0
        self._speaking = False
        self._wishes: deque[_Wish] = deque()
        self._playing: asyncio.Task[None] | None = None
        self._response: _Response | None = None
        self.ended = False

    # ---- what the server sends -------------------------------------------------------------------------------------------------------

    def add_text(self, item_id: str, text: str) -> None:
        """Take a typed user item."""
        self._newest(text)
        self._add_item(item_id, "user")

    def append_audio(self, size: int) -> None:
        """Take so many bytes of the user's speech; voice detection may end the turn with them."""
        if size <= 0 or self.ended:
            return
        self._buffered += size
        if not self._detects_speech:
            return
        if not self._speaking:
            self._speech_starts()
        if self._buffered >= self._words.vad_bytes:
            self._event(Housekeeping())
            self.commit_audio()
            self.respond(spoken=True)

    def commit_audio(self) -> None:
        """Make an item of the audio so far, and transcribe it."""
        self._buffered, self._speaking = 0, False
        text = self._words.heard()
        self._newest(text)
        previous, item_id = self._last_item, self._ids.item()
        self._event(SpeechCommitted())
        self._add_item(item_id, "user")
        self._event(PartialTranscript())
        self._event(UserTranscript(item_id, previous, text))

    def respond(self, *, spoken: bool) -> None:
        """Ask for a response; it waits for the one that is under way."""
        self._wishes.append(_Wish(spoken))
        self._proceed()

    def tool_output(self) -> None:
        """Take the output of a tool call."""
        self._add_item(self._ids.item(), "tool")

    def cancel(self) -> None:
        """Stop the response that is under way; one that waits for it comes next."""
        if self._stop_response():
            self._proceed()
        else:
            self._event(ProviderError("invalid_request_error", "Cancellation failed: no active response found", NO_ACTIVE_RESPONSE))

    def truncate(self, item_id: str) -> None:
        """Cut an item to what was heard of it."""
        if item_id in self._items:
            self._event(ItemTruncated(item_id))
        else:
            self._event(ProviderError("invalid_request_error", f"Item with item_id not found: {item_id}"))

    def close(self) -> None:
        """End the connection from the server's side: nothing is told any more."""
        self.ended = True
        self._wishes.clear()
        task, self._playing = self._playing, None
        if task is not None and not _is_current(task):
            task.cancel()

    # ---- inside ----------------------------------------------------------------------------------------------------------------------

    def _event(self, event: ProviderEvent, event_id: str | None = None) -> None:
        """Tell one event; whoever shows its id has taken one for it already."""
        if event_id is None:
            self._ids.event()
        if not self.ended:
            self._tell(event)

    def _newest(self, text: str) -> None:
        self._newest_text, self._answers_given = text, 0

    def _add_item(self, item_id: str, kind: ItemKind) -> None:
        seen = ItemSeen(item_id, self._last_item, kind)
        self._items[item_id] = None
        self._last_item = item_id
        self._event(seen)
        self._event(seen)

    def _speech_starts(self) -> None:
        self._speaking = True
        self._event(SpeechStarted())
        self._stop_response()

    def _stop_response(self) -> bool:
        """Cancel the response under way; return whether there was one."""
        task, response = self._playing, self._response
        if response is None or task is None:
            return False
        self._response = self._playing = None
        if not _is_current(task):
            task.cancel()
        self._event(ResponseDone(response.id, "cancelled", None, Tokens(), calls=False))
        return True

    def _proceed(self) -> None:
        if self._playing is None and self._wishes and not self.ended:
            self._playing = asyncio.ensure_future(self._play(self._wishes.popleft()))

    async def _play(self, wish: _Wish) -> None:
        answer = self._words.answer(self._newest_text, self._answers_given)
        self._answers_given += 1
        try:
            await self._answer(answer, wish)
        except ConnectionCut:
            self._end(lost=True)
        if self._playing is not None and _is_current(self._playing):
            self._playing = self._response = None
            if answer.then_closes:
                self._end(lost=False)
            self._proceed()

    def _end(self, *, lost: bool) -> None:
        self._event(Ended(lost))
        self.ended = True

    async def _answer(self, answer: Answer, wish: _Wish) -> None:
        await self._clock.pause(answer.first, "the realtime provider thinks")
        await self._room()
        if answer.silent or (answer.fails is not None and not answer.say):
            await self._clock.pause(answer.last, "the realtime provider is silent")
            if answer.fails is not None:
                self._event(answer.fails)
            return
        if answer.cut == 0:
            raise ConnectionCut
        written = not wish.spoken if answer.written is None else answer.written
        response = self._response = _Response(self._ids.response(), not written, cut=answer.cut)
        self._of(response, ResponseStarted(response.id))
        if answer.say:
            await self._message(response, answer)
        for call in answer.calls:
            self._call(response, call)
        await self._clock.pause(answer.last, "the realtime provider ends its response")
        if answer.fails is not None:
            self._event(answer.fails)
            return
        self._of(response, ResponseDone(response.id, answer.status, answer.reason, answer.tokens, calls=bool(answer.calls)))

    def _of(self, response: _Response, event: ProviderEvent, event_id: str | None = None) -> None:
        """Tell one event of a response. Raises `ConnectionCut` when the script breaks the connection behind it."""
        if self.ended:
            raise ConnectionCut
        self._event(event, event_id)
        response.emitted += 1
        if response.emitted == response.cut:
            raise ConnectionCut

    async def _message(self, response: _Response, answer: Answer) -> None:
        item_id, previous = self._ids.item(), self._last_item
        seen, output = ItemSeen(item_id, previous, "assistant"), OutputSeen(response.id, item_id, "assistant")
        self._of(response, output)
        self._items[item_id] = None
        self._last_item = item_id
        self._of(response, seen)
        await self._chunks(response, answer, item_id, previous)
        text = "".join(chunk.text for chunk in answer.say)
        event_id = self._ids.event()
        self._of(response, AnswerDone(response.id, item_id, previous, event_id, text, response.spoken), event_id)
        if response.spoken:
            self._of(response, Housekeeping())
        self._of(response, seen)
        self._of(response, output)

    async def _chunks(self, response: _Response, answer: Answer, item_id: str, previous: str | None) -> None:
        played = 0.0
        for chunk in answer.say:
            await self._clock.pause(answer.each + chunk.pause, "the realtime provider speaks")
            await self._room()
            self._chunk(response, answer, chunk, item_id, previous)
            if answer.paced_by_playing:
                played = await self._listen(answer, played, len(chunk.audio) / BYTES_PER_SECOND)

    def _chunk(self, response: _Response, answer: Answer, chunk: SpokenChunk, item_id: str, previous: str | None) -> None:
        if response.spoken:
            data = "*" if answer.bad_audio else base64.b64encode(chunk.audio).decode()
            self._of(response, AudioDelta(response.id, item_id, data))
        event_id = self._ids.event()
        self._of(response, AnswerDelta(response.id, item_id, previous, event_id, chunk.text, response.spoken), event_id)

    async def _listen(self, answer: Answer, played: float, length: float) -> float:
        """Let a chunk be heard, unless the user barges in before its end; return the seconds heard so far."""
        until = answer.barge_in.played if answer.barge_in is not None else None
        if until is not None and played <= until <= played + length:
            await self._clock.pause(until - played, f"the user listens for {until:g} s before speaking")
            self._speech_starts()
            self.commit_audio()
            self.respond(spoken=True)
            raise asyncio.CancelledError
        await self._clock.pause(length, "the answer is being played")
        return played + length

    def _call(self, response: _Response, call: ToolCall) -> None:
        item_id = self._ids.item()
        seen, output = ItemSeen(item_id, self._last_item, "tool"), OutputSeen(response.id, item_id, "tool")
        self._of(response, output)
        self._items[item_id] = None
        self._last_item = item_id
        self._of(response, seen)
        self._of(response, CallDone(call.id or self._ids.call(), call.tool, call.arguments))
        self._of(response, seen)
        self._of(response, output)


def _is_current(task: asyncio.Task[None]) -> bool:
    try:
        return task is asyncio.current_task()
    except RuntimeError:  # no loop runs: an owner that lets go from outside
        return False
