"""What only the mock can do: the exception that says so, the list a test's report is made of, and how a scenario asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat_mock.scenario.models import Scenario
    from meerkat_mock.world.model import ModelAnswer

LONGEST_REAL_PACE_S = 5.0
"""A script that waits longer at one place counts on virtual time."""

_WORLD = ("skills", "realms", "mcp", "blobs", "artifacts", "approvals", "mobs", "schedules", "live", "stubs", "quirks")
"""The parts of a scenario that only the mock's own runtime can act out; `sessions`, `models`, `config` and `verify` hold anywhere."""


class MockOnly(RuntimeError):
    """A feature that the mock has and a real server has not. `str()` names it."""


@dataclass
class MockOnlyUses:
    """The mock-only features that one test has used, in the order of first use."""

    found: list[str] = field(default_factory=lambda: [])

    def note(self, feature: str) -> None:
        """Remember a use."""
        if feature not in self.found:
            self.found.append(feature)

    def refuse(self, feature: str) -> MockOnly:
        """Remember a use, and return the exception to be raised for it."""
        self.note(feature)
        return MockOnly(f"mock only: {feature}")


def parts_of(scenario: Scenario) -> Iterator[str]:
    """Yield what a scenario wants that a real server cannot be told."""
    for name in _WORLD:
        if getattr(scenario, name):
            yield f"`{name}:` of the scenario"
    if scenario.auth.model_fields_set:
        yield "`auth:` of the scenario"
    if scenario.fidelity != "server":
        yield f"`fidelity: {scenario.fidelity}`"
    if scenario.clock.start is not None:
        yield "virtual time (`clock.start`)"


def unsaid(answer: ModelAnswer) -> Iterator[str]:
    """Yield what of an answer no chat-completions endpoint can say."""
    if answer.images:
        yield f"a generated image ({answer.source})"
    if any(call.scripted for call in answer.calls):
        yield f"a scripted answer of the runtime's own tool ({answer.source})"
    if answer.sends or answer.wait_for:
        yield f"messages between mob members ({answer.source})"


def parts_of_answer(answer: ModelAnswer) -> Iterator[str]:
    """Yield what one answer of a script wants that no endpoint can say, or not in the time that a test has."""
    yield from unsaid(answer)
    if max(answer.pace_first, answer.pace_each) > LONGEST_REAL_PACE_S:
        yield f"virtual time: a pace beyond {LONGEST_REAL_PACE_S:g} s ({answer.source})"
