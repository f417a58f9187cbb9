"""Sessions: making, listing, reading, forking, archiving them, and what is put into them without a turn (spec 02)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import I32, U32, U64, EpochSeconds, Json, NotRequired, Rfc3339, Tag, Untagged, Usize, Uuid, UuidText, closed
from meerkat.wire.core import AuthBindingRef, ContentInput, HookPoint, RetiredSkillReferences, SkillKey, SkillRef, WireContentBlock
from meerkat.wire.forks import Replacement
from meerkat.wire.messages import WireSessionMessage
from meerkat.wire.models import WireResolvedModelCapabilities
from meerkat.wire.tools import ToolDef
from meerkat.wire.turns import WireRunResult

TranscriptEditRunningBehavior: TypeAlias = Literal["reject"]
"""What a fork does when the session runs: refuse."""

PeerResponseTerminalStatusWire: TypeAlias = Literal["completed", "failed", "cancelled"]
"""How a peer ended a request (spec 02, section 14.2)."""

RuntimeAcceptOutcomeType: TypeAlias = Literal["accepted", "deduplicated", "rejected"]
"""Whether an input was accepted; rejection too is a success response (spec 05, section 8)."""

WireInputPolicy: TypeAlias = Literal["stage", "queue", "immediate"]
"""How an input is queued; never sent."""

WireInputLifecycleState: TypeAlias = Literal[
    "accepted", "queued", "staged", "applied", "applied_pending_consumption", "consumed", "superseded", "coalesced", "abandoned"
]
"""The life of an input (spec 02, section 14.3)."""

WireInputDurability: TypeAlias = Literal["durable", "volatile", "ephemeral"]
"""How long an input is kept; never sent."""

WireReconstructionSource: TypeAlias = Literal["live", "event_store", "snapshot", "replay"]
"""Where an input was found again; never sent."""

WireInputTerminalOutcome: TypeAlias = Literal["completed", "abandoned", "superseded", "coalesced", "cancelled"]
"""How an input ended; never sent."""


@closed
class ForkSessionAtParams(TypedDict):
    """Params of `session/fork_at` (spec 02, section 11.1)."""

    session_id: str
    message_index: Usize
    running_behavior: NotRequired[TranscriptEditRunningBehavior]


@closed
class ForkSessionReplaceParams(TypedDict):
    """Params of `session/fork_replace` (spec 02, section 11.1)."""

    session_id: str
    message_index: Usize
    replacement: Replacement
    running_behavior: NotRequired[TranscriptEditRunningBehavior]


@closed
class SessionPeerResponseTerminalParams(TypedDict):
    """Params of `session/peer_response_terminal` (spec 02, section 14.2)."""

    session_id: str
    peer_id: UuidText
    request_id: UuidText
    status: PeerResponseTerminalStatusWire
    result: Json
    display_name: NotRequired[str | None]


class WireSessionInfo(TypedDict):
    """One session, as `session/read` shows it (spec 02, section 9.2)."""

    session_id: Uuid
    created_at: EpochSeconds
    updated_at: EpochSeconds
    message_count: Usize
    is_active: bool
    model: str
    provider: str
    labels: NotRequired[dict[str, str]]
    last_assistant_text: NotRequired[str]
    resolved_capabilities: NotRequired[WireResolvedModelCapabilities]
    session_ref: NotRequired[str]


class WireSessionHistory(TypedDict):
    """One page of a transcript (spec 02, section 10.1)."""

    session_id: Uuid
    message_count: Usize
    offset: Usize
    has_more: bool
    messages: list[WireSessionMessage]
    limit: NotRequired[Usize]
    session_ref: NotRequired[str]


class SessionForkResult(TypedDict):
    """The new session of a fork (spec 02, section 11.3)."""

    source_session_id: Uuid
    session_id: Uuid
    message_count: Usize
    session_ref: NotRequired[str]


class RuntimeAcceptResult(TypedDict):
    """What became of an input that starts no turn of its own (spec 02, section 14.3)."""

    outcome_type: RuntimeAcceptOutcomeType
    existing_id: NotRequired[str]
    input_id: NotRequired[str]
    policy: NotRequired[WireInputPolicy]
    reason: NotRequired[str]
    state: NotRequired[WireInputState]


class WireSessionSummary(TypedDict):
    """One row of `session/list` (spec 02, section 9.1)."""

    session_id: Uuid
    created_at: EpochSeconds
    updated_at: EpochSeconds
    message_count: Usize
    total_tokens: U64
    is_active: bool
    labels: NotRequired[dict[str, str]]
    session_ref: NotRequired[str]


class WireInputState(TypedDict):
    """Where an accepted input stands (spec 02, section 14.3)."""

    input_id: Uuid
    current_state: WireInputLifecycleState
    created_at: Rfc3339
    updated_at: Rfc3339
    attempt_count: U32
    durability: NotRequired[WireInputDurability]
    history: NotRequired[list[WireInputStateHistoryEntry]]
    idempotency_key: NotRequired[str]
    last_boundary_sequence: NotRequired[U64]
    last_run_id: NotRequired[str]
    persisted_input: NotRequired[WirePersistedInput]
    policy: NotRequired[WireInputPolicy]
    reconstruction_source: NotRequired[WireReconstructionSource]
    recovery_count: U32
    terminal_outcome: NotRequired[WireInputTerminalOutcome]


class WirePersistedInputPrompt(TypedDict):
    """A kept input of kind `prompt`; never sent."""

    kind: Literal["prompt"]
    text_preview: NotRequired[str]


class WirePersistedInputExternalEvent(TypedDict):
    """A kept input of kind `external_event`; never sent."""

    kind: Literal["external_event"]
    event_type: str


class WirePersistedInputPeerMessage(TypedDict):
    """A kept input of kind `peer_message`; never sent."""

    kind: Literal["peer_message"]
    peer_name: str


class WirePersistedInputContinuation(TypedDict):
    """A kept input of kind `continuation`; never sent."""

    kind: Literal["continuation"]


class WirePersistedInputOther(TypedDict):
    """A kept input of kind `other`; never sent."""

    kind: Literal["other"]
    carrier: str


WireInputStateHistoryEntry = TypedDict(
    "WireInputStateHistoryEntry",
    {
        "timestamp": "Rfc3339",
        "from": "WireInputLifecycleState",
        "to": "WireInputLifecycleState",
        "reason": "NotRequired[str]",
    },
)
"""One step in the life of an input (spec 02, section 14.3)."""


WirePersistedInput: TypeAlias = Annotated[
    WirePersistedInputPrompt
    | WirePersistedInputExternalEvent
    | WirePersistedInputPeerMessage
    | WirePersistedInputContinuation
    | WirePersistedInputOther,
    Tag("kind", "WirePersistedInput"),
]
"""What kind of input was kept; never sent."""


class PeerMeta(TypedDict):
    """What peers are told of a session (spec 02, section 16.5)."""

    description: NotRequired[str | None]
    labels: NotRequired[dict[str, str]]


class Duration(TypedDict):
    """A span of time as an object; no other form is read (spec 02, section 8.1)."""

    secs: U64
    nanos: U32


class BudgetLimits(TypedDict):
    """What a session may use; replaces the limits of the config entirely (spec 02, section 8.1)."""

    max_tokens: NotRequired[U64 | None]
    max_duration: NotRequired[Duration | None]
    max_tool_calls: NotRequired[Usize | None]


class InProcessHook(TypedDict):
    """A hook inside the server: `handler` (or `name`), inline or under `config` (spec 02, section 16.6)."""

    type: Literal["in_process"]
    config: NotRequired[Json]
    handler: NotRequired[Json]
    name: NotRequired[Json]


class CommandHook(TypedDict):
    """A hook that is a command: `command` and its options, inline or under `config` (spec 02, section 16.6)."""

    type: Literal["command"]
    config: NotRequired[Json]
    command: NotRequired[Json]
    args: NotRequired[Json]
    env: NotRequired[Json]


class HttpHook(TypedDict):
    """A hook behind HTTP: `url` and its options, inline or under `config` (spec 02, section 16.6)."""

    type: Literal["http"]
    config: NotRequired[Json]
    url: NotRequired[Json]
    method: NotRequired[Json]
    headers: NotRequired[Json]


HookRuntime: TypeAlias = Annotated[
    InProcessHook | CommandHook | HttpHook,
    Tag(
        "type",
        "HookRuntimeConfig",
        missing="hook runtime missing required field 'type'",
        unknown="unsupported hook runtime '{}'",
    ),
]
"""What runs a hook (spec 02, section 16.6)."""


class HookEntry(TypedDict):
    """One hook of a session (spec 02, section 16.6)."""

    id: NotRequired[str]
    enabled: NotRequired[bool]
    point: NotRequired[HookPoint]
    mode: NotRequired[Literal["foreground", "background"]]
    capability: NotRequired[Literal["observe", "guardrail", "rewrite"]]
    priority: NotRequired[I32]
    failure_policy: NotRequired[Literal["fail_open", "fail_closed"] | None]
    timeout_ms: NotRequired[U64 | None]
    runtime: NotRequired[HookRuntime]


class HookRunOverrides(TypedDict):
    """Hooks added to and switched off for a session (spec 02, section 16.6)."""

    entries: NotRequired[list[HookEntry]]
    disable: NotRequired[list[str]]


class CreateSessionParams(TypedDict):
    """Params of `session/create` (spec 02, section 2.1)."""

    prompt: ContentInput
    model: NotRequired[str | None]
    provider: NotRequired[str | None]
    max_tokens: NotRequired[U32 | None]
    system_prompt: NotRequired[str | None]
    output_schema: NotRequired[Json]
    structured_output_retries: NotRequired[U32]
    hooks_override: NotRequired[HookRunOverrides | None]
    enable_builtins: NotRequired[bool | None]
    enable_shell: NotRequired[bool | None]
    enable_memory: NotRequired[bool | None]
    enable_mob: NotRequired[bool | None]
    keep_alive: NotRequired[bool]
    comms_name: NotRequired[str | None]
    peer_meta: NotRequired[PeerMeta | None]
    budget_limits: NotRequired[BudgetLimits | None]
    provider_params: NotRequired[Json]
    auth_binding: NotRequired[AuthBindingRef | None]
    preload_skills: NotRequired[list[SkillKey] | None]
    skill_refs: NotRequired[list[SkillRef] | None]
    skill_references: NotRequired[RetiredSkillReferences]
    initial_turn: NotRequired[Literal["run_immediately", "deferred"] | None]
    labels: NotRequired[dict[str, str] | None]
    additional_instructions: NotRequired[list[str] | None]
    app_context: NotRequired[Json]
    shell_env: NotRequired[dict[str, str] | None]
    external_tools: NotRequired[list[ToolDef] | None]


class DeferredCreateResult(TypedDict):
    """The result of a `session/create` that defers its first turn (spec 02, section 2.4)."""

    session_id: Uuid
    session_ref: NotRequired[str]


SessionCreateResult: TypeAlias = Annotated[WireRunResult | DeferredCreateResult, Untagged("SessionCreateResult")]
"""The result of `session/create`: of the first turn, or of a session that waits for it (spec 02, sections 2.3 and 2.4)."""


class ListSessionsParams(TypedDict):
    """Params of `session/list`: labels that all must match, and paging (spec 02, section 9.1)."""

    labels: NotRequired[dict[str, str] | None]
    limit: NotRequired[Usize | None]
    offset: NotRequired[Usize | None]


class ListSessionsResult(TypedDict):
    """One page of sessions: staged, then stored, then live ones; without a total (spec 02, section 9.1)."""

    sessions: list[WireSessionSummary]


class ReadSessionParams(TypedDict):
    """Params of `session/read` (spec 02, section 9.2)."""

    session_id: str


class ReadSessionHistoryParams(TypedDict):
    """Params of `session/history` (spec 02, section 10.1)."""

    session_id: str
    offset: NotRequired[Usize | None]
    limit: NotRequired[Usize | None]


class ArchiveSessionParams(TypedDict):
    """Params of `session/archive` (spec 02, section 12)."""

    session_id: str


class ArchiveSessionResult(TypedDict):
    """The result of `session/archive`; nothing brings the session back (spec 02, section 12)."""

    archived: bool


class InjectSystemContextParams(TypedDict):
    """Params of `session/inject_context` (spec 02, section 13)."""

    session_id: str
    text: str
    source: NotRequired[str | None]
    # Without a key the text never reaches the model.
    idempotency_key: NotRequired[str | None]


class InjectSystemContextResult(TypedDict):
    """What became of an injected text; `applied` does not occur (spec 02, section 13)."""

    status: Literal["applied", "staged", "duplicate"]


class GenericJsonEvent(TypedDict):
    """Params of `session/external_event`, the kind that is served (spec 02, section 14.1)."""

    session_id: str
    kind: Literal["generic_json"]
    event_type: str
    payload: Json
    blocks: NotRequired[list[WireContentBlock] | None]


class PeerResponseTerminalEvent(TypedDict):
    """Params of `session/external_event`, the kind that is parsed and then refused (spec 02, section 14.1)."""

    session_id: str
    kind: Literal["peer_response_terminal"]
    peer_id: UuidText
    display_name: NotRequired[str | None]
    request_id: UuidText
    status: PeerResponseTerminalStatusWire
    result: Json


ExternalEventParams: TypeAlias = Annotated[GenericJsonEvent | PeerResponseTerminalEvent, Tag("kind", "ExternalEventParams", flattened=True)]
"""Params of `session/external_event` (spec 02, section 14.1)."""
