"""`schedules` of a scenario: what became of each occurrence, held against the timelines that expect it, when all is over.

A timeline begins when its schedule is made; each moment of it ends `advance` later than the one before. Of a moment, every occurrence that
fell due in it must be, at its end, in the phase that is expected. Whoever drives the clock makes time pass (`clock.advance`, or real time):
a timeline expects and changes nothing. A schedule is served by one timeline, one that names it before one that takes any.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from meerkat_mock.clock import seconds
from meerkat_mock.instants import nanoseconds, write_instant
from meerkat_mock.scenario.document import Unused
from meerkat_mock.scenario.matching import ABSENT, match
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meerkat.wire.schedules import OccurrencePhase
    from meerkat_mock.scenario.document import Document
    from meerkat_mock.scenario.models.timelines import Moment, ScheduleScript
    from meerkat_mock.schedule.records import Occurrence, Schedule

Doing = Literal["idle", "running"]
"""What a target does when an occurrence falls due."""

_SAME: Final = 1_000
"""Nanoseconds that a moment of the clock, which counts in floats, may be off."""
_FIXES: Final = ("correct what the schedule or its target does", "correct the timeline")


@dataclass
class _Seen:
    """One occurrence: when it is due, its phases and since when, and what its target did when it was claimed."""

    due: int
    phases: list[tuple[int, OccurrencePhase]] = field(default_factory=lambda: [])
    doing: Doing | None = None

    def phase_at(self, end: int) -> OccurrencePhase:
        """Return the phase in which the occurrence is at the end of a moment."""
        found: OccurrencePhase = "pending"
        for at, phase in self.phases:
            if at <= end + _SAME:
                found = phase
        return found


@dataclass
class _Course:
    """One schedule: since when it is, what it is called, and its occurrences."""

    begun: int
    name: str | None
    occurrences: dict[str, _Seen] = field(default_factory=lambda: {})


class Timelines:
    """What all processes of a mock saw of schedules, and what a scenario expects of it."""

    def __init__(self, document: Callable[[], Document | None]) -> None:
        self._document = document
        self._courses: dict[str, _Course] = {}
        self._now: Callable[[], int] = lambda: 0

    def follow(self, now: Callable[[], int]) -> None:
        """Take the time, in nanoseconds, from here."""
        self._now = now

    # ---- what happens ----------------------------------------------------------------------------------------------------------------

    def made(self, schedule: Schedule) -> None:
        """Note a schedule that was made, restored or changed."""
        self._courses.setdefault(schedule.id, _Course(schedule.created_at, None)).name = schedule.settings.name

    def passed(self, occurrence: Occurrence) -> None:
        """Note the phase that an occurrence is in from now on."""
        seen = self._seen(occurrence)
        if not seen.phases or seen.phases[-1][1] != occurrence.phase:
            seen.phases.append((self._now(), occurrence.phase))

    def claimed(self, occurrence: Occurrence, doing: Doing) -> None:
        """Note what the target of an occurrence does when it is claimed for the first time."""
        seen = self._seen(occurrence)
        seen.doing = seen.doing or doing

    def _seen(self, occurrence: Occurrence) -> _Seen:
        schedule = occurrence.schedule
        course = self._courses.setdefault(schedule.id, _Course(schedule.created_at, schedule.settings.name))
        return course.occurrences.setdefault(occurrence.id, _Seen(occurrence.due))

    # ---- what was expected -----------------------------------------------------------------------------------------------------------

    def violations(self) -> list[Violation]:
        """Return where a moment that is over was not as expected."""
        document = self._document()
        if document is None:
            return []
        return [
            Violation("expectation_failed", document.where("schedules", index, "timeline", number, key), message, nearest, _FIXES)
            for index, course in self._served(document).items()
            for number, begin, moment in _moments(document.scenario.schedules[index], course)
            if _end(begin, moment) <= self._now() + _SAME
            for key, message, nearest in _broken(moment, begin, course)
        ]

    def unused(self) -> list[Unused]:
        """Return the timelines that no schedule was made for, and those that time did not carry to their end."""
        document = self._document()
        served = {} if document is None else self._served(document)
        found: list[Unused] = []
        for index, script in enumerate(() if document is None else document.scenario.schedules):
            assert document is not None
            where, called = document.where("schedules", index), script.name or f"schedule-{index + 1}"
            if script.optional:
                continue
            if index not in served:
                found.append(Unused(where, f"no schedule was made for the timeline {called}", self._nearest(script)))
                continue
            moments = list(_moments(script, served[index]))
            over = sum(_end(begin, moment) <= self._now() + _SAME for _, begin, moment in moments)
            if over < len(moments):
                where = document.where("schedules", index, "timeline", over)
                until = write_instant(_end(*moments[over][1:]))
                found.append(Unused(where, f"{called} stopped after moment {over} of {len(moments)}", f"the clock did not come to {until}"))
        return found

    def _served(self, document: Document) -> dict[int, _Course]:
        """Return which course each timeline is about, by the index of the timeline."""
        scripts = list(enumerate(document.scenario.schedules))
        served: dict[int, _Course] = {}
        for course in self._courses.values():
            free = [(index, script) for index, script in scripts if index not in served and _fits(script, course)]
            if free:
                served[min(free, key=lambda each: (each[1].match.name is None, each[0]))[0]] = course
        return served

    def _nearest(self, script: ScheduleScript) -> str:
        names = [course.name or "one without a name" for course in self._courses.values()]
        wanted = script.match.name
        near = difflib.get_close_matches(wanted, names, 1) if isinstance(wanted, str) else []
        return ", ".join(near or names) or "no schedule was made"


def _fits(script: ScheduleScript, course: _Course) -> bool:
    wanted = script.match.name
    return wanted is None or match(wanted, ABSENT if course.name is None else course.name) is None


def _moments(script: ScheduleScript, course: _Course) -> Iterator[tuple[int, int, Moment]]:
    """Yield number, begin and moment."""
    begin = course.begun
    for number, moment in enumerate(script.timeline):
        yield number, begin, moment
        begin = _end(begin, moment)


def _end(begin: int, moment: Moment) -> int:
    return begin + nanoseconds(seconds(moment.advance))


def _broken(moment: Moment, begin: int, course: _Course) -> Iterator[tuple[str, str, str]]:
    """Yield key, message and nearest of what a moment is not."""
    end = _end(begin, moment)
    due = [seen for seen in course.occurrences.values() if begin + _SAME < seen.due <= end + _SAME]
    span = f"between {write_instant(begin)} and {write_instant(end)}"
    if moment.expect not in (None, "none") and not due:
        later = min((seen.due for seen in course.occurrences.values() if seen.due > end), default=None)
        yield "expect", f"nothing fell due {span}", "" if later is None else f"the next is due {write_instant(later)}"
    for seen in due:
        phase = seen.phase_at(end)
        if moment.expect not in (None, phase):
            wanted = "nothing to fall due" if moment.expect == "none" else moment.expect
            yield "expect", f"the occurrence due {write_instant(seen.due)} is {phase} by {write_instant(end)}; expected {wanted}", ""
        if moment.during is not None and seen.doing not in (None, moment.during):
            yield "while", f"the target was {seen.doing} when the occurrence due {write_instant(seen.due)} was claimed", ""
