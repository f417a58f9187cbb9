"""The server's side of a provider connection: commands in, provider events in, observations out (spec 07, sections 3, 5 and 7).

Owns what is staged, which answer is playing and the latch of `turn_interrupted`. It writes nothing anywhere; observations go into the
outbox of its channel.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Literal

from meerkat_mock.agent.json_text import BadJson, read_json
from meerkat_mock.live.base64_text import BadBase64, decoded
from meerkat_mock.live.observations import (
    READY,
    STATUS_CLOSED,
    STATUS_READY,
    ZERO_USAGE,
    error,
    invalid_request,
    observed,
    present,
    rejected,
    skipped,
    usage_of,
)
from meerkat_mock.world.realtime import SAMPLE_RATE_HZ
from meerkat_mock.world.realtime_events import (
    NO_ACTIVE_RESPONSE,
    AnswerDelta,
    AnswerDone,
    AudioDelta,
    CallDone,
    Ended,
    ItemSeen,
    ItemTruncated,
    OutputSeen,
    PartialTranscript,
    ProviderError,
    ResponseDone,
    ResponseStarted,
    SpeechCommitted,
    SpeechStarted,
    UserTranscript,
)

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.clock import Clock, Wait
    from meerkat_mock.ids import IdSource
    from meerkat_mock.live.outbox import Outbox
    from meerkat_mock.world.realtime import RealtimeConnection
    from meerkat_mock.world.realtime_events import ProviderEvent

TurningMode = Literal["provider_managed", "explicit_commit"]

MAX_AUDIO_BYTES = 15 * 1024 * 1024
_INCOMPLETE = {"max_output_tokens": "max_tokens", "max_tokens": "max_tokens", "content_filter": "content_filter"}
_NO_COMMIT = "realtime commit_turn is only valid for explicit_commit sessions"
_NOTHING_STAGED = "realtime commit_turn requires staged input"
PROVIDER_ERROR: JsonObject = {"code": "provider_error"}
RESPONSE_LIMIT_SECONDS = 3 * 0.75
"""How long the provider may take to start a response after a commit."""
CONNECTION_LOST = "Network timeout after 0ms"
CONNECTION_RESET = "Connection reset"


class AdapterClosed(Exception):
    """A command for an adapter whose provider connection is over."""


class Adapter:
    """One channel's adapter. `provider` is set once, right after it was made."""

    provider: RealtimeConnection

    def __init__(self, mode: TurningMode, outbox: Outbox, ids: IdSource, clock: Clock, *, latches: bool) -> None:
        self._mode = mode
        self._outbox = outbox
        self._ids = ids
        self._clock = clock
        self._latches = latches
        self._unanswered: Wait | None = None
        """Ends the channel unless the provider starts a response before."""
        self._staged: list[tuple[str, str]] = []
        self._staged_audio = False
        self._audible: str | None = None
        """The response whose audio is coming in."""
        self._latch: str | None = None
        """The response whose interruption was told last; until it is reset no other one is told."""
        self._told: set[str] = set()
        self._stale: set[str] = set()
        self._streaming: dict[str, str] = {}
        """The transcript so far of every item whose end has not come."""
        self._response_of: dict[str, str] = {}
        self.closed = False
        """True when nothing can be sent to the provider any more."""
        outbox.put(READY)

    # ---- commands --------------------------------------------------------------------------------------------------------------------

    def send_input(self, chunk: JsonObject) -> None:
        """Take a piece of input as the contract writes it, its base64 checked already. Raises `AdapterClosed`."""
        self._check_open()
        match chunk["kind"]:
            case "text":
                self._text(str(chunk["text"]))
            case "audio":
                self._audio_chunk(chunk)
            case "image":
                self._reject_kind("image_input_not_implemented")
            case _:
                self._reject_kind("video_frame_input_not_implemented")

    def send_audio(self, size: int) -> None:
        """Take so many bytes of audio in the format of the channel. Raises `AdapterClosed`."""
        self._check_open()
        if size > MAX_AUDIO_BYTES:
            self.fail(invalid_request(f"input_audio_buffer.append exceeds 15MB ({size} bytes)"))
            return
        self._staged_audio = self._staged_audio or size > 0
        self.provider.append_audio(size)

    def _audio_chunk(self, chunk: JsonObject) -> None:
        rate, channels = chunk["sample_rate_hz"], chunk["channels"]
        if (rate, channels) != (SAMPLE_RATE_HZ, 1):
            reason: JsonObject = {
                "kind": "audio_input_format_mismatch",
                "expected_sample_rate_hz": SAMPLE_RATE_HZ,
                "expected_channels": 1,
                "actual_sample_rate_hz": rate,
                "actual_channels": channels,
            }
            text = (
                f"live adapter send_input: audio chunk declared rate={rate}Hz ch={channels} "
                "but OpenAI Realtime session is fixed at rate=24000Hz ch=1 (PCM mono)"
            )
            self._outbox.put(rejected(reason, text))
            return
        self.send_audio(len(base64.b64decode(str(chunk["data"]))))

    def _reject_kind(self, kind: str) -> None:
        self._outbox.put(rejected({"kind": kind}, f"Invalid input shape: {kind}"))

    def _text(self, text: str) -> None:
        item_id = f"mk_text_{self._ids.uuid7().replace('-', '')[:12]}{self._ids.uuid4().replace('-', '')[:12]}"
        if self._mode == "explicit_commit":
            self._staged.append((item_id, text))
            self.provider.add_text(item_id, text)
            return
        self._typed_turn(item_id, text)
        self.provider.add_text(item_id, text)
        self.provider.respond(spoken=True)

    def _typed_turn(self, item_id: str, text: str) -> None:
        self._put(STATUS_READY, STATUS_READY)
        self._put({"observation": "user_transcript_final", "provider_item_id": item_id, "content_index": 0, "text": text}, STATUS_READY)

    def commit(self, *, spoken: bool) -> None:
        """End the staged turn and ask for an answer. Raises `AdapterClosed`; what the mode does not allow ends the channel."""
        self._check_open()
        if self._mode != "explicit_commit" or not (self._staged or self._staged_audio):
            self.fail(invalid_request(_NO_COMMIT if self._mode != "explicit_commit" else _NOTHING_STAGED))
            return
        for item_id, text in self._staged:
            self._typed_turn(item_id, text)
        if self._staged_audio:
            self.provider.commit_audio()
        self._staged, self._staged_audio = [], False
        self._expect_response()
        self.provider.respond(spoken=spoken)

    def _expect_response(self) -> None:
        """Give the provider three times 750 ms to start a response after a commit (section 5.3).

        Assumption: the server's retries do not show, and a provider that is merely slow does not answer them one by one.
        """
        self._answered()
        due = self._clock.now() + RESPONSE_LIMIT_SECONDS
        self._unanswered = self._clock.at(due, "pause", "the realtime provider starts a response", self._never_answered)

    def _answered(self) -> None:
        if self._unanswered is not None:
            self._unanswered.cancel()
            self._unanswered = None

    def _never_answered(self) -> None:
        self.fail(error(PROVIDER_ERROR, f"Network timeout after {round(RESPONSE_LIMIT_SECONDS * 1000)}ms"))

    def interrupt(self) -> None:
        """Cancel the answer under way. Raises `AdapterClosed`."""
        self._check_open()
        self.provider.cancel()

    def truncate(self, item_id: str) -> None:
        """Have an item cut to what was heard of it. Raises `AdapterClosed`."""
        self._check_open()
        self.provider.truncate(item_id)

    def refresh(self) -> None:
        """Hand instructions and tools on again: nothing of it shows. Raises `AdapterClosed`."""
        self._check_open()

    def tool_answered(self, *, succeeded: bool) -> None:
        """Hand the output of a tool on; only after a success the model goes on (section 9)."""
        if self.closed:
            return
        self.provider.tool_output()
        if succeeded:
            self.provider.respond(spoken=True)

    def close(self) -> None:
        """Let go of the provider. May be called any number of times."""
        self.closed = True
        self._answered()
        self.provider.close()

    def fail(self, observation: JsonObject) -> None:
        """End the channel with an `error` observation. Later calls do nothing."""
        if not self.closed:
            self.close()
            self._outbox.put(observation)

    def _check_open(self) -> None:
        if self.closed:
            raise AdapterClosed

    def _put(self, *observations: JsonObject) -> None:
        for observation in observations:
            self._outbox.put(observation)

    # ---- provider events -------------------------------------------------------------------------------------------------------------

    def hear(self, event: ProviderEvent) -> None:
        """Make observations of one event of the provider."""
        if self.closed:
            return
        match event:
            case SpeechStarted():
                if self._audible is not None:
                    self._interrupted(self._audible)
                self._put(STATUS_READY)
            case SpeechCommitted():
                self._committed()
            case PartialTranscript():
                self._put(STATUS_READY)
            case UserTranscript():
                final = present(provider_item_id=event.item_id, previous_item_id=event.previous, content_index=0, text=event.text)
                self._put({"observation": "user_transcript_final", **final})
            case ItemSeen(kind="tool"):
                self._put(skipped(event.item_id, event.previous))
            case ItemSeen():
                self._put(observed(event.item_id, event.previous, event.kind, None))
            case OutputSeen(kind="assistant"):
                self._response_of[event.item_id] = event.response_id
                self._put(observed(event.item_id, None, "assistant", event.response_id))
            case ItemTruncated():
                self._truncated(event.item_id)
            case ResponseStarted():
                self._answered()
            case AudioDelta():
                self._audio(event)
            case AnswerDelta():
                self._delta(event)
            case AnswerDone():
                self._answer_done(event)
            case CallDone():
                self._call(event)
            case ResponseDone():
                self._response_done(event)
            case ProviderError():
                self._provider_error(event)
            case Ended():
                self._ended(event)
            case _:
                pass

    def _committed(self) -> None:
        """A spoken turn is complete; an answer that still plays and was not reported is interrupted by it (section 5.3)."""
        self._staged_audio = False
        self._put(STATUS_READY)
        playing = self._audible
        if playing is not None:
            self._stale.add(playing)
            if playing not in self._told:
                self._interrupted(playing)
                self._put(STATUS_READY, STATUS_READY)

    def _interrupted(self, response_id: str) -> None:
        if response_id in self._told or (self._latch is not None and self._latches):
            return
        self._told.add(response_id)
        self._latch = response_id
        self._put({"observation": "turn_interrupted", "response_id": response_id})

    def _truncated(self, item_id: str) -> None:
        fields = present(
            provider_item_id=item_id, content_index=0, response_id=self._response_of.get(item_id), text=self._streaming.get(item_id)
        )
        self._put({"observation": "assistant_transcript_truncated", **fields})

    def _audio(self, event: AudioDelta) -> None:
        try:
            decoded(event.data)
        except BadBase64 as bad:
            self.fail(error(PROVIDER_ERROR, f"provider sent invalid base64 audio chunk: {bad}"))
            return
        self._audible, self._latch = event.response_id, None
        self._outbox.put_audio(
            {
                "observation": "assistant_audio_chunk",
                "data": event.data,
                "sample_rate_hz": SAMPLE_RATE_HZ,
                "channels": 1,
                "response_id": event.response_id,
                "item_id": event.item_id,
                "content_index": 0,
            }
        )

    def _delta(self, event: AnswerDelta | AnswerDone, text: str | None = None) -> None:
        words = event.text if text is None else text
        if event.spoken:
            self._streaming[event.item_id] = self._streaming.get(event.item_id, "") + words
        fields = present(
            provider_item_id=event.item_id,
            previous_item_id=event.previous,
            content_index=0,
            response_id=event.response_id,
            delta_id=event.event_id,
            delta=words,
        )
        self._put({"observation": "assistant_transcript_delta" if event.spoken else "assistant_text_delta", **fields})

    def _answer_done(self, event: AnswerDone) -> None:
        """Close a spoken item, with one more delta if the deltas were incomplete; nothing closes a written one."""
        if not event.spoken:
            return
        so_far = self._streaming.get(event.item_id, "")
        if event.text != so_far and event.text.startswith(so_far):
            self._delta(event, event.text[len(so_far) :])
        self._streaming.pop(event.item_id, None)
        fields = present(
            provider_item_id=event.item_id,
            previous_item_id=event.previous,
            content_index=0,
            response_id=event.response_id,
            text=event.text,
            stop_reason="end_turn",
            usage=ZERO_USAGE,
        )
        self._put({"observation": "assistant_transcript_final", **fields})

    def _call(self, event: CallDone) -> None:
        arguments: Json
        try:
            arguments = read_json(event.arguments)
        except BadJson:
            arguments = event.arguments
        self._put(
            {
                "observation": "tool_call_requested",
                "provider_call_id": event.call_id,
                "tool_name": event.name,
                "arguments": arguments,
            }
        )

    def _response_done(self, event: ResponseDone) -> None:
        if self._audible == event.response_id:
            self._audible = None
        if event.status == "cancelled":
            self._interrupted(event.response_id)
        if event.response_id not in self._stale:
            self._put(
                {
                    "observation": "turn_completed",
                    "response_id": event.response_id,
                    "stop_reason": _stop_reason(event),
                    "usage": usage_of(event.tokens),
                }
            )
        if self._latch != event.response_id:
            self._latch = None

    def _provider_error(self, event: ProviderError) -> None:
        if event.code != NO_ACTIVE_RESPONSE:
            self.fail(error(PROVIDER_ERROR, provider_message(event)))

    def _ended(self, event: Ended) -> None:
        if event.lost:
            self.fail(error(PROVIDER_ERROR, CONNECTION_LOST))
        else:
            self.fail(STATUS_CLOSED)


