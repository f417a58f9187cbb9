"""Scenarios written in Python, equal to the file: the same models come out, and positions are the lines of the calls.

mock.session(prompt=contains("weather")).turn(call={"forecast": {"city": "Oslo"}}).then(say="Rain.")
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import ValidationError

from meerkat_mock.mutation.lever import LEVER
from meerkat_mock.scenario.document import UNKNOWN, Document, Position, Positions, ScenarioError, Steps
from meerkat_mock.scenario.explaining import explain
from meerkat_mock.scenario.kinds import is_list
from meerkat_mock.scenario.models import Scenario, from_data, no_scenario, to_data
from meerkat_mock.scenario.models.base import Data, keys_of
from meerkat_mock.scenario.models.sessions import Match, SessionScript

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json

Given = object
"""Anything JSON; calls may be written `{tool: arguments}` for one call, or a list of calls."""


def contains(part: Json) -> Json:
    """Match a text, list or object that contains `part`."""
    return {"contains": part}


def regex(pattern: str) -> Json:
    """Match a text in which `pattern` is found."""
    return {"regex": pattern}


def glob(pattern: str) -> Json:
    """Match a whole text by `*`, `?` and `[...]`."""
    return {"glob": pattern}


def one_of(*choices: Json) -> Json:
    """Match what one of `choices` matches."""
    return {"one_of": list(choices)}


def exactly(value: Json) -> Json:
    """Match this very value: no part of it is an operator, and objects have no further keys."""
    return {"exactly": value}


def schema(fits: Json) -> Json:
    """Match what fits a JSON Schema."""
    return {"schema": fits}


def not_(matcher: Json) -> Json:
    """Match whatever `matcher` does not."""
    return {"not": matcher}


def named(name: str) -> Json:
    """Match what the matcher registered as `name` accepts."""
    return {"named": name}


ANYTHING: Json = {"any": True}
"""Matches anything, even what is not there."""
PRESENT: Json = "present"
"""Matches whatever is there."""
ABSENT: Json = "absent"
"""Matches only what is not there."""


class ScenarioBuilder:
    """Collects the parts of a scenario that a test writes in Python, on top of an optional document that was read."""

    def __init__(self, base: Document | None = None) -> None:
        self._data: Data = to_data(base.scenario) if base else {}
        self._known: dict[Steps, Position] = dict(base.positions.known) if base else {}
        self._folder = base.folder if base else Path()
        self._files = base.files if base else ()
        self.revision = 0
        """Grows with every part that is added, so that whoever plays the scenario can tell when to look again."""
        self.on_change: Callable[[], None] | None = None
        """Called after every part that is added."""
        self._document: Document | None = None

    @property
    def data(self) -> Data:
        """The plain data so far, as a file would hold it."""
        return self._data

    def session(self, *, match: Mapping[str, Json] | None = None, **given: Given) -> SessionBuilder:
        """Add the script of a conversation: `prompt=`, `labels=`, `model=` select it as in `match`, the rest are keys of the session."""
        matchers = {key: value for key, value in given.items() if key in keys_of(Match)}
        own = {key: value for key, value in given.items() if key not in matchers}
        known = [key for key in keys_of(SessionScript) if key not in ("match", "turns")]
        _refuse_unknown(own, known + keys_of(Match))
        rules = {**(match or {}), **matchers}
        data = cast("Data", {**({"match": rules} if rules else {}), **own, "turns": []})
        return SessionBuilder(self, data, self._append("sessions", data))

    def mob(self, **given: Given) -> ScenarioBuilder:
        """Add the script of a mob, with the keys of the file."""
        self._append("mobs", cast("Data", given))
        return self

    def schedule(self, **given: Given) -> ScenarioBuilder:
        """Add expectations about a schedule, with the keys of the file."""
        self._append("schedules", cast("Data", given))
        return self

    def live(self, *steps: Mapping[str, Json], **given: Given) -> ScenarioBuilder:
        """Add the script of a live channel: its steps, if the provider is not to `refuse` it, and the other keys by name."""
        self._append("live", cast("Data", {**given, "steps": list(steps)} if steps or "refuse" not in given else given))
        return self

    def stub(self, method: str, **given: Given) -> ScenarioBuilder:
        """Answer `method` with given JSON: `params=`, `result=` or `error=`, `times=`."""
        self._append("stubs", cast("Data", {"method": method, **given}))
        return self

    def fault(self, name: str, **given: Given) -> ScenarioBuilder:
        """Add a fault by name, with the keys of the file."""
        cast("dict[str, Json]", self._data.setdefault("faults", {}))[name] = cast("Json", given)
        self.place(("faults", name))
        return self

    def set(self, **given: Given) -> ScenarioBuilder:
        """Set top-level keys: `defaults={...}`, `fidelity=`, `config=`, and so on."""
        self._data.update(cast("Data", given))
        for key in given:
            self.place((key,))
        return self

    def document(self) -> Document:
        """Return the scenario so far. Raises `ScenarioError` with the lines of the calls that are wrong."""
        if self._document is None:
            positions = Positions(dict(self._known))
            try:
                scenario = from_data(LEVER.scenario(self._data, positions)) if self._data else no_scenario()
            except ValidationError as error:
                raise ScenarioError(explain(error, positions, {})) from error
            self._document = Document(scenario, positions, self._folder, self._files)
        return self._document

    def scenario(self) -> Scenario:
        """Return the model of the scenario so far. Raises `ScenarioError`."""
        return self.document().scenario

    def _append(self, key: str, data: Data) -> Steps:
        items = cast("list[Json]", self._data.setdefault(key, []))
        items.append(data)
        path = (key, len(items) - 1)
        self.place(path)
        return path

    def place(self, path: Steps) -> None:
        """Note the line of the caller outside this module as the place of `path`, whose data was just added, and of what holds it."""
        self.revision += 1
        self._document = None
        here = _caller()
        for length in range(1, len(path)):
            self._known.setdefault(path[:length], here)
        self._known[path] = here
        if self.on_change is not None:
            self.on_change()


class SessionBuilder:
    """The script of one conversation, turn by turn."""

    def __init__(self, builder: ScenarioBuilder, data: Data, path: Steps) -> None:
        self._builder, self._data, self._path = builder, data, path

    @property
    def _turns(self) -> list[Json]:
        return cast("list[Json]", self._data["turns"])

    def turn(
        self, *, expect: Mapping[str, Json] | None = None, prompt: Given = None, optional: bool = False, **first: Given
    ) -> SessionBuilder:
        """Add a turn; the remaining keywords are its first round, as in the file: `say=`, `call=`, `fail=`, ..."""
        turn: dict[str, Given] = {"rounds": [_round(first)] if first else []}
        turn.update({"expect": dict(expect)} if expect is not None else {})
        turn.update({"prompt": prompt} if prompt is not None else {})
        turn.update({"optional": True} if optional else {})
        self._turns.append(cast("Json", turn))
        path = (*self._path, "turns", len(self._turns) - 1)
        self._builder.place(path)
        if first:
            self._builder.place((*path, "rounds", 0))
        return self

    def then(self, **given: Given) -> SessionBuilder:
        """Add a round to the newest turn."""
        if not self._turns:
            raise ValueError("`then` goes on with a turn; begin one with `turn(...)`")
        rounds = cast("list[Json]", cast("Data", self._turns[-1])["rounds"])
        rounds.append(_round(given))
        self._builder.place((*self._path, "turns", len(self._turns) - 1, "rounds", len(rounds) - 1))
        return self


def _round(given: Mapping[str, Given]) -> Json:
    data = dict(given)
    calls = data.get("call")
    if isinstance(calls, Mapping):
        data["call"] = [calls] if "tool" in calls else [{tool: args} for tool, args in cast("Mapping[str, Given]", calls).items()]
    return cast("Json", {key: list(value) if is_list(value) else value for key, value in data.items()})


def _refuse_unknown(given: Mapping[str, Given], known: list[str]) -> None:
    for key in given:
        if key not in known:
            raise TypeError(f"a session has no `{key}`; allowed: {', '.join(dict.fromkeys(known))}")


def _caller() -> Position:
    frame = inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("meerkat_mock."):
        frame = frame.f_back
    return Position(frame.f_code.co_filename, frame.f_lineno) if frame is not None else UNKNOWN
