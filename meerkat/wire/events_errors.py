"""Why runs and model calls fail, as events tell it (spec 03, sections 3.2, 3.10 and 3.11)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, Json, NotRequired, Tag
from meerkat.wire.core import HookPoint, TurnTerminalCauseKind

AgentErrorClass: TypeAlias = Literal[
    "llm",
    "store",
    "tool",
    "mcp",
    "session_not_found",
    "budget",
    "max_tokens",
    "content_filtered",
    "max_turns",
    "cancelled",
    "invalid_state",
    "operation_not_found",
    "depth_limit",
    "concurrency_limit",
    "config",
    "internal",
    "build",
    "auth",
    "callback_pending",
    "structured_output",
    "invalid_output_schema",
    "hook",
    "terminal",
    "no_pending_boundary",
]
"""The part of the agent that failed (spec 03, section 3.10)."""

LlmProviderErrorKind: TypeAlias = Literal[
    "invalid_request",
    "content_filtered",
    "server_error",
    "server_overloaded",
    "connection_reset",
    "unknown",
    "stream_parse_error",
    "incomplete_response",
]
"""What kind of trouble a provider's answer was."""

LlmProviderErrorRetryability: TypeAlias = Literal["retryable", "non_retryable"]
"""Whether trying again may help."""

HookReasonCode: TypeAlias = Literal["policy_violation", "safety_violation", "schema_violation", "timeout", "runtime_error"]
"""Why a hook denied (spec 03, section 3.4)."""

TurnTerminalOutcome: TypeAlias = Literal[
    "none", "completed", "failed", "cancelled", "budget_exhausted", "time_budget_exceeded", "structured_output_validation_failed"
]
"""How a turn ended (spec 03, section 3.10)."""

LlmRetryFailureKind: TypeAlias = Literal["rate_limited", "network_timeout", "call_timeout", "retryable_provider_error"]
"""What kind of failure is tried again (spec 03, section 3.2)."""


class LlmRetrySchedule(TypedDict):
    """What failed and when it is tried again (spec 03, section 3.2)."""

    failure: LlmRetryFailure
    plan: LlmRetryPlan


class AgentErrorReasonLlmRateLimited(TypedDict):
    """Why: `llm_rate_limited` (spec 03, section 3.11)."""

    reason_type: Literal["llm_rate_limited"]
    retry_after_ms: NotRequired[U64]


class AgentErrorReasonLlmContextExceeded(TypedDict):
    """Why: `llm_context_exceeded` (spec 03, section 3.11)."""

    reason_type: Literal["llm_context_exceeded"]
    max: U32
    requested: U32


class AgentErrorReasonLlmAuthError(TypedDict):
    """Why: `llm_auth_error` (spec 03, section 3.11)."""

    reason_type: Literal["llm_auth_error"]


class AgentErrorReasonLlmInvalidModel(TypedDict):
    """Why: `llm_invalid_model` (spec 03, section 3.11)."""

    reason_type: Literal["llm_invalid_model"]
    model: str


class AgentErrorReasonLlmProviderError(TypedDict):
    """Why: `llm_provider_error` (spec 03, section 3.11)."""

    reason_type: Literal["llm_provider_error"]
    provider_error_kind: LlmProviderErrorKind
    provider_error_retryability: LlmProviderErrorRetryability
    provider_error: Json


class AgentErrorReasonLlmNetworkTimeout(TypedDict):
    """Why: `llm_network_timeout` (spec 03, section 3.11)."""

    reason_type: Literal["llm_network_timeout"]
    duration_ms: U64


class AgentErrorReasonLlmCallTimeout(TypedDict):
    """Why: `llm_call_timeout` (spec 03, section 3.11)."""

    reason_type: Literal["llm_call_timeout"]
    duration_ms: U64


