"""Targets as the server shows them, with their defaults, and those that it refuses in public (spec 05, section 1.5).

Existence is nobody's business here: it is asked when an occurrence is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from meerkat_mock.schedule.refusals import ScheduleRefused, invalid_schedule
from meerkat_mock.session.schemas import shown_schema
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat.wire.schedules_targets import ScheduleTarget

_SNAPSHOT = "resolved spawn snapshots are trusted internal schedule state and cannot be supplied through public schedule APIs"
_PARENT = "schedule spawn tooling mode requires parent agent context (inherit_parent/minimal are only valid through agent tools)"
_OVERLAYS = "schedule spawn profile overlays require trusted resolved spawn state and are only valid through agent tools"


def check_public(target: ScheduleTarget) -> None:
    """Refuse what only the server itself may ask for. Raises `ScheduleRefused`."""
    if target["type"] not in ("spawn_helper", "fork_helper"):
        return
    options = target.get("options", {})
    if options.get("resolved_spawn_snapshot") is not None:
        raise invalid_schedule(_SNAPSHOT)
    tooling = options.get("tooling")
    if tooling is None:
        return
    if tooling["mode"] != "profile":
        raise invalid_schedule(_PARENT)
    if tooling.get("allow_overlay") is not None or tooling.get("deny_overlay") is not None:
        raise invalid_schedule(_OVERLAYS)


def echoed(target: ScheduleTarget) -> ScheduleTarget:
    """Return a target with its defaults filled in, empty things left out, and ids in their usual spelling."""
    shown: dict[str, Any] = {key: value for key, value in target.items() if value is not None}
    for name in ("session_id", "bound_session_id"):
        if name in shown:
            shown[name] = str(UUID(shown[name]))
    if "create" in shown:
        shown["create"] = _create(shown["create"])
    if "action" in shown:
        shown["action"] = _action(shown["action"])
    if target["type"] in ("spawn_helper", "fork_helper"):
        shown["options"] = dict(shown.get("options") or {})
    if target["type"] == "fork_helper":
        shown.setdefault("fork_context", {"type": "full_history"})
    return cast("ScheduleTarget", shown)


def _action(action: dict[str, Any]) -> JsonObject:
    shown: dict[str, Any] = {key: value for key, value in action.items() if value is not None or key == "payload"}
    for name in ("skill_refs", "additional_instructions"):
        if not shown.get(name, True):
            del shown[name]
    if "skill_refs" in shown:
        shown["skill_refs"] = _usual(shown["skill_refs"])
    if "render_metadata" in shown:
        shown["render_metadata"] = {"salience": "normal", **shown["render_metadata"]}
    return shown


def _usual(keys: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return keys of skills with their ids in the usual spelling."""
    return [{**key, "source_uuid": str(UUID(key["source_uuid"]))} for key in keys]


def _create(create: dict[str, Any]) -> JsonObject:
    shown: dict[str, Any] = {key: value for key, value in create.items() if value is not None}
    for name in ("labels", "preload_skills", "additional_instructions"):
        if name in shown and not shown[name]:
            del shown[name]
    if "output_schema" in shown:
        shown["output_schema"] = _schema(shown["output_schema"])
    if "preload_skills" in shown:
        shown["preload_skills"] = _usual(shown["preload_skills"])
    if "peer_meta" in shown and not shown["peer_meta"].get("labels", True):
        shown["peer_meta"] = {key: value for key, value in shown["peer_meta"].items() if key != "labels"}
    return {"structured_output_retries": 0, "keep_alive": False, **shown}


def _schema(given: Json) -> JsonObject:
    """Return a schema in its wrapper. Raises `ScheduleRefused` for anything that is none."""
    try:
        return shown_schema(given)
    except Fault as fault:
        raise ScheduleRefused("invalid", fault.error.message.replace("Invalid output_schema", "Invalid params")) from None


def bound_session(target: ScheduleTarget) -> str | None:
    """Return the session that a target means, None while none is bound or it means a mob."""
    name = "bound_session_id" if target["type"] == "materialize_on_demand_session" else "session_id"
    return cast("dict[str, str]", target).get(name)
