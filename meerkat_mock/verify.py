"""`verify` of a scenario: what must have crossed, in which order and how often, asked of the journal when all is over.

A name is a method of the client's requests (or a notification), `tool:NAME` for a callback, or the type of an event of `session/event`.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from meerkat_mock.scenario.matching import match, shown
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.journal import Journal, Line
    from meerkat_mock.scenario.models.faults import Verify

_FIXES = ("correct the application", "correct `verify`")


def verify(wanted: Verify, journal: Journal, where: Callable[..., str]) -> list[Violation]:
    """Return everything in `verify` that does not hold; `where` gives `file:line` of a path in the scenario."""
    happened = _happened(journal)
    counts: dict[str, int] = {}
    for name, _ in happened:
        counts[name] = counts.get(name, 0) + 1
    found = [*_order(wanted, happened), *_limits(wanted, counts), *_calls(wanted, journal)]
    return [Violation("verify", where("verify", *path), message, nearest, _FIXES) for path, message, nearest in found]


Broken = tuple[tuple[str, ...], str, str]
"""Path inside `verify`, what does not hold, what is nearest."""


def _order(wanted: Verify, happened: list[tuple[str, int]]) -> Iterator[Broken]:
    after, before = 0, ""
    for name in wanted.order:
        line = next((line for other, line in happened if other == name and line > after), None)
        if line is None:
            earlier = next((line for other, line in happened if other == name), None)
            nearest = f"{name} came in line {earlier}, before that" if earlier is not None else _nearest(name, {key for key, _ in happened})
            place = f"after {before} (line {after})" if before else "at all"
            yield ("order",), f"{name} did not come {place}", nearest
            return
        after, before = line, name


def _limits(wanted: Verify, counts: dict[str, int]) -> Iterator[Broken]:
    for name, least in wanted.at_least.items():
        if counts.get(name, 0) < least:
            yield ("at_least", name), f"{name} came {_times(counts.get(name, 0))}, wanted at least {least}", _nearest(name, set(counts))
    for name, most in wanted.at_most.items():
        if counts.get(name, 0) > most:
            yield ("at_most", name), f"{name} came {_times(counts[name])}, wanted at most {most}", ""
    for name in wanted.never:
        if counts.get(name):
            yield ("never",), f"{name} came {_times(counts[name])}, wanted never", ""


def _calls(wanted: Verify, journal: Journal) -> Iterator[Broken]:
    for tool, matchers in wanted.calls.items():
        given = [each.params.get("arguments") for each in journal.callbacks(tool) if isinstance(each.params, dict)]
        if len(given) != len(matchers):
            yield ("calls", tool), f"{tool} was called {_times(len(given))}, wanted {len(matchers)}", ", ".join(map(shown, given))
        for number, (matcher, arguments) in enumerate(zip(matchers, given, strict=False), 1):
            mismatch = match(matcher, arguments)
            if mismatch is not None:
                yield ("calls", tool), f"call {number} of {tool}: {mismatch}", ""


def _times(count: int) -> str:
    return "never" if not count else "once" if count == 1 else f"{count} times"


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return near[0] if near else ""


def _happened(journal: Journal) -> list[tuple[str, int]]:
    return [(name, line.number) for line in journal for name in _names(line, line.message)]


def _names(line: Line, message: JsonObject) -> Iterator[str]:
    method: Json = message.get("method")
    if not isinstance(method, str):
        return
    params = message.get("params")
    inside = params if isinstance(params, dict) else {}
    if method == "tool/execute" and line.direction == "out":
        yield f"tool:{inside.get('name')}"
    elif method == "session/event":
        event = inside.get("event")
        payload = event.get("payload") if isinstance(event, dict) else None
        if isinstance(payload, dict) and isinstance(kind := payload.get("type"), str):
            yield kind
    yield method