class AgentErrorReasonHookDenied(TypedDict):
    """Why: `hook_denied` (spec 03, section 3.11)."""

    reason_type: Literal["hook_denied"]
    point: HookPoint
    reason_code: HookReasonCode
    hook_id: NotRequired[str]


class AgentErrorReasonHookTimeout(TypedDict):
    """Why: `hook_timeout` (spec 03, section 3.11)."""

    reason_type: Literal["hook_timeout"]
    hook_id: str
    timeout_ms: U64


class AgentErrorReasonHookExecutionFailed(TypedDict):
    """Why: `hook_execution_failed` (spec 03, section 3.11)."""

    reason_type: Literal["hook_execution_failed"]
    hook_id: str
    reason: str


class AgentErrorReasonHookConfigInvalid(TypedDict):
    """Why: `hook_config_invalid` (spec 03, section 3.11)."""

    reason_type: Literal["hook_config_invalid"]
    reason: str


class AgentErrorReasonStructuredOutputValidationFailed(TypedDict):
    """Why: `structured_output_validation_failed` (spec 03, section 3.11)."""

    reason_type: Literal["structured_output_validation_failed"]
    attempts: U32
    reason: str


class AgentErrorReasonInvalidOutputSchema(TypedDict):
    """Why: `invalid_output_schema` (spec 03, section 3.11)."""

    reason_type: Literal["invalid_output_schema"]
    reason: str


class AgentErrorReasonAuthReauthRequired(TypedDict):
    """Why: `auth_reauth_required` (spec 03, section 3.11)."""

    reason_type: Literal["auth_reauth_required"]
    binding_key: str
    message: str


class AgentErrorReasonCallbackPending(TypedDict):
    """Why: `callback_pending` (spec 03, section 3.11)."""

    reason_type: Literal["callback_pending"]
    tool_name: str
    args: Json


class AgentErrorReasonTurnTerminalCause(TypedDict):
    """Why: `turn_terminal_cause` (spec 03, section 3.11)."""

    reason_type: Literal["turn_terminal_cause"]
    outcome: TurnTerminalOutcome
    cause_kind: TurnTerminalCauseKind


class LlmRetryFailure(TypedDict):
    """What made a model call fail (spec 03, section 3.2)."""

    provider: str
    kind: LlmRetryFailureKind
    message: str
    duration_ms: NotRequired[U64]
    retry_after_ms: NotRequired[U64]


class LlmRetryPlan(TypedDict):
    """The pause before the next attempt (spec 03, section 3.2)."""

    attempt: U32
    max_retries: U32
    computed_delay_ms: U64
    selected_delay_ms: U64
    rate_limit_floor_applied: bool
    budget_capped: bool
    retry_after_hint_ms: NotRequired[U64]


AgentErrorReport = TypedDict(
    "AgentErrorReport",
    {
        "class": "AgentErrorClass",
        "message": "str",
        "reason": "NotRequired[AgentErrorReason]",
    },
)
"""Why a run failed, as data (spec 03, section 3.11)."""


AgentErrorReason: TypeAlias = Annotated[
    AgentErrorReasonLlmRateLimited
    | AgentErrorReasonLlmContextExceeded
    | AgentErrorReasonLlmAuthError
    | AgentErrorReasonLlmInvalidModel
    | AgentErrorReasonLlmProviderError
    | AgentErrorReasonLlmNetworkTimeout
    | AgentErrorReasonLlmCallTimeout
    | AgentErrorReasonHookDenied
    | AgentErrorReasonHookTimeout
    | AgentErrorReasonHookExecutionFailed
    | AgentErrorReasonHookConfigInvalid
    | AgentErrorReasonStructuredOutputValidationFailed
    | AgentErrorReasonInvalidOutputSchema
    | AgentErrorReasonAuthReauthRequired
    | AgentErrorReasonCallbackPending
    | AgentErrorReasonTurnTerminalCause,
    Tag("reason_type", "AgentErrorReason"),
]
"""What exactly failed, where it is known (spec 03, section 3.11)."""
