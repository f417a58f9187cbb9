"""What is well formed but cannot mean what its author wanted: ties, scripts never reached, rounds behind the end."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import combinations
from typing import TYPE_CHECKING

from meerkat_mock.scenario.document import Document, Finding, ScenarioError
from meerkat_mock.scenario.matching import given_matchers, match, specificity_of
from meerkat_mock.scenario.models.matchers import operator_of
from meerkat_mock.scenario.reader import read
from meerkat_mock.scenario.rendering import BadImage, load_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from meerkat.wire.base import Json
    from meerkat_mock.scenario.document import Steps
    from meerkat_mock.scenario.models import Match, Round, SessionScript, Turn

    Tools = Mapping[str, Mapping[str, Json]]


def lint(path: str | Path) -> list[Finding]:
    """Return everything that is wrong with a scenario file, nothing if it is fine."""
    try:
        return lint_document(read(path))
    except ScenarioError as error:
        return error.findings


def lint_document(document: Document) -> list[Finding]:
    """Return what is wrong with a readable scenario."""
    findings = [*_names(document), *_rivals(document), *_fault_places(document)]
    for turn, path in turns_of(document):
        findings += _after_the_end(document, turn, path)
    for given, path in rounds_of(document):
        findings += _images(document, given, path)
    return sorted(findings)


def turns_of(document: Document) -> Iterator[tuple[Turn, Steps]]:
    """Yield every turn of sessions and mob members with its path."""
    for index, script in enumerate(document.scenario.sessions):
        for number, turn in enumerate(script.turns):
            yield turn, ("sessions", index, "turns", number)
    for index, mob in enumerate(document.scenario.mobs):
        for identity, member in mob.members.items():
            for number, turn in enumerate(member.turns):
                yield turn, ("mobs", index, "members", identity, "turns", number)


def rounds_of(document: Document) -> Iterator[tuple[Round, Steps]]:
    """Yield every round, attempts and branches included, with its path."""
    for turn, path in turns_of(document):
        yield from _inner_rounds(turn.rounds, (*path, "rounds"))


def _inner_rounds(rounds: Sequence[Round], path: Steps) -> Iterator[tuple[Round, Steps]]:
    for number, given in enumerate(rounds):
        yield given, (*path, number)
        yield from _inner_rounds(given.attempts or (), (*path, number, "attempts"))
        yield from _inner_rounds(given.if_error or (), (*path, number, "if_error"))


def _names(document: Document) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index in range(len(document.scenario.sessions)):
        name = document.scenario.session_name(index)
        if name in seen:
            at = document.positions.at(("sessions", index, "name"))
            first = document.where("sessions", seen[name])
            yield Finding.at(at, "duplicate_name", f"two sessions are called `{name}`, the other is at {first}", "rename one")
        seen.setdefault(name, index)


def _rivals(document: Document) -> Iterator[Finding]:
    for (first, one), (second, other) in combinations(enumerate(document.scenario.sessions), 2):
        here, there = ("sessions", first), ("sessions", second)
        if given_matchers(one.match) == given_matchers(other.match):
            message = f"this session and the one at {document.where(*here)} match the same conversations"
            yield Finding.at(document.positions.at(there), "tie", message, "give one a more specific `match`, or join their turns")
        else:
            yield from _shadowed(document, one, other, here, there)
            yield from _shadowed(document, other, one, there, here)


def _shadowed(document: Document, winner: SessionScript, loser: SessionScript, at: Steps, lost: Steps) -> Iterator[Finding]:
    narrower = specificity_of(winner.match) > specificity_of(loser.match)
    if winner.reuse and narrower and implies(loser.match, winner.match):
        message = f"this session is never reached: the one at {document.where(*at)} wins every conversation that matches it"
        yield Finding.at(document.positions.at(lost), "unreachable", message, "make its `match` more specific, or remove it")


def implies(narrow: Match, wide: Match) -> bool:
    """Tell whether surely every conversation that `narrow` matches is matched by `wide`, too."""
    ours, theirs = given_matchers(narrow), given_matchers(wide)
    return all(name in ours and _implies(ours[name], matcher) for name, matcher in theirs.items())


def _implies(narrow: Json, wide: Json) -> bool:
    if narrow == wide:
        return True
    own, other = operator_of(narrow), operator_of(wide)
    if other is not None and other[0] == "any":
        return True
    if own is None:
        return not isinstance(narrow, (dict, list)) and narrow not in ("present", "absent") and match(wide, narrow) is None
    if own[0] == "one_of" and isinstance(own[1], list):
        return all(_implies(choice, wide) for choice in own[1])
    if own[0] == "contains" and other is not None and other[0] == "contains":
        return isinstance(own[1], str) and isinstance(other[1], str) and other[1] in own[1]
    return False


def _after_the_end(document: Document, turn: Turn, path: Steps) -> Iterator[Finding]:
    """Rounds behind one that ends the turn come into play only as answers to the extraction of structured output."""
    structured = turn.expect is not None and turn.expect.given("output_schema")
    ended: int | None = None
    for number, given in enumerate(turn.rounds):
        if ended is not None and not (structured or given.has_json or given.attempts or given.fail):
            at = document.positions.at((*path, "rounds", number))
            message = f"this round comes after the one that ends the turn ({document.where(*path, 'rounds', ended)})"
            yield Finding.at(at, "after_end", message, "begin a new turn, or say `expect: {output_schema: present}` if it answers a schema")
            return
        if given.ends_turn and not given.fail:
            ended = number if ended is None else ended


def _images(document: Document, given: Round, path: Steps) -> Iterator[Finding]:
    if given.image is not None and given.image.path is not None:
        try:
            load_image(given.image, document.folder)
        except BadImage as error:
            yield Finding.at(document.positions.at((*path, "image", "path")), "image", str(error), "correct the path")


def _fault_places(document: Document) -> Iterator[Finding]:
    names = [document.scenario.session_name(index) for index in range(len(document.scenario.sessions))]
    for name, fault in document.scenario.faults.items():
        session = fault.when.session
        if session is not None and session not in names:
            near = get_close_matches(session, names, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"sessions: {', '.join(names) or 'none'}"
            at = document.positions.at(("faults", name, "when", "session"))
            yield Finding.at(at, "unknown_session", f"no session is called `{session}`", hint)
