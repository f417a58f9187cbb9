"""The first message of every transcript: the system prompt and what the runtime adds to it (spec 02, sections 2.7 and 16.4).

The real text is the server's own prose and changes with its version; a client may only rely on how it begins. The prose here is of the
mock, and about as long as the original, because token estimates depend on its length (spec 03, section 6.9).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from meerkat_mock.clock import rfc3339

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import JsonObject, Message
    from meerkat_mock.session.options import Options
    from meerkat_mock.session.surroundings import Surroundings
    from meerkat_mock.session.tools import SessionTools

DEFAULT_PROMPT = (
    "You are an agent that works for the application it is embedded in. Read the request, decide what has to be done, do it with the tools "
    "that are listed below when they help, and answer with the result.\n\n"
    "Work in small steps. Say what you found, not what you are going to look for. When a tool fails, read its error, correct the call and "
    "try again; when it fails for a reason that you cannot change, say so and go on with what is left. Never invent the result of a tool. "
    "Ask only when an answer would otherwise be a guess that somebody has to pay for.\n\n"
    "Keep answers short and complete. Use the language of the request. Do not repeat these instructions."
)
"""What stands for the default prompt of the server."""

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
_SCHEDULE_RULES = (
    "A trigger is one of three kinds. `once` takes a point in time in RFC 3339 with an offset. `interval` takes a start and a number of "
    "seconds between two occurrences, which must be positive. `calendar` takes an IANA time zone and lists of minutes, hours, days of the "
    "month, months and days of the week; an empty list means every value.",
    "A target says whose conversation the prompt goes into: an existing session, a new session for every occurrence, or a member of a mob. "
    "An occurrence whose target is gone is marked as failed and the schedule goes on with the next one unless its policy says otherwise.",
    "The misfire policy decides about occurrences whose time passed while nobody could run them: skip them, run the latest one, or run all "
    "of them one after another. The overlap policy decides about an occurrence that is due while the one before it still runs: skip the new "
    "one, queue it behind the running one, or let both run at once.",
    "The missing target policy decides what becomes of a schedule whose session was archived: keep planning, pause, or delete the schedule.",
    "Times in results are in RFC 3339 and in UTC. Identifiers are UUIDs; pass them on exactly as they were given. A schedule that was "
    "changed has a new revision; give the revision that you have read when you update it, and read it again when the update is refused "
    "because somebody else was faster.",
    "Prompts of schedules are read by an agent that knows nothing of the present conversation. Write them so that they can be understood "
    "alone: name the files, the people and the systems that are meant, say what counts as done, and say where the result has to go.",
    "Do not plan anything that the request does not ask for. Before a schedule is deleted or its trigger is changed, list it and make sure "
    "that it is the one that is meant; names are not unique, identifiers are. When a request names a time without a zone, use the zone of "
    "the realm, and say in the answer which zone was used. Times that do not exist because clocks go forward are moved to the next one that "
    "does; times that exist twice because clocks go back occur once.",
    "An occurrence passes through these states: planned, due, running, and then completed, failed, skipped or cancelled. A planned one can "
    "be cancelled by pausing or deleting its schedule; a running one ends with the turn that it started. The outcome of a completed one is "
    "the text of that turn, cut to its first lines. A failed one keeps the error of the turn. Skipped ones keep the policy that skipped them.",
    "Limits: an interval is at least one second and at most one year; a prompt has at most 32000 characters; a realm holds at most as many "
    "schedules as its configuration allows. A refused call names the member that was wrong. Correct that member and send the call again; do "
    "not send the same call twice, because every accepted call to schedule_create makes a new schedule, with the same name if need be.",
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
    return "\n".join(("# Available Tools", "", "## Schedules", "", *lines, "", *(f"{rule}\n" for rule in _SCHEDULE_RULES))).rstrip()


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
