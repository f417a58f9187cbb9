"""The tools of members, as far as this surface adds any: a member's first turn tells that they came (spec 04, section 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.session.tools import failed, scope_reloaded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meerkat_mock.agent.ports import Event, JsonObject, ToolOutcome
    from meerkat_mock.session.state import Session


class MemberScope:
    """The change of the scope of tools that the first turn of a member's session tells, whatever starts it."""

    def __init__(self, session: Session) -> None:
        self._due = session.owner is not None and session.staged

    def visible(self) -> Mapping[str, JsonObject]:
        """It offers nothing itself."""
        return {}

    async def call(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        """Refuse: there is nothing to call."""
        return failed("tool_unavailable", f"Tool '{name}' unavailable")

    def changes(self, turn_number: int) -> Sequence[Event]:
        """Return the change once, before the first model call of the session's first agent."""
        if not self._due:
            return ()
        self._due = False
        return (scope_reloaded(turn_number),)

    def finished_jobs(self) -> Sequence[Event]:
        """No job ever runs."""
        return ()
