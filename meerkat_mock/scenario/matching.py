"""What matchers match, how specific they are, and which script a conversation gets.

One meaning everywhere: prompts, labels, schemas, tool arguments, stubs. A matcher is the plain data that the file holds; its spelling is
checked in `models.matchers`. A failed match is a value that names every field that differs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, cast

from meerkat_mock.scenario.conformity import check, equal, shown_type
from meerkat_mock.scenario.kinds import is_list, is_mapping
from meerkat_mock.scenario.models.matchers import operator_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json
    from meerkat_mock.scenario.models import Match

Named = Mapping[str, Callable[["Json"], bool]]
"""Matchers registered in Python, by name."""

MAX_SEARCHED_CHARACTERS = 20_000
"""A regular expression sees this much of a text from its start; a failed match on a longer text says so."""
WINDOW_CHARACTERS = 24
"""How much of a long text is shown on either side of the first difference."""


class _Absent:
    """Stands for a value that is not there at all."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()
Value = object
"""A JSON value, or `ABSENT`."""


@dataclass(frozen=True)
class Difference:
    """One field that differs: path inside the value (empty: the value itself), what was wanted, what came."""

    path: str
    wanted: str
    got: str

    def __str__(self) -> str:
        return f"{self.path + ': ' if self.path else ''}wanted {self.wanted}, got {self.got}"


@dataclass(frozen=True)
class Mismatch:
    """Why a matcher does not match: every field that differs, and only those."""

    differences: tuple[Difference, ...]

    def under(self, path: str) -> Mismatch:
        """Return the same differences of a value that stands at `path`."""
        return Mismatch(tuple(Difference(_join(path, item.path), item.wanted, item.got) for item in self.differences))

    def __str__(self) -> str:
        return "; ".join(str(item) for item in self.differences)


def match(matcher: Json, value: Value, named: Named | None = None) -> Mismatch | None:
    """Return None if `value` (a JSON value or `ABSENT`) is what `matcher` wants, else the fields that differ."""
    differences = tuple(_differences(matcher, value, "", named or {}))
    return Mismatch(differences) if differences else None


def _differences(matcher: Json, value: Value, path: str, named: Named) -> Iterator[Difference]:
    found = operator_of(matcher)
    if matcher == "present" or matcher == "absent":
        if (value is ABSENT) is (matcher == "present"):
            yield Difference(path, str(matcher), shown(value))
    elif found is not None:
        yield from _operator(*found, value, path, named)
    elif value is ABSENT:
        yield Difference(path, shown(matcher), "nothing")
    elif isinstance(matcher, dict):
        yield from _partial(matcher, value, path, named)
    elif isinstance(matcher, list):
        yield from _items(matcher, value, path, named)
    elif not equal(matcher, cast("Json", value)):
        yield _unequal(matcher, value, path)


def _partial(matcher: dict[str, Json], value: Value, path: str, named: Named) -> Iterator[Difference]:
    if not is_mapping(value):
        yield Difference(path, f"an object like {shown(matcher)}", shown(value))
        return
    for key, inner in matcher.items():
        yield from _differences(inner, value.get(key, ABSENT), _join(path, key), named)


def _items(matcher: list[Json], value: Value, path: str, named: Named) -> Iterator[Difference]:
    if not is_list(value):
        yield Difference(path, f"a list like {shown(matcher)}", shown(value))
    elif len(value) != len(matcher):
        yield Difference(path, f"{len(matcher)} items {shown(matcher)}", f"{len(value)} items {shown(list(value))}")
    else:
        for number, (inner, item) in enumerate(zip(matcher, value, strict=True)):
            yield from _differences(inner, item, f"{path}[{number}]", named)


def _operator(name: str, operand: Json, value: Value, path: str, named: Named) -> Iterator[Difference]:
    if name == "any":
        return
    if name == "not":
        if not any(_differences(operand, value, path, named)):
            yield Difference(path, f"anything but {shown(operand)}", shown(value))
    elif name == "one_of":
        choices = cast("list[Json]", operand)
        if all(any(_differences(choice, value, path, named)) for choice in choices):
            yield Difference(path, "one of " + ", ".join(shown(choice) for choice in choices), shown(value))
    elif value is ABSENT:
        yield Difference(path, f"{name} {shown(operand)}", "nothing")
    elif name == "exactly":
        if not equal(operand, cast("Json", value)):
            yield _unequal(operand, value, path)
    elif name == "schema":
        for problem in check(operand, cast("Json", value)):
            yield Difference(_join(path, problem.path), f"a value that fits the schema: {problem.message}", shown(value))
    else:
        yield from _simple(name, operand, value, path, named)


