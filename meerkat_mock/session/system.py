"""The first message of every transcript: the system prompt and what the runtime adds to it (spec 02, sections 2.7 and 16.4).

The real text is the server's own prose and changes with its version; a client may only rely on how it begins.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from meerkat_mock.clock import rfc3339
from meerkat_mock.session.builtins import SCHEDULE_TOOLS
from meerkat_mock.session.prose import DEFAULT_PROMPT, SCHEDULE_RULES

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import JsonObject, Message
    from meerkat_mock.session.options import Options
    from meerkat_mock.session.surroundings import Surroundings
    from meerkat_mock.session.tools import SessionTools

_PROJECT_LINE = "# Project Instructions (from AGENTS.md)"


def system_message(options: Options, tools: SessionTools, surroundings: Surroundings, now: float) -> Message:
    """Return the system message of a new transcript."""
    parts = [options.system_prompt if options.system_prompt is not None else _default_prompt(surroundings)]
    parts.extend(body for body in surroundings.render_skills(options.preload_skills) if body is not None)
    parts.extend(options.additional_instructions)
    if options.system_prompt is None and (project := surroundings.project_instructions()):
        parts.append(f"{_PROJECT_LINE}\n\n{project}")
    if options.builtins.builtins is not False:
        parts.append(_skill_section(surroundings.available_skills()))
    parts.append(_tool_section(tools.visible()))
    parts.append(_schedule_section())
    return {"role": "system", "content": _joined(tuple(parts)), "created_at": rfc3339(now)}


@lru_cache(64)
def _joined(parts: tuple[str, ...]) -> str:
    """Return the content; sessions that begin alike share one text of several kilobytes."""
    return "\n\n".join(part for part in parts if part)


def _default_prompt(surroundings: Surroundings) -> str:
    configured = surroundings.config_object("agent").get("system_prompt")
    return configured if isinstance(configured, str) else DEFAULT_PROMPT


@lru_cache(16)
def _skill_section(skills: tuple[tuple[str, str], ...]) -> str:
    """Return the list of skills a model may ask for. Assumption: its form; only its name was seen."""
    lines = [f'  <skill id="{key}">{" ".join(text.split())}</skill>' for key, text in skills]
    return "\n".join(("<available_skills>", *lines, "</available_skills>")) if lines else ""


def _tool_section(tools: dict[str, JsonObject]) -> str:
    lines = [f"- {name}: {tool.get('description', '')}" for name, tool in tools.items() if name not in SCHEDULE_TOOLS]
    if not lines:
        return ""
    return "\n".join(("# Available Tools", "", *lines))


@cache
def _schedule_section() -> str:
    lines = [f"- {name}: {text}" for name, text in SCHEDULE_TOOLS.items()]
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
