"""What is told before a model call: `boundary` of the run grammar (spec 03, 6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import Event
    from meerkat_mock.agent.run import Run


async def boundary(run: Run) -> None:
    """Say changes of single tools, then finished jobs, then changes of the scope of tools, which the transcript keeps (spec 05, 6.4)."""
    changes = run.ports.tools.boundary_changes(run.turn_number)
    jobs = run.ports.tools.finished_jobs()
    if changes or jobs:
        scope = [change for change in changes if _of_scope(change)]
        for change in scope:
            run.add(
                {"role": "system_notice", "kind": "tool_scope", "body": f"Tool configuration changed at turn boundary: {_status(change)}"}
            )
        await run.say([*(change for change in changes if change not in scope), *jobs, *scope])


def _of_scope(change: Event) -> bool:
    payload = change.get("payload")
    return isinstance(payload, dict) and "domain" in payload


def _status(change: Event) -> str:
    payload = change.get("payload")
    return str(payload.get("status", "")) if isinstance(payload, dict) else ""
