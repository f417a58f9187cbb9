"""`help/ask`: a question about Meerkat, answered by an ordinary session of its own (spec 01, section 11.5)."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from meerkat_mock.skills.source import EMBEDDED_UUID
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from meerkat.wire.base import Json, JsonObject
    from meerkat.wire.help import HelpExecutionMode, HelpRequest
    from meerkat_mock.clock import Clock
    from meerkat_mock.surfaces.registry import Call
    from meerkat_mock.surfaces.sessions import Sessions

PROVIDERS: Final = ("anthropic", "openai", "gemini", "self_hosted")
SYSTEM_PROMPT: Final = "You answer questions about Meerkat from the skills below. Say so when they do not hold the answer."
_SKILLS: Final = ("meerkat-platform", "meerkat-cli-reference")
_CLOSING: Final[dict[HelpExecutionMode, str]] = {
    "explain_only": "Explain only. Do not execute anything.",
    "plan_execution": "Plan the execution. Do not execute anything yet.",
}
"""The last line of the prompt by mode; that of `plan_execution` is assumed."""


class Help:
    """Asks through the sessions surface, so that the session of a question is like any other."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    @handles("help/ask")
    def ask(self, params: HelpRequest, call: Call) -> JsonObject | Awaitable[JsonObject]:
        """Create a session for the question, run its turn and return the result; the session remains."""
        question = params["question"].strip()
        if not question:
            raise Fault(-32602, "help question cannot be empty")
        provider = params.get("provider")
        if provider is not None and provider not in PROVIDERS:
            raise Fault(-32602, f"unknown provider '{provider}' (expected anthropic, openai, gemini, or self_hosted)")
        return self._sessions.create(self._session(params, question), call)

    def _session(self, params: HelpRequest, question: str) -> dict[str, Json]:
        session: dict[str, Json] = {
            "prompt": self._prompt(question, params.get("execution_mode", "explain_only")),
            "system_prompt": SYSTEM_PROMPT,
            "preload_skills": [{"source_uuid": EMBEDDED_UUID, "skill_name": name} for name in _SKILLS],
            **dict.fromkeys(("enable_builtins", "enable_shell", "enable_memory", "enable_mob"), False),
        }
        chosen: dict[str, Json] = {
            "model": params.get("model"),
            "provider": params.get("provider"),
            "max_tokens": params.get("max_tokens"),
        }
        session.update({name: value for name, value in chosen.items() if value is not None})
        if (more := params.get("prompt")) is not None:  # what it is for was never seen; assumed: further instructions
            session["additional_instructions"] = [more]
        return session

    def _prompt(self, question: str, mode: HelpExecutionMode) -> str:
        now = datetime.fromtimestamp(self._clock.now(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = (f"Help question:\n{question}", f"Current UTC timestamp:\n{now}", f"Execution posture:\n{mode}", _CLOSING[mode])
        return "\n\n".join(parts) + "\n"
