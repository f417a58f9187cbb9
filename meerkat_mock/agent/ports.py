"""What the agent loop needs from the world around it, and what a run is given and leaves behind.

The loop itself does no I/O: it asks these ports at the points that the grammar names (spec 03, section 6) and yields events.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.clock import Clock
    from meerkat_mock.ids import IdSource
    from meerkat_mock.world.model import Arriving, ModelAnswer, ModelRequest

JsonObject = dict[str, "Json"]
Event = JsonObject
"""An agent event as it stands in `payload`: `{"type": ..., ...}` (spec 03, section 3)."""
Message = JsonObject
"""A message of the transcript as `session/history` shows it, `created_at` included (spec 02, section 10.2)."""
Block = JsonObject
"""A content block (spec 02, section 10.3)."""
Say = Callable[[Sequence[Event]], Awaitable[None]]
"""Takes events that follow each other at once; a pause, a model, a tool or a hook stands only between two calls."""


class Model(Protocol):
    """The provider's side: one call, one answer. Pace and failures are in the answer; the loop acts them out, or hears it arrive."""

    def answer(self, request: ModelRequest) -> Awaitable[ModelAnswer | Arriving]:
        """Return what the model does at this call."""
        ...


@dataclass(frozen=True)
class ToolOutcome:
    """What a tool call came to: its content blocks (text of a callback is exactly one text block) and whether it is an error."""

    content: tuple[Block, ...]
    is_error: bool = False


class ToolRefused(Exception):
    """A call that fails the whole run: no such tool, or hidden by policy. `str()` is the text after `Tool error: `."""


class Tools(Protocol):
    """The tools of one live agent: what the model is offered, and how a call is carried out."""

    def visible(self) -> dict[str, JsonObject]:
        """Return the offered definitions by name."""
        ...

    def check(self, name: str, overlay: ToolOverlay | None) -> None:
        """Raise `ToolRefused` unless `name` may be called now."""

    def call(self, call_id: str, name: str, arguments: JsonObject) -> Awaitable[ToolOutcome]:
        """Carry the call out; a tool's own failure is an outcome with `is_error`, never an exception."""
        ...

    def boundary_changes(self, turn_number: int) -> list[Event]:
        """Return the `tool_config_changed` events due before the next model call (spec 03, 3.6), and count them as told."""
        ...

    def finished_jobs(self) -> list[Event]:
        """Return the `background_job_completed` events due now (spec 03, 3.7)."""
        ...


@dataclass(frozen=True)
class ToolOverlay:
    """`flow_tool_overlay` of one turn: None means that list was not given (spec 02, 16.9)."""

    allowed: frozenset[str] | None = None
    blocked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BudgetLimits:
    """Limits over the life of a live agent; None is unlimited. `max_duration` in seconds (spec 02, section 8)."""

    max_tokens: int | None = None
    max_tool_calls: int | None = None
    max_duration: float | None = None


@dataclass(frozen=True)
class OutputSchema:
    """`output_schema`, unwrapped: the schema and the options of the wrapper (spec 02, section 7)."""

    schema: JsonObject
    name: str | None = None
    strict: bool = False


@dataclass(eq=False)
class AgentSpec:
    """What a live agent is built from; fixed for its life, except what a turn's overrides change on the session first."""

    session_id: str
    model: str
    provider: str
    labels: dict[str, str] = field(default_factory=lambda: {})
    identity: str | None = None
    """Identity of the mob member whose session this is."""
    mob: str | None = None
    """Definition of its mob."""
    output_schema: OutputSchema | None = None
    structured_output_retries: int = 2
    budget: BudgetLimits = BudgetLimits()
    max_tokens: int | None = None
    hooks: tuple[JsonObject, ...] = ()
    """Enabled and disabled hook entries in configuration order, overrides applied; empty: no hook engine (spec 03, 6.5)."""
    hook_timeout_ms: int = 5000
    """`hooks.default_timeout_ms` of the configuration: the limit of a hook that names none."""
    compaction: JsonObject = field(default_factory=lambda: {})
    """The `compaction` section of the configuration when the agent is built."""
    drops_unreadable_calls: bool = True
    """True: a tool call whose arguments are no JSON vanishes without a word; False: the model is told."""


