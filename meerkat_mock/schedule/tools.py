"""The scheduling tools as models see them: names, descriptions, schemas (spec 05, section 1.11).

The schemas are the server's, in which they promise less, or more, than what is really accepted. The descriptions are our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from meerkat.wire.schedules import ScheduleToolDescriptor

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_TEXTS: Final[Schema] = {"items": _TEXT, "type": "array"}
_LABELS: Final[Schema] = {"additionalProperties": _TEXT, "type": "object"}
_ANY_OBJECT: Final[Schema] = {"type": "object"}


def _record(properties: Schema, *required: str) -> Schema:
    schema: Schema = {"additionalProperties": False, "properties": properties, "type": "object"}
    return {**schema, "required": list(required)} if required else schema


def _whole(minimum: int) -> Schema:
    return {"minimum": minimum, "type": "integer"}


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _one_of(*schemas: Schema) -> Schema:
    return {"oneOf": list(schemas)}


def _tagged(tag: str, properties: Schema, *required: str) -> Schema:
    return _record({"type": {"const": tag}, **properties}, "type", *required)


# ---- triggers --------------------------------------------------------------------------------------------------------------------------

_FIELD = _said(
    _one_of(
        _record({"kind": {"const": "any"}}, "kind"),
        _record({"kind": {"const": "values"}, "values": {"items": _whole(0), "type": "array"}}, "kind", "values"),
    ),
    "Which values match; any when left out.",
)


def _time(description: str) -> Schema:
    return _said({"format": "date-time", "type": "string"}, description)


_CALENDAR = _tagged(
    "calendar",
    {
        "timezone": _said(_TEXT, "IANA name of the zone whose wall clock counts."),
        **dict.fromkeys(("minute", "hour", "day_of_month", "month", "day_of_week"), _FIELD),
        "year": _FIELD,
    },
    "timezone",
)
_INTERVAL = _tagged(
    "interval",
    {
        "start_at_utc": _time("When it is due first."),
        "every_seconds": _said(_whole(1), "Seconds from one due time to the next."),
        "end_at_utc": _time("Nothing is due after this."),
    },
    "start_at_utc",
    "every_seconds",
)
_TRIGGER = _said(
    _one_of(_tagged("once", {"due_at_utc": _time("When it is due.")}, "due_at_utc"), _INTERVAL, _CALENDAR), "When the schedule is due."
)

# ---- targets ---------------------------------------------------------------------------------------------------------------------------

_IMAGE: Final[Schema] = {
    "additionalProperties": True,
    "properties": {
        "type": {"const": "image"},
        "media_type": _TEXT,
        "source": {"enum": ["inline", "blob"]},
        "data": _TEXT,
        "blob_id": _TEXT,
    },
    "required": ["type", "media_type", "source"],
    "type": "object",
}
_VIDEO = _record(
    {"type": {"const": "video"}, "media_type": _TEXT, "duration_ms": _whole(0), "source": {"const": "inline"}, "data": _TEXT},
    "type",
    "media_type",
    "duration_ms",
    "source",
    "data",
)
_BLOCKS: Final[Schema] = {"items": _one_of(_tagged("text", {"text": _TEXT}, "text"), _IMAGE, _VIDEO), "type": "array"}
_CONTENT = _said(_one_of(_TEXT, _BLOCKS), "Text, or content blocks.")
_PROMPT = _tagged(
    "prompt",
    {
        "prompt": _CONTENT,
        "system_prompt": _said(_TEXT, "Only for the delivery that makes the session."),
        "render_metadata": _ANY_OBJECT,
        "skill_refs": _said({"items": _ANY_OBJECT, "type": "array"}, "References to skills."),
        "additional_instructions": _TEXTS,
    },
    "prompt",
)
_EVENT = _tagged("event", {"event_type": _TEXT, "payload": {}, "render_metadata": _ANY_OBJECT}, "event_type", "payload")
_SKILL_KEY = _record({"source_uuid": _TEXT, "skill_name": _TEXT}, "source_uuid", "skill_name")
_CREATE = _record(
    {
        **dict.fromkeys(("model", "system_prompt", "comms_name", "realm_id", "instance_id", "backend"), _TEXT),
        **dict.fromkeys(("output_schema", "provider_params", "peer_meta", "app_context"), _ANY_OBJECT),
        "max_tokens": _whole(1),
        "provider": {"enum": ["anthropic", "openai", "gemini", "other"]},
        "structured_output_retries": _whole(0),
        "labels": _LABELS,
        "preload_skills": {"items": _SKILL_KEY, "type": "array"},
        "additional_instructions": _TEXTS,
        "config_generation": _whole(0),
        "keep_alive": {"type": "boolean"},
    },
    "model",
)


def _when(types: Schema, needed: str) -> Schema:
    return {"if": {"properties": {"type": types}}, "then": {"required": [needed]}}


_SESSION_TARGET: Final[Schema] = {
    **_record(
        {
            "target_kind": {"const": "session"},
            "type": {"enum": ["exact_session", "resumable_session", "materialize_on_demand_session"]},
            "session_id": _said(_TEXT, "The session."),
            "bound_session_id": _said(_TEXT, "The session that was made."),
            "create": _CREATE,
            "action": _one_of(_PROMPT, _EVENT),
        },
        "target_kind",
        "type",
        "action",
    ),
    "allOf": [
        _when({"const": "materialize_on_demand_session"}, "create"),
        _when({"enum": ["exact_session", "resumable_session"]}, "session_id"),
    ],
}
_OPTIONS = _record(
    {
        "role_name": _TEXT,
        "runtime_mode": {"enum": ["autonomous_host", "turn_driven"]},
        "backend": {"enum": ["session", "external"]},
        "tool_access_policy": _ANY_OBJECT,
    }
)
_MOB_TARGET = _record(
    {
        "target_kind": {"const": "mob"},
        "type": {"enum": ["member", "flow", "spawn_helper", "fork_helper"]},
        **dict.fromkeys(("mob_id", "member_id", "flow_id", "source_member_id", "prompt"), _TEXT),
        "params": {"description": "Parameters of the flow."},
        "action": _tagged("send", {"content": _CONTENT, "render_metadata": _ANY_OBJECT}, "content"),
        "fork_context": _one_of(_tagged("full_history", {}), _tagged("last_messages", {"count": _whole(1)}, "count")),
        "options": _OPTIONS,
    },
    "target_kind",
    "type",
    "mob_id",
)

# ---- the eight tools -------------------------------------------------------------------------------------------------------------------

_POLICIES: Final[Schema] = {
    "misfire_policy": _said(
        _one_of(_tagged("skip", {}), _tagged("catch_up_within", {"window_seconds": _whole(1)}, "window_seconds")), "What to do when late."
    ),
    "overlap_policy": _said({"enum": ["allow_concurrent", "skip_if_running"], "type": "string"}, "What to do when the target is busy."),
    "missing_target_policy": _said({"enum": ["skip", "mark_misfired"], "type": "string"}, "What to do when the target is gone."),
}
_FIELDS: Final[Schema] = {
    "trigger": _TRIGGER,
    "target": _said(_one_of(_SESSION_TARGET, _MOB_TARGET), "What is set to work."),
    **_POLICIES,
    "name": _TEXT,
    "description": _TEXT,
    "labels": _LABELS,
    "planning_horizon_days": _whole(1),
    "planning_horizon_occurrences": _whole(1),
}
_ID: Final[Schema] = {"schedule_id": _said(_TEXT, "The schedule.")}
_BY_ID = _record(_ID, "schedule_id")
_DESCRIPTIONS: Final[dict[str, tuple[str, Schema]]] = {
    "create": ("Make a schedule that sets a session or a mob to work.", _record(_FIELDS, "trigger", "target", *_POLICIES)),
    "get": ("Show one schedule.", _BY_ID),
    "list": ("Show all schedules.", _record({})),
    "update": ("Change a schedule.", _record({**_FIELDS, **_ID}, "schedule_id")),
    "pause": ("Pause a schedule until it is resumed.", _BY_ID),
    "resume": ("Resume a paused schedule.", _BY_ID),
    "delete": ("Delete a schedule for good.", _BY_ID),
    "occurrences": ("Show when a schedule is due and what came of it.", _BY_ID),
}

PREFIX: Final = "meerkat_schedule_"


def descriptors() -> list[ScheduleToolDescriptor]:
    """Return the tools in the order of the server."""
    return [
        {"name": f"{PREFIX}{name}", "description": description, "inputSchema": schema}
        for name, (description, schema) in _DESCRIPTIONS.items()
    ]
