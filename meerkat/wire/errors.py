"""The registry of error codes (spec 01, section 10): numbers, names, and what the numbers of JSON-RPC itself mean here.

Owns the codes alone; exceptions are the client's affair (`meerkat.errors`), and which method answers which code stands
in `meerkat.wire.methods`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PARSE_ERROR: Final = -32700
"""A line that cannot be decoded; the answer's id is null."""
INVALID_REQUEST: Final = -32600
"""Only a wrong state of the runtime, never a malformed envelope."""
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
"""Bad params, and most "not found" and "conflict" cases of mobs, blobs, artifacts, approvals, auth, live and config."""
INTERNAL_ERROR: Final = -32603
"""Everything else, all failures inside a turn among it."""
SCHEDULE_TOOL_FAILED: Final = -32000
"""Only `schedule/call`, whose tools have codes of their own (spec 05, section 1.11)."""
SESSION_NOT_FOUND: Final = -32001
SESSION_BUSY: Final = -32002
SESSION_NOT_RUNNING: Final = -32003
"""Never emitted by 0.6.5."""
DUPLICATE_INPUT: Final = -32004
REQUEST_CANCELLED: Final = -32005
PROVIDER_ERROR: Final = -32010
BUDGET_EXHAUSTED: Final = -32011
HOOK_DENIED: Final = -32012
AGENT_ERROR: Final = -32013
"""Never emitted by 0.6.5."""
CAPABILITY_UNAVAILABLE: Final = -32020
SKILL_NOT_FOUND: Final = -32021
"""Never emitted by 0.6.5."""
SKILL_RESOLUTION_FAILED: Final = -32022
"""Never emitted by 0.6.5."""
SCHEDULE_NOT_FOUND: Final = -32023
SUPERVISOR_ROTATION_INCOMPLETE: Final = -32024

NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        INVALID_PARAMS: "INVALID_PARAMS",
        INTERNAL_ERROR: "INTERNAL_ERROR",
        SESSION_NOT_FOUND: "SESSION_NOT_FOUND",
        SESSION_BUSY: "SESSION_BUSY",
        SESSION_NOT_RUNNING: "SESSION_NOT_RUNNING",
        DUPLICATE_INPUT: "DUPLICATE_INPUT",
        REQUEST_CANCELLED: "REQUEST_CANCELLED",
        PROVIDER_ERROR: "PROVIDER_ERROR",
        BUDGET_EXHAUSTED: "BUDGET_EXHAUSTED",
        HOOK_DENIED: "HOOK_DENIED",
        AGENT_ERROR: "AGENT_ERROR",
        CAPABILITY_UNAVAILABLE: "CAPABILITY_UNAVAILABLE",
        SKILL_NOT_FOUND: "SKILL_NOT_FOUND",
        SKILL_RESOLUTION_FAILED: "SKILL_RESOLUTION_FAILED",
        SCHEDULE_NOT_FOUND: "SCHEDULE_NOT_FOUND",
        SUPERVISOR_ROTATION_INCOMPLETE: "SUPERVISOR_ROTATION_INCOMPLETE",
    }
)
"""Registry name of each code; the codes of JSON-RPC itself (-32700, -32600, -32601) have none. The wire carries only the number."""
