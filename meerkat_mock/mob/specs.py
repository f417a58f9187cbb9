"""What a member is to be made of: the parameters of the spawn family, checked as far as that needs no mob (spec 04, 7.1 and 7.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.mob.keys import read_key
from meerkat_mock.mob.refusals import Refusal
from meerkat_mock.session.intake import check_app_context, check_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.agent.ports import Block
    from meerkat_mock.mob.roster import RuntimeMode

Content = "str | list[Block]"

_FILTER_REFUSED = (
    "inherited_tool_filter is name-only and no longer accepted for runtime-backed mob spawn; "
    "use agent-owned spawn tooling so tool witnesses are captured"
)


@dataclass(frozen=True)
class Fork:
    """Begin with the history of another member; `last` messages of it, or all."""

    source: str
    last: int | None = None


@dataclass(frozen=True)
class Spec:
    """One member to be. None leaves the choice to the role or the definition."""

    profile: str
    identity: str
    initial_message: str | list[Block] | None = None
    runtime_mode: RuntimeMode | None = None
    backend: str | None = None
    labels: dict[str, str] = field(default_factory=lambda: {})
    context: Json = None
    additional_instructions: tuple[str, ...] = ()
    binding: JsonObject | None = None
    shell_env: dict[str, str] | None = None
    fork: Fork | None = None
    resume: str | None = None
    override: JsonObject | None = None
    auth_binding: JsonObject | None = None


def spec_of(params: Mapping[str, Any]) -> Spec:
    """Return the spec in decoded params. Raises `Fault` in the order of spec 04, section 7.3, rows 2 to 4."""
    initial = params.get("initial_message")
    if initial is not None:
        check_content(initial, "invalid initial_message: ")
    check_labels(params.get("labels") or {})
    check_app_context(params.get("context"))
    binding: dict[str, Any] = params.get("binding") or {}
    if binding.get("kind") == "external":
        read_key(binding["identity"]["public_key"])
    if params.get("inherited_tool_filter") is not None:
        raise Refusal(_FILTER_REFUSED)
    launch = params.get("launch_mode") or {"mode": "fresh"}
    return Spec(
        profile=params["profile"],
        identity=params["agent_identity"],
        initial_message=initial,
        runtime_mode=params.get("runtime_mode"),
        backend=params.get("backend"),
        labels=dict(params.get("labels") or {}),
        context=params.get("context"),
        additional_instructions=tuple(params.get("additional_instructions") or ()),
        binding=binding or None,
        shell_env=params.get("shell_env"),
        fork=fork_of(launch["source_member_id"], launch.get("fork_context")) if launch["mode"] == "fork" else None,
        resume=launch.get("bridge_session_id"),
        override=params.get("override_profile"),
        auth_binding=params.get("auth_binding"),
    )


def fork_of(source: str, context: Json) -> Fork:
    """Return where a fork begins; without a context it has the whole history."""
    last = context.get("count") if isinstance(context, dict) and context.get("type") == "last_messages" else None
    return Fork(source, cast("int | None", last))


def check_content(content: str | list[Block], prefix: str = "") -> None:
    """Refuse content with a block of a type that nobody knows (spec 04, section 3.2)."""
    if not isinstance(content, str) and any(block.get("type") == "unknown" for block in content):
        raise Refusal(f"{prefix}unknown content block type")