def refusal_text(why: Literal["unreachable", "reset"] | ProviderError) -> str:
    """Return what the server makes of a connection that did not come about (section 3.1, row 8)."""
    if isinstance(why, ProviderError):
        return provider_message(why)
    return CONNECTION_LOST if why == "unreachable" else CONNECTION_RESET


def provider_message(event: ProviderError) -> str:
    """Return what the server makes of an error of the provider, by its type (section 3.1, row 8)."""
    match event.type:
        case "invalid_request_error":
            return f"Invalid request: {event.message}"
        case "authentication_error":
            return f"Authentication failed: {event.message}"
        case "rate_limit_error":
            return "Rate limited"
        case "server_error":
            return f"Server error: 500 - {event.message}"
        case _:
            return f"Unknown error: {event.message}"


def _stop_reason(event: ResponseDone) -> str:
    if event.status == "cancelled":
        return "cancelled"
    if event.calls:
        return "tool_use"
    if event.status == "incomplete":
        return _INCOMPLETE.get(event.reason or "", "end_turn")
    return "end_turn"


def terminal_code(observation: JsonObject) -> str | None:
    """Return the code with which an observation ends its channel, None when the channel goes on."""
    if observation["observation"] != "error":
        return None
    code = observation["code"]
    return str(code["code"]) if isinstance(code, dict) else "internal_error"