def _simple(name: str, operand: Json, value: Value, path: str, named: Named) -> Iterator[Difference]:
    if name == "named":
        known = named.get(str(operand))
        if known is None:
            yield Difference(path, f"a registered matcher `{operand}`", f"only {', '.join(sorted(named)) or 'none'} registered")
        elif not known(cast("Json", value)):
            yield Difference(path, f"what `{operand}` accepts", shown(value))
    elif name == "contains":
        if not _contains(operand, value, named):
            yield Difference(path, f"something that contains {shown(operand)}", shown(value))
    elif not isinstance(value, str):
        yield Difference(path, f"a text for {name} {shown(operand)}", shown(value))
    elif name == "glob" and not fnmatchcase(value, str(operand)):
        yield Difference(path, f"a text like {operand}", shown(value))
    elif name == "regex" and re.search(str(operand), value[:MAX_SEARCHED_CHARACTERS]) is None:
        rest = f" (only its first {MAX_SEARCHED_CHARACTERS} characters were searched)" if len(value) > MAX_SEARCHED_CHARACTERS else ""
        yield Difference(path, f"a text that matches /{operand}/", shown(value) + rest)


def _contains(operand: Json, value: Value, named: Named) -> bool:
    if isinstance(value, str):
        text = (
            str(operand) if isinstance(operand, (int, float)) and not isinstance(operand, bool) else operand
        )  # `${order}` may be a number
        return isinstance(text, str) and text in value
    if is_list(value):
        return any(not any(_differences(operand, item, "", named)) for item in value)
    if is_mapping(value):
        return operand in value if isinstance(operand, str) else not any(_differences(operand, value, "", named))
    return False


def _unequal(wanted: Json, value: Value, path: str) -> Difference:
    if isinstance(wanted, str) and isinstance(value, str):
        return Difference(path, *marked(wanted, value))
    return Difference(path, shown(wanted), shown(value))


def _join(path: str, inner: str) -> str:
    return f"{path}.{inner}" if path and inner and not inner.startswith("[") else path + inner


def marked(wanted: str, got: str) -> tuple[str, str]:
    """Return both texts, cut to a window around what differs, which stands between » and « in each."""
    start = 0
    while start < min(len(wanted), len(got)) and wanted[start] == got[start]:
        start += 1
    end = 0
    while end < min(len(wanted), len(got)) - start and wanted[-1 - end] == got[-1 - end]:
        end += 1
    return _window(wanted, start, len(wanted) - end), _window(got, start, len(got) - end)


def _window(text: str, start: int, end: int) -> str:
    before = text[max(0, start - WINDOW_CHARACTERS) : start]
    after = text[end : end + WINDOW_CHARACTERS]
    middle = text[start:end] if end - start <= 4 * WINDOW_CHARACTERS else text[start : start + 4 * WINDOW_CHARACTERS] + "…"
    left = "…" if start > WINDOW_CHARACTERS else ""
    right = "…" if end + WINDOW_CHARACTERS < len(text) else ""
    return f"{left}{before}»{middle}«{after}{right}"


def shown(value: Value) -> str:
    """Return a value for a message: JSON, long ones cut in the middle."""
    if value is ABSENT:
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = f"<{shown_type(value)}>"
    return text if len(text) <= 8 * WINDOW_CHARACTERS else f"{text[: 5 * WINDOW_CHARACTERS]}…{text[-2 * WINDOW_CHARACTERS :]}"


Specificity = tuple[int, int]
"""How narrow a matcher is: by kind, then by the length of its texts."""

_KIND = {"exactly": 9, "one_of": 7, "regex": 6, "glob": 6, "schema": 4, "contains": 5, "named": 4, "not": 2, "any": 1}


