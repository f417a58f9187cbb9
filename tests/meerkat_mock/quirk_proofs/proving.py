"""Proofs of quirks: per row one conversation, held with the row on and with it off, and what is seen of each.

Owns the registry and the way a proof is judged; what a conversation says is the business of the modules beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meerkat_mock.quirks import QUIRKS, Quirks, UnknownQuirk
from meerkat_mock.runtime import World
from meerkat_mock.scenario.models.scenario import from_data

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from meerkat.wire.base import Json
    from meerkat_mock.quirks import Fidelity

    Conversation = Callable[["Position"], Awaitable[Json]]


@dataclass(frozen=True)
class Position:
    """One of the four ways to have a row on or off: as the fidelity has it, or against the fidelity by name."""

    row: str
    fidelity: Fidelity
    on: bool
    beside: Mapping[str, bool]
    """Other rows that the conversation needs in a place of their own."""

    @property
    def named(self) -> dict[str, bool]:
        """What a scenario says under `quirks`: nothing about the row where the fidelity alone decides."""
        by_itself = Quirks(self.fidelity).on(self.row)
        return {**self.beside, **({} if by_itself is self.on else {self.row: self.on})}

    @property
    def quirks(self) -> Quirks:
        """The positions of all rows, as a scenario asks for them."""
        scenario = from_data({"fidelity": self.fidelity, "quirks": self.named})
        return Quirks(scenario.fidelity, scenario.quirks)

    def world(self, **given: Any) -> World:
        """Return a world in this position."""
        return World(quirks=self.quirks, **given)

    def __str__(self) -> str:
        return f"fidelity: {self.fidelity}, quirks: {self.named}"


@dataclass(frozen=True)
class Proof:
    """What a conversation shows where the row is on, and what it shows where it is off."""

    row: str
    conversation: Conversation
    server: Json
    documented: Json
    beside: Mapping[str, bool]

    def __post_init__(self) -> None:
        if self.row not in QUIRKS:
            raise UnknownQuirk(self.row)
        if self.server == self.documented:
            raise ValueError(f"the proof of {self.row!r} tells nothing: it expects {self.server!r} in both positions")

    def positions(self) -> list[Position]:
        """Return the row on and off, in either fidelity."""
        return [Position(self.row, fidelity, on, self.beside) for fidelity in ("server", "contract") for on in (True, False)]

    async def hold(self) -> None:
        """Hold the conversation in every position. Raises `AssertionError` naming the row, the position and what was seen."""
        for position in self.positions():
            seen, expected = await self.conversation(position), self.server if position.on else self.documented
            assert seen == expected, f"{self.row} with `{position}` shows {seen!r}, not {expected!r}"


class Proofs(dict[str, Proof]):
    """The proofs by row."""

    def of(self, row: str) -> Proof:
        """Return the proof of a row. Raises `AssertionError` naming it."""
        assert row in self, f"the quirk {row!r} has no proof: add one with @proves({row!r}, server=..., documented=...) in quirk_proofs/"
        return self[row]


PROOFS = Proofs()


def proves(row: str, *, server: Json, documented: Json, **beside: bool) -> Callable[[Conversation], Conversation]:
    """Register a conversation as the proof of a row. Raises `UnknownQuirk`, or `ValueError` for a second one or one that tells nothing."""

    def register(conversation: Conversation) -> Conversation:
        if row in PROOFS:
            raise ValueError(f"{row!r} has a proof already: {PROOFS[row].conversation.__name__}")
        PROOFS[row] = Proof(row, conversation, server, documented, beside)
        return conversation

    return register
