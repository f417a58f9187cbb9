"""The flat contract names of the core: versions, capabilities, runtime and input states, and the event record of the published schemas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from meerkat.wire.sessions import RuntimeAcceptOutcomeType, WireInputLifecycleState

WireRuntimeState = Literal["initializing", "idle", "attached", "running", "retired", "stopped", "destroyed"]
"""The state of a session runtime."""


@dataclass
class WireEvent:
    """An event record of the published schemas; no method or notification of rkat-rpc carries it."""

    session_id: str = ""
    sequence: int = 0
    event: dict[str, Any] | None = None
    contract_version: str = ""


@dataclass
class CapabilityEntry:
    """One capability; on the wire `status` is `Available` or an object that says why not."""

    id: str = ""
    description: str = ""
    status: str = "available"


@dataclass
class CapabilitiesResponse:
    """Result of `capabilities/get`."""

    contract_version: str = ""
    capabilities: list[CapabilityEntry] = field(default_factory=lambda: [])


@dataclass
class RuntimeStateResult:
    """The state of a session runtime; the calls that answered it are retired."""

    state: WireRuntimeState


@dataclass
class RuntimeAcceptResult:
    """What became of an input; the calls that answered it are retired."""

    outcome_type: RuntimeAcceptOutcomeType
    existing_id: str | None = None
    input_id: str | None = None
    policy: Literal["stage", "queue", "immediate"] | None = None
    reason: str | None = None
    state: dict[str, Any] | None = None


@dataclass
class WireInputStateHistoryEntry:
    """One step in the life of an input."""

    from_: WireInputLifecycleState
    timestamp: str
    to: WireInputLifecycleState
    reason: str | None = None


@dataclass
class WireInputState:
    """The life of an input."""

    created_at: str
    current_state: WireInputLifecycleState
    input_id: str
    updated_at: str
    attempt_count: int | None = None
    durability: Literal["durable", "volatile", "ephemeral"] | None = None
    history: list[dict[str, Any]] | None = None
    idempotency_key: str | None = None
    last_boundary_sequence: int | None = None
    last_run_id: str | None = None
    persisted_input: dict[str, Any] | None = None
    policy: Literal["stage", "queue", "immediate"] | None = None
    reconstruction_source: Literal["live", "event_store", "snapshot", "replay"] | None = None
    recovery_count: int | None = None
    terminal_outcome: Literal["completed", "abandoned", "superseded", "coalesced", "cancelled"] | None = None


@dataclass
class ContractVersion:
    """A version of the contract. The published class has no fields; the server sends these three."""

    major: int = 0
    minor: int = 0
    patch: int = 0
