"""Which faults of a scenario are on, and when one is due. What a due fault does is the business of `faulting`.

A fault is off until a test, a marker or `--fault` names it. It is placed by meaning: the session (by the name of its script, or its id),
the mob member (by its identity), the mob (by the id of its definition), the live channel (by the name of its script); the turn, the
round, and the events since the turn began; or a request of the client. Turns, rounds and events are those that were shown to a client: of
a mob member that nobody watches, nothing is.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.clock import seconds
from meerkat_mock.faulting.facts import Facts
from meerkat_mock.faulting.places import Names
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from meerkat_mock.faulting.places import Place
    from meerkat_mock.scenario.document import Document
    from meerkat_mock.scenario.models.faults import FaultFields

STARTS_TURN = ("turn/start", "mob/turn_start")


class UnknownFault(ValueError):
    """A fault that the scenario does not have; the message names the nearest."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        there = sorted(known)
        near = difflib.get_close_matches(name, there, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(there)}" if there else "it has no `faults`"
        super().__init__(f"the scenario has no fault {name!r}; {hint}")


@dataclass(eq=False)
class ActiveFault:
    """A fault that is on, and how often it has struck."""

    name: str
    fault: FaultFields
    where: str
    struck: int = 0

    @property
    def spent(self) -> bool:
        """True once it has struck as often as it should."""
        return self.struck >= self.fault.times

    @property
    def delay(self) -> float:
        """Seconds from the moment it is due to the strike."""
        return seconds(self.fault.when.delay)


class Faults:
    """The faults of one mock. `names_of` gives the names by which a scenario may mean a session, given its id."""

    def __init__(self, names_of: Callable[[str], Names] = lambda session: Names()) -> None:
        self.names_of = names_of
        self._wanted: list[str] = []
        self._on: dict[str, ActiveFault] = {}
        self._facts: dict[str, Facts] = {}
        self.latest: str | None = None
        """The session whose event came last."""

    def turn_on(self, *names: str) -> None:
        """Turn faults on by name; they are looked up when the scenario is complete enough to be played."""
        self._wanted.extend(names)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the faults that are on."""
        return tuple(self._wanted)

    @property
    def armed(self) -> bool:
        """Tell whether any fault is on: if none is, nobody needs to look at a line."""
        return bool(self._on)

    def follow(self, document: Document | None) -> None:
        """Take what is turned on out of the scenario as it stands. Raises `UnknownFault`."""
        known = document.scenario.faults if document is not None else {}
        for name in self._wanted:
            if name not in known or document is None:
                raise UnknownFault(name, known)
            self._on.setdefault(name, ActiveFault(name, known[name], document.where("faults", name)))

    # ---- when ------------------------------------------------------------------------------------------------------------------------

    def facts(self, session: str) -> Facts:
        """Return where a session stands."""
        return self._facts.setdefault(session, Facts())

    def note(self, session: str, kind: str) -> None:
        """Count an event that has gone out."""
        self.latest = session
        self.facts(session).note(kind)

    def due_at_event(self, place: Place) -> Iterator[ActiveFault]:
        """Yield the faults that are due where a session stands now."""
        return (each for each in self._on.values() if not each.spent and each.fault.when.request is None and self._due(each, place, 0))

    def due_at_request(self, method: str, place: Place) -> Iterator[ActiveFault]:
        """Yield the faults that strike at a request; an `error` placed without a request strikes at the start of a turn."""
        for each in self._on.values():
            wanted = each.fault.when.request
            meant = method == wanted or (wanted is None and each.fault.error is not None and method in STARTS_TURN)
            if not each.spent and meant and self._due(each, place, 1 if method in STARTS_TURN else 0):
                yield each

    def races(self, latest: Place) -> Iterator[ActiveFault]:
        """Yield the races that are on and due where the latest session stands."""
        return (each for each in self._on.values() if each.fault.race is not None and not each.spent and self._due(each, latest, 0))

    def _due(self, active: ActiveFault, place: Place, coming: int) -> bool:
        when = active.fault.when
        if not place.fits(when):
            return False
        if when.turn is None and when.round is None and not when.after:
            return True
        if place.session is None:
            return False
        facts = self.facts(place.session)
        return (
            when.turn in (None, facts.turn + coming)
            and when.round in (None, facts.round)
            and all(facts.events[kind] >= count for kind, count in when.after.items())
        )

    # ---- afterwards ------------------------------------------------------------------------------------------------------------------

    def unused(self) -> Iterator[Violation]:
        """Yield the faults that are on and never struck."""
        for each in self._on.values():
            if not each.struck and not each.fault.optional:
                fixes = ("correct its `when`", "turn it off", "mark it `optional: true`")
                yield Violation("unused", each.where, f"the fault {each.name!r} is on and never struck", self._nearest(), fixes)

    def _nearest(self) -> str:
        stands = [f"{self._called(session)} stood at turn {facts.turn}, round {facts.round}" for session, facts in self._facts.items()]
        return "; ".join(stands) or "no session ran a turn"

    def _called(self, session: str) -> str:
        """Return how a person knows a session: by its script, if it has one."""
        return next(iter(self.names_of(session).scripts), session)
