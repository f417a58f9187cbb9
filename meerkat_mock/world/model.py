"""What is asked of a model and what it answers: the two values between the agent loop and whoever plays the provider.

Both are plain data. The loop acts an answer out (deltas, pace, retries, failures); which answer is due is decided by the scenario's
player or by another stand-in. Neither side knows the other.

Chunks: an answer is streamed as the chunks of `think`, then those of `say`, then one per call. `CleanCut` and `Reset` have already
been applied: an answer holds only the chunks that are sent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence

    from meerkat.wire.base import Json

Purpose = Literal["turn", "extraction", "compaction"]
StopReason = Literal["end_turn", "tool_use", "max_tokens", "stop_sequence", "content_filter", "cancelled"]
"""Stop reasons as the runtime knows them (spec 02, section 10.2)."""

DEFAULT_INPUT_TOKENS = 10
DEFAULT_OUTPUT_TOKENS = 5


@dataclass(eq=False)
class ModelRequest:
    """One call of a model: what a provider would see, and the facts of the session that a scenario may match.

    `messages` have the shape of `session/history` (spec 02, section 10.2) and end with what the model is to answer: user message,
    tool results, or for `extraction` the runtime's own instruction. `prompt` is the user text of the running turn, None in a run without.
    `attempt_key` names the prompt and stays the same when a failed prompt is run again; None: the conversation itself is the key.
    """

    session_id: str
    messages: Sequence[Mapping[str, Json]]
    tools: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: {})
    purpose: Purpose = "turn"
    output_schema: Mapping[str, Json] | None = None
    model: str = ""
    provider: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: {})
    identity: str | None = None
    """Identity of the mob member whose session this is."""
    mob: str | None = None
    """Name (definition id) of its mob."""
    prompt: str | None = None
    attempt_key: str | None = None


@dataclass(frozen=True)
class ModelCall:
    """A tool call of the model. `arguments` is an object, or a text sent as it is (malformed JSON, empty, ...).

    `result` or `error` script a tool of the runtime itself, which then does not run; `after` delays that scripted answer (seconds).
    """

    id: str
    name: str
    arguments: Mapping[str, Json] | str = field(default_factory=lambda: {})
    result: Json = None
    has_result: bool = False
    """True when `result` is scripted (a scripted null is a result, too)."""
    error: str | None = None
    after: float = 0.0

    @property
    def scripted(self) -> bool:
        """Tell whether the scenario answers this call instead of the tool."""
        return self.has_result or self.error is not None


@dataclass(frozen=True)
class ModelImage:
    """An image that the model generated; `width` and `height` in pixels."""

    media_type: str
    data_base64: str
    width: int = 1
    height: int = 1


@dataclass(frozen=True)
class ModelUsage:
    """Tokens that the provider reports for one call; cache counters are None when it reports none."""

    input: int = DEFAULT_INPUT_TOKENS
    output: int = DEFAULT_OUTPUT_TOKENS
    cache_read: int | None = None
    cache_creation: int | None = None


@dataclass(frozen=True)
class Complete:
    """The stream ends as it should."""


@dataclass(frozen=True)
class ProviderFailure:
    """The provider refuses the call: HTTP `status` and response `body`, exactly as sent; no chunk comes before it."""

    status: int
    message: str
    body: str


@dataclass(frozen=True)
class CleanCut:
    """The stream ends after the chunks without its last one: complete for the runtime, usage 0, a call under way is lost (spec 03, 6.3)."""


@dataclass(frozen=True)
class Reset:
    """The connection breaks after the chunks: partial deltas, then the runtime's retries (spec 03, 6.3)."""


@dataclass(frozen=True)
class CallFailed:
    """The call came to nothing for a reason that no HTTP status tells, after the chunks that came before it.

    With `kind` (as in `retry.failure`, spec 03, 3.2) it took too long, `duration_ms` in all, and is worth another try; without, it is not.
    """

    message: str
    kind: Literal["network_timeout", "call_timeout"] | None = None
    duration_ms: int = 0


Ending = Complete | ProviderFailure | CleanCut | Reset | CallFailed


@dataclass(frozen=True)
class ModelAnswer:
    """One answer of a model, ready to be acted out.

    `pace_first` seconds pass before anything, `pace_each` before every chunk of `think`, `say` and `calls`, and once more before the end.
    `source` says where the answer came from: `auto`, `inline`, or `file:line` of the round.
    """

    think: tuple[str, ...] = ()
    say: tuple[str, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    images: tuple[ModelImage, ...] = ()
    stop: StopReason = "end_turn"
    usage: ModelUsage = ModelUsage()
    pace_first: float = 0.0
    pace_each: float = 0.0
    ending: Ending = Complete()
    source: str = "auto"
    sends: tuple[tuple[str, str], ...] = ()
    """Messages that this round sends to other mob members, in their order: identity and text."""
    wait_for: tuple[str, ...] = ()
    """Identities of mob members whose turn must end before this round answers."""

    @property
    def text(self) -> str:
        """Return the whole text that is said."""
        return "".join(self.say)


Chunk = tuple[Literal["reasoning_delta", "text_delta"], str]
"""A piece of reasoning or text that has just come: the event it shows as, and the text."""


class Arriving(ABC):
    """An answer that is still on its way from a model that is really asked. Nothing is sent before its chunks are asked for."""

    @abstractmethod
    def chunks(self) -> AsyncGenerator[list[Chunk], None]:
        """Yield what comes, as it comes, and never raise what went wrong. Closing the generator gives the call up."""

    @abstractmethod
    def heard(self) -> ModelAnswer:
        """Return the whole answer; valid once `chunks` is exhausted."""


class AnswersModelRequests(Protocol):
    """Whoever plays the provider without waiting: the scenario's player, or a stand-in of a test."""

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the answer that is due now, and count it as given."""
        ...


class AsyncModel:
    """Offers a synchronous player where an awaitable model is asked for."""

    def __init__(self, player: AnswersModelRequests) -> None:
        self._player = player

    def answer(self, request: ModelRequest) -> Awaitable[ModelAnswer]:
        """Return the player's answer as an awaitable that never waits."""
        return self._answer(request)

    async def _answer(self, request: ModelRequest) -> ModelAnswer:
        return self._player.answer(request)