@dataclass(frozen=True)
class Ports:
    """The world as one live agent sees it."""

    model: Model
    tools: Tools
    clock: Clock
    ids: IdSource
    store_image: ImageStore


class ImageStore(Protocol):
    """Puts image data into the blob store of the realm."""

    def __call__(self, media_type: str, data_base64: str) -> str:
        """Return the blob id (spec 02, 15.1)."""
        ...


@dataclass(frozen=True)
class RunInput:
    """What a run is asked: the prompt as `run_started` shows it, and the user content that goes into the transcript."""

    prompt: str | list[Block]
    content: str | list[Block]
    overlay: ToolOverlay | None = None
    attempt_key: str | None = None
    """Names the prompt; the same when a failed prompt is run again."""
    system_context: tuple[str, ...] = ()
    """Rendered blocks for the system prompt of this run's calls only (`session/inject_context`)."""
    max_rounds: int = 100


@dataclass
class Usage:
    """Token counters as events show them: cache counters are None until a provider reports one."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_tokens: int | None = None
    cache_read_tokens: int | None = None

    def add(self, other: Usage) -> None:
        """Count another call."""
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        if other.cache_creation_tokens is not None:
            self.cache_creation_tokens = (self.cache_creation_tokens or 0) + other.cache_creation_tokens
        if other.cache_read_tokens is not None:
            self.cache_read_tokens = (self.cache_read_tokens or 0) + other.cache_read_tokens

    def copy(self) -> Usage:
        """Return an independent copy."""
        return Usage(self.input_tokens, self.output_tokens, self.cache_creation_tokens, self.cache_read_tokens)

    def event(self) -> JsonObject:
        """Return the shape used in events: cache keys always there (spec 03, 3.1)."""
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_creation_tokens": self.cache_creation_tokens,
            "cache_read_tokens": self.cache_read_tokens,
        }

    def result(self) -> JsonObject:
        """Return the shape used in results: with a total, without cache keys that nobody reported (spec 02, section 6)."""
        usage: JsonObject = {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "total_tokens": self.input_tokens + self.output_tokens,
        }
        if self.cache_creation_tokens is not None:
            usage["cache_creation_tokens"] = self.cache_creation_tokens
        if self.cache_read_tokens is not None:
            usage["cache_read_tokens"] = self.cache_read_tokens
        return usage


class RunFailed(Exception):
    """The run ended with `run_failed`. `str()` is the core error text, e.g. `Terminal failure: Failed (LlmFailure): ...`."""


@dataclass
class RunRecord:
    """What a run has come to so far; complete once the run is over without `RunFailed`."""

    messages: list[Message]
    """The whole transcript as it will be committed: a copy that the run appends to (and that compaction rewrites)."""
    usage: Usage
    """Cumulative usage of the session, this run included."""
    text: str = ""
    turns: int = 0
    tool_calls: int = 0
    terminal_cause_kind: str | None = None
    structured_output: Json = None
    extracted: bool = False
    """True when `structured_output` holds a value (which may be null)."""
    extraction_error: JsonObject | None = None
    schema_warnings: list[JsonObject] = field(default_factory=lambda: [])


class Agent(Protocol):
    """One live incarnation of a session's agent: budgets, boundaries and the mute switch live and die with it."""

    deltas_muted: bool
    """Set after a model override on a live agent: no delta events any more (spec 03, 6.10)."""

    def switch(self, model: str, provider: str) -> None:
        """Ask another model from the next call on; counters go on."""

    async def run(self, given: RunInput, record: RunRecord, say: Say) -> None:
        """Say the events of one run, filling `record`. Raises `RunFailed` after saying `run_failed`. Cancelling it is an interrupt."""


def text_of(blocks: str | Sequence[Block]) -> str:
    """Return the text projection of content: non-empty text blocks joined by newlines, media as `[image: <type>]`, `[video: <type>]`."""
    if isinstance(blocks, str):
        return blocks
    parts: list[str] = []
    for block in blocks:
        kind = block.get("type")
        if kind == "text" and block.get("text"):
            parts.append(str(block["text"]))
        elif kind in ("image", "video"):
            parts.append(f"[{kind}: {block.get('media_type')}]")
    return "\n".join(parts)
