"""Hooks of a run: who is asked, in which order, and what a denial or a failure does: `H(p)` of the run grammar (spec 03, 6.5).

For one point first every enabled hook is announced in configuration order, background ones too; then those in the foreground are asked one
after the other by priority, and reported. Hooks behind a denier, and all in the background, have a start without an end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from meerkat_mock.agent.failure import Failure, camel_case
from meerkat_mock.agent.hook_facts import facts_at
from meerkat_mock.agent.hook_runtimes import HookError, ask
from meerkat_mock.clock import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.hook_facts import Point
    from meerkat_mock.agent.ports import Event, JsonObject
    from meerkat_mock.agent.run import Run


@dataclass(frozen=True)
class Hook:
    """One enabled entry. Capability and failure policy make no difference in 0.6.5 (spec 03, 6.5)."""

    id: str
    point: str
    background: bool
    priority: int
    timeout_ms: int
    runtime: JsonObject

    def started(self) -> Event:
        """Announce it."""
        return {"type": "hook_started", "hook_id": self.id, "point": self.point}


def enabled_hooks(entries: Sequence[JsonObject], default_timeout_ms: int) -> tuple[Hook, ...]:
    """Return the enabled hooks in configuration order, defaults filled in (spec 02, 16.6)."""
    return tuple(_hook(entry, default_timeout_ms) for entry in entries if entry.get("enabled", True))


def _hook(entry: JsonObject, default_timeout_ms: int) -> Hook:
    timeout, priority, runtime = entry.get("timeout_ms"), entry.get("priority"), entry.get("runtime")
    return Hook(
        id=str(entry.get("id", "hook")),
        point=str(entry.get("point", "turn_boundary")),
        background=entry.get("mode") == "background",
        priority=priority if isinstance(priority, int) else 100,
        timeout_ms=timeout if isinstance(timeout, int) else default_timeout_ms,
        runtime=runtime if isinstance(runtime, dict) else {},
    )


@dataclass(frozen=True)
class Verdict:
    """What the hooks of a point came to: their end events, and why the run must not go on."""

    events: list[Event]
    failure: Failure | None = None


async def hooks_at(run: Run, point: Point, about: JsonObject | None = None) -> None:
    """Ask the hooks of a point, if there are any; `about` are facts that the run does not know.

    Raises `Failure` when a hook denies or fails.
    """
    hooks = run.hooks_of(point)
    if not hooks:
        return
    await run.say([hook.started() for hook in hooks])
    verdict = await consult(run, point, hooks, about)
    await run.say(verdict.events)
    if verdict.failure is not None:
        raise verdict.failure


async def consult(run: Run, point: Point, hooks: Sequence[Hook], about: JsonObject | None = None) -> Verdict:
    """Ask announced hooks: the background ones on the side, the others by priority until one denies or fails."""
    question = {"point": point, "session_id": run.session_id, **facts_at(run, point), **(about or {})}
    done: list[Event] = []
    for hook in hooks:
        if hook.background:
            run.on_the_side(_ask(run, hook, question))
    for hook in sorted((hook for hook in hooks if not hook.background), key=lambda hook: hook.priority):
        began = run.ports.clock.now()
        try:
            answer = await _ask(run, hook, question)
        except _TimedOut:
            return _failed(hook, None)
        except HookError as error:
            return _failed(hook, str(error))
        duration_ms = max(0, int((run.ports.clock.now() - began) * 1000))
        done.append({"type": "hook_completed", "hook_id": hook.id, "point": point, "duration_ms": duration_ms})
        decision = answer.get("decision")
        if isinstance(decision, dict) and decision.get("decision") == "deny":
            return _denied(hook, decision, done)
    return Verdict(done)


class _TimedOut(Exception):
    pass


async def _ask(run: Run, hook: Hook, question: JsonObject) -> JsonObject:
    patience = hook.timeout_ms / 1000
    asking = asyncio.ensure_future(ask(hook.runtime, question, patience))
    try:
        if await within(run.ports.clock, patience, f"hook {hook.id} of session {run.session_id}", cast("asyncio.Future[object]", asking)):
            return asking.result()
        raise _TimedOut
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


def _failed(hook: Hook, reason: str | None) -> Verdict:
    """A broken hook fails the run, and hides the ends of those before it."""
    cause = None if hook.point == "run_started" else "hook_failure"
    if reason is None:
        text = error = f"Hook '{hook.id}' timed out after {hook.timeout_ms}ms"
        report: JsonObject = {"reason_type": "hook_timeout", "hook_id": hook.id, "timeout_ms": hook.timeout_ms}
    else:
        text = f"Hook execution failed for '{hook.id}': {reason}"
        error = f"Hook runtime execution failed for '{hook.id}': {reason}"
        report = {"reason_type": "hook_execution_failed", "hook_id": hook.id, "reason": reason}
    event: Event = {"type": "hook_failed", "hook_id": hook.id, "point": hook.point, "error": error}
    return Verdict([event], Failure("hook", text, cause=cause, reason=report))


def _denied(hook: Hook, decision: JsonObject, done: list[Event]) -> Verdict:
    code, message = str(decision.get("reason_code", "runtime_error")), str(decision.get("message", ""))
    event: Event = {"type": "hook_denied", "hook_id": hook.id, "point": hook.point, "reason_code": code, "message": message}
    if decision.get("payload") is not None:
        event["payload"] = decision["payload"]
    text = f"Hook '{hook.id}' denied at {camel_case(hook.point)}: {camel_case(code)} - {message}"
    reason: JsonObject = {"reason_type": "hook_denied", "hook_id": hook.id, "point": hook.point, "reason_code": code}
    cause = None if hook.point == "run_started" else "hook_denied"
    return Verdict([*done, event], Failure("hook", text, cause=cause, reason=reason))
