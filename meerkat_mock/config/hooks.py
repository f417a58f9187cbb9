"""Hook entries of the configuration and of `hooks_override`, which have the same form (spec 02, section 16.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from meerkat_mock.config.kinds import Choice, Flag, FreeForm, Key, ListOf, Section, Text, Unreadable, Whole
from meerkat_mock.contract.params import seen

if TYPE_CHECKING:
    from meerkat.wire.base import Json

_RUNTIMES: Final = ("in_process", "command", "http")


@dataclass(frozen=True)
class _Runtime:
    """How a hook runs: `type`, and the keys of that adapter, inline or under `config`. The keys are the adapter's business."""

    def read(self, value: Json) -> Json:
        """Return the runtime, its keys inline."""
        if not isinstance(value, dict):
            raise Unreadable(f"invalid type: {seen(value)}, expected a map")
        if not isinstance(value.get("type"), str):
            raise Unreadable("hook runtime missing required field 'type'")
        if value["type"] not in _RUNTIMES:
            raise Unreadable(f"unsupported hook runtime '{value['type']}'")
        inner = value.get("config")
        return {**{key: item for key, item in value.items() if key != "config"}, **inner} if isinstance(inner, dict) else dict(value)

    def storable(self, value: Json) -> None:
        """Ask the free form of the adapter's keys."""
        FreeForm().storable(value)


HOOK_ENTRY: Final = Section(
    "HookEntryConfig",
    {
        "id": Key(Text(), "hook"),
        "enabled": Key(Flag(), True),
        "point": Key(
            Choice(
                (
                    "run_started",
                    "run_completed",
                    "run_failed",
                    "pre_llm_request",
                    "post_llm_response",
                    "pre_tool_execution",
                    "post_tool_execution",
                    "turn_boundary",
                )
            ),
            "turn_boundary",
        ),
        "mode": Key(Choice(("foreground", "background")), "foreground"),
        "capability": Key(Choice(("observe", "guardrail", "rewrite")), "observe"),
        "priority": Key(Whole("i32"), 100),
        "failure_policy": Key(Choice(("fail_open", "fail_closed"))),
        "timeout_ms": Key(Whole("u64")),
        "runtime": Key(_Runtime(), {"type": "in_process", "handler": "noop"}),
    },
)
HOOKS: Final = Section(
    "HooksConfig",
    {
        "default_timeout_ms": Key(Whole("u64"), 5000),
        "payload_max_bytes": Key(Whole("usize"), 131_072),
        "background_max_concurrency": Key(Whole("usize"), 32),
        "entries": Key(ListOf(HOOK_ENTRY), []),
    },
)
