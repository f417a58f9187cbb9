"""The first message of every transcript: the system prompt and what the runtime adds to it (spec 02, sections 2.7 and 16.4).

The real text is the server's own prose and changes with its version; a client may only rely on how it begins.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from meerkat_mock.clock import rfc3339
from meerkat_mock.session.prose import DEFAULT_PROMPT, SCHEDULE_RULES

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import JsonObject, Message
    from meerkat_mock.session.options import Options
    from meerkat_mock.session.surroundings import Surroundings
    from meerkat_mock.session.tools import SessionTools

_SCHEDULE_TOOLS = (
    ("schedule_create", "Plan a prompt for later: once at a time, every so many seconds, or by a calendar rule in a time zone."),
    ("schedule_get", "Show one schedule with its trigger, its target, its state and the time of its next occurrence."),
    ("schedule_list", "List the schedules of this realm, the newest first; filter by state, by target or by a part of the name."),
    ("schedule_update", "Change trigger, prompt, policies or name of a schedule; what is left out stays as it was before."),
    ("schedule_pause", "Plan no further occurrences of a schedule until it is resumed; those already running go on to their end."),
    ("schedule_resume", "Go on with a paused schedule from now on; occurrences that were missed in between are handled by its policy."),
    ("schedule_delete", "End a schedule for good; its past occurrences can still be listed, no new one is planned any more."),
    ("schedule_occurrences", "List past and planned occurrences of one schedule with the state, the times and the outcome of each one."),
)


def system_message(options: Options, tools: SessionTools, surroundings: Surroundings, now: float) -> Message:
    """Return the system message of a new transcript."""
    parts = [options.system_prompt if options.system_prompt is not None else _default_prompt(surroundings)]
    parts.extend(body for body in surroundings.render_skills(options.preload_skills) if body is not None)
    parts.extend(options.additional_instructions)
    parts.append(_tool_section(tools.visible()))
    parts.append(_schedule_section())
    return {"role": "system", "content": "\n\n".join(part for part in parts if part), "created_at": rfc3339(now)}


def _default_prompt(surroundings: Surroundings) -> str:
    configured = surroundings.config_object("agent").get("system_prompt")
    return configured if isinstance(configured, str) else DEFAULT_PROMPT


def _tool_section(tools: dict[str, JsonObject]) -> str:
    if not tools:
        return ""
    lines = [f"- {name}: {tool.get('description', '')}" for name, tool in tools.items()]
    return "\n".join(("# Available Tools", "", *lines))


def _schedule_section() -> str:
    lines = [f"- {name}: {text}" for name, text in _SCHEDULE_TOOLS]
    return "\n".join(("# Available Tools", "", "## Schedules", "", *lines, "", *(f"{rule}\n" for rule in SCHEDULE_RULES))).rstrip()


def with_notice(message: Message, notice: str) -> Message:
    """Return a system message with a lasting notice at its end; a later one stands behind a `---` line (spec 02, section 14.2)."""
    content = str(message["content"])
    joint = "\n\n---\n\n" if "\n\n[Runtime System Context]" in content else "\n\n"
    return {**message, "content": f"{content}{joint}{notice}"}


def peer_notice(name: str, request_id: str, status: str, result: object) -> str:
    """Return the text of a peer's terminal response as the session keeps it."""
    shown = json.dumps(result, ensure_ascii=False, indent=2, sort_keys=True)
    return (
        f"[SYSTEM NOTICE][PEER_RESPONSE_TERMINAL] Correlated peer response from {name}. "
        f"Request ID: {request_id}. Status: {status}. Result: {shown}."
    )
