"""What of the contract a test suite has exercised: methods, errors, notifications, callbacks, events, values of enumerations, and runs.

Owns the counting; where lines come from (the journal of a mock, a file, a recorded conversation) is the caller's business. What no server
of this version can do is named with its evidence (`coverage_unreachable`) and expected of nobody.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args, get_type_hints

from meerkat.wire import events as wire_events
from meerkat.wire.methods import METHODS, NOTIFICATIONS, SERVER_REQUESTS
from meerkat_mock.contract.shapes import shape_of
from meerkat_mock.coverage_unreachable import UNREACHABLE
from meerkat_mock.coverage_values import all_values, values_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.contract.shapes import Shape
    from meerkat_mock.journal import Direction, Journal

Kind = Literal["methods", "errors", "notifications", "callbacks", "events", "runs", "values"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_RUN_ENDS = ("run_completed", "run_failed")
_SHAPES: Final[Mapping[str, Callable[[Counter[str]], bool]]] = {
    "answered at once": lambda run: run["turn_started"] == 1 and run["run_completed"] > 0,
    "failed": lambda run: run["run_failed"] > 0,
    "with one tool call": lambda run: run["tool_call_requested"] == 1,
    "with several tool calls": lambda run: run["tool_call_requested"] > 1,
    "with several rounds": lambda run: run["turn_started"] > 1,
    "with another attempt": lambda run: run["retrying"] > 0,
    "with reasoning": lambda run: run["reasoning_complete"] > 0,
    "with an image": lambda run: run["assistant_image_appended"] > 0,
    "with compaction": lambda run: run["compaction_started"] > 0,
    "stopped by a budget": lambda run: run["budget_warning"] > 0,
    "with hooks": lambda run: run["hook_started"] > 0,
    "with extraction": lambda run: run["extraction_succeeded"] + run["extraction_failed"] > 0,
    "without an end": lambda run: run["run_started"] > 0 and not any(run[end] for end in _RUN_ENDS),
}


@cache
def everything() -> Mapping[Kind, tuple[str, ...]]:
    """Return all that can be exercised, by kind, in the order of the contract."""
    return {
        "methods": tuple(METHODS),
        "errors": tuple(f"{row.name} {code}" for row in METHODS.values() for code in dict.fromkeys(row.errors)),
        "notifications": tuple(name for name, row in NOTIFICATIONS.items() if row.sender == "server"),
        "callbacks": tuple(SERVER_REQUESTS),
        "events": _event_types(),
        "runs": tuple(_SHAPES),
        "values": all_values(),
    }


def _event_types() -> tuple[str, ...]:
    members = get_args(get_args(wire_events.AgentEvent)[0])
    return tuple(get_args(get_type_hints(member)["type"])[0] for member in members)


@dataclass
class Row:
    """One kind: what was exercised, what was not, and what came that the contract does not name."""

    kind: Kind
    used: list[str]
    missing: list[str]
    beyond: list[str]
    unreachable: dict[str, str]
    """What no server of this version does, each with the evidence; counted neither for nor against."""

    @property
    def percent(self) -> float:
        """The share that was exercised, 100 when there is nothing to exercise."""
        total = len(self.used) + len(self.missing)
        return 100.0 if not total else 100.0 * len(self.used) / total


@dataclass
class Coverage:
    """Counts what crosses. Feed it the lines of any number of conversations, each under a name of its own."""

    kinds: Sequence[Kind] = KINDS
    """What is counted; values cost most."""
    seen: dict[Kind, Counter[str]] = field(default_factory=lambda: {kind: Counter[str]() for kind in KINDS})
    _open: dict[tuple[str, str], str] = field(default_factory=lambda: {})
    """The methods of requests that have no answer yet, by conversation and id."""
    _runs: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: {})

    def take(self, conversation: str, direction: Direction, line: bytes | str) -> None:
        """Take one line; `direction` is `in` for what a client sent. What is no message counts as nothing."""
        try:
            message: Json = json.loads(line)
        except ValueError:
            return
        if isinstance(message, dict):
            self.message(conversation, direction, message)

    def message(self, conversation: str, direction: Direction, message: JsonObject) -> None:
        """Take one message that was read already."""
        method, request_id = message.get("method"), json.dumps(message.get("id"))
        if direction == "in":
            if isinstance(method, str) and "id" in message:
                self._open[conversation, request_id] = method
                self._values(_params_of(method), message.get("params"))
        elif not isinstance(method, str):
            self._answer(self._open.pop((conversation, request_id), None), message)
        else:
            self.seen["callbacks" if "id" in message else "notifications"][method] += 1
            self._values(_params_of(method), message.get("params"))
            self._event(conversation, method, message.get("params"))

    def journal(self, journal: Journal) -> None:
        """Take all lines of the journal of a mock."""
        for line in journal:
            self.take(f"{id(journal)} {line.connection}", "in" if line.direction == "in" else "out", line.data)

    def rows(self) -> list[Row]:
        """Return what was found so far, a row for each kind that is counted."""
        return [self._row(kind, everything()[kind]) for kind in self.kinds]

    def data(self) -> dict[str, dict[str, int]]:
        """Return the counts, to be read back by `add` in another process."""
        for run in self._runs.values():
            self.seen["runs"].update(_shapes_of(run))
        self._runs.clear()
        return {kind: dict(self.seen[kind]) for kind in self.kinds}

    def add(self, data: Mapping[str, Mapping[str, int]]) -> None:
        """Count in what another process has counted."""
        for kind in KINDS:
            self.seen[kind].update(data.get(kind, {}))

    def _row(self, kind: Kind, names: Sequence[str]) -> Row:
        seen = Counter(self.seen[kind])
        for run in self._runs.values() if kind == "runs" else ():
            seen.update(_shapes_of(run))
        known, impossible = set(names), UNREACHABLE.get(kind, {})
        return Row(
            kind,
            used=[name for name in names if seen[name]],
            missing=[name for name in names if not seen[name] and name not in impossible],
            beyond=sorted(name for name in seen if name not in known),
            unreachable={name: why for name, why in impossible.items() if not seen[name]},
        )

    def _values(self, shape: Shape | None, value: Json) -> None:
        if shape is not None and "values" in self.kinds:
            self.seen["values"].update(values_in(shape, value))

    def _answer(self, method: str | None, message: JsonObject) -> None:
        if method is None:
            return
        self.seen["methods"][method] += 1
        error = message.get("error")
        if isinstance(error, dict):
            self.seen["errors"][f"{method} {error.get('code')}"] += 1
        elif method in METHODS:
            self._values(shape_of(METHODS[method].result), message.get("result"))

    def _event(self, conversation: str, method: str, params: Json) -> None:
        payload = _payload(params)
        kind = payload.get("type")
        if not isinstance(kind, str) or not method.endswith("event"):
            return
        self.seen["events"][kind] += 1
        if method == "session/event" and isinstance(params, dict):
            self._run(conversation, str(params.get("session_id")), kind)

    def _run(self, conversation: str, session_id: str, kind: str) -> None:
        key = conversation, session_id
        if kind == "run_started" and key in self._runs:
            self.seen["runs"].update(_shapes_of(self._runs.pop(key)))
        self._runs.setdefault(key, Counter())[kind] += 1


@cache
def _params_of(method: str) -> Shape | None:
    """Return the shape of what a request or a notification carries, None if it carries nothing or is not known."""
    row = METHODS.get(method) or NOTIFICATIONS.get(method) or SERVER_REQUESTS.get(method)
    return None if row is None or row.params is None else shape_of(row.params)


def _shapes_of(run: Counter[str]) -> Iterable[str]:
    return [name for name, is_it in _SHAPES.items() if is_it(run)]


def _payload(params: Json) -> JsonObject:
    """Return the event inside the params of a notification, however deep its envelope lies."""
    found: Json = params
    for name in ("event", "envelope", "payload"):
        inner = found.get(name) if isinstance(found, dict) else None
        found = inner if isinstance(inner, dict) else found
    return found if isinstance(found, dict) else {}