def specificity(matcher: Json) -> Specificity:
    """Return how specific a matcher is: a plain value most, then `one_of`, patterns, `contains`, `schema`, `not`, `present`, `any`."""
    found = operator_of(matcher)
    if matcher in ("present", "absent"):
        return 2, 0
    if found is not None:
        name, operand = found
        return _KIND[name], len(operand) if isinstance(operand, str) else 0
    parts = list(matcher.values()) if isinstance(matcher, dict) else matcher if isinstance(matcher, list) else None
    if parts is None:
        return 8, len(matcher) if isinstance(matcher, str) else 0
    inner = [specificity(part) for part in parts]
    return sum(kind for kind, _ in inner), sum(length for _, length in inner)


@dataclass(frozen=True)
class Conversation:
    """The facts that select a script, as they are when the conversation starts."""

    prompt: str | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: {})
    model: str = ""
    provider: str = ""
    system_prompt: str | None = None

    def fact(self, name: str) -> Value:
        """Return one fact by the name that `match` has for it."""
        value = getattr(self, name)
        return ABSENT if value is None else dict(value) if is_mapping(value) else value


@dataclass(frozen=True)
class Candidate:
    """A script that may serve a conversation."""

    key: int
    name: str
    where: str
    match: Match


@dataclass(frozen=True)
class Loss:
    """A script that did not win, and why; `closeness` counts what did match, for ranking."""

    candidate: Candidate
    mismatch: Mismatch
    closeness: float

    def __str__(self) -> str:
        return f"{self.candidate.name} ({self.candidate.where}): {self.mismatch}"


@dataclass(frozen=True)
class Selection:
    """The outcome of choosing a script: a winner, or several that tie, and those that lost, the nearest miss first."""

    winner: Candidate | None
    tied: tuple[Candidate, ...] = ()
    losses: tuple[Loss, ...] = ()


def given_matchers(rule: Match) -> dict[str, Json]:
    """Return the matchers that a `match` gives, by fact; a model with wildcards is a glob."""
    found: dict[str, Json] = {name: getattr(rule, name) for name in type(rule).model_fields if rule.given(name)}
    return {name: as_model_matcher(matcher) if name == "model" else matcher for name, matcher in found.items()}


def as_model_matcher(matcher: Json) -> Json:
    """Return the matcher for a model name: a plain text with `*`, `?` or `[` is a glob, for no model is called so."""
    if isinstance(matcher, str) and any(sign in matcher for sign in "*?["):
        return {"glob": matcher}
    return matcher


def specificity_of(rule: Match) -> Specificity:
    """Return how specific a whole `match` is."""
    return specificity(cast("Json", given_matchers(rule)))


def select(candidates: Sequence[Candidate], conversation: Conversation, named: Named | None = None) -> Selection:
    """Return the most specific candidate that matches; equally specific ones tie and none of them wins."""
    fitting: list[Candidate] = []
    losses: list[Loss] = []
    for candidate in candidates:
        loss = _loss(candidate, conversation, named or {})
        fitting.append(candidate) if loss is None else losses.append(loss)
    losses.sort(key=lambda loss: -loss.closeness)
    best = max((specificity_of(item.match) for item in fitting), default=None)
    top = [item for item in fitting if specificity_of(item.match) == best]
    return Selection(top[0] if len(top) == 1 else None, tuple(top) if len(top) > 1 else (), tuple(losses))


def _loss(candidate: Candidate, conversation: Conversation, named: Named) -> Loss | None:
    matchers = given_matchers(candidate.match)
    differences: list[Difference] = []
    closeness = 0.0
    for name, matcher in matchers.items():
        mismatch = match(matcher, conversation.fact(name), named)
        if mismatch is None:
            closeness += 1
        else:
            differences += mismatch.under(name).differences
            closeness += likeness(matcher, conversation.fact(name))
    return Loss(candidate, Mismatch(tuple(differences)), closeness / len(matchers)) if differences else None


def likeness(matcher: Json, value: Value) -> float:
    """Return from 0 to 0.9 how near a text came to what a matcher wants, by the characters and words that they share."""
    if not isinstance(value, str):
        return 0.0
    wanted = set(re.findall(r"\w+", shown(matcher).lower()))
    words = set(re.findall(r"\w+", value.lower()))
    return 0.9 * len(wanted & words) / len(wanted) if wanted else 0.0
