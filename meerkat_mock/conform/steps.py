"""What a client does in a conversation, step by step, as values: written down, printed, cut down, without any server.

What is not known before is referred to: `${3.session_id}` is the `session_id` in the result of request 3. Requests keep their ids when
others are left out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from meerkat_mock.conform.volatile import FORM, dig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.conform.golden import Golden

_REFERENCE = re.compile(r"\$\{(\d+)\.([\w.]+)\}")


@dataclass(frozen=True)
class Ask:
    """A request and the wait for its answer. With `tools="held"`, tools that the server calls are not answered yet, and nobody waits."""

    number: int
    """Its id, and the name by which others refer to it."""
    method: str
    params: Json = None
    """None: there is no such member."""
    tools: str = ""

    def message(self, results: Mapping[int, Json]) -> JsonObject:
        """Return the request with its references filled in; what refers to a failed answer is null."""
        request: JsonObject = {"jsonrpc": "2.0", "id": self.number, "method": self.method}
        return request if self.params is None else {**request, "params": resolved(self.params, results)}

    def __str__(self) -> str:
        held = {"tools": self.tools} if self.tools else {}
        params: JsonObject = {} if self.params is None else {"params": self.params}
        return json.dumps({"id": self.number, "method": self.method, **params, **held}, ensure_ascii=False)


@dataclass(frozen=True)
class Tell:
    """A notification."""

    number: int
    method: str
    params: Json = None

    def message(self, results: Mapping[int, Json]) -> JsonObject:
        """Return the notification with its references filled in."""
        told: JsonObject = {"jsonrpc": "2.0", "method": self.method}
        return told if self.params is None else {**told, "params": resolved(self.params, results)}

    def __str__(self) -> str:
        return json.dumps({"method": self.method, **({} if self.params is None else {"params": self.params})}, ensure_ascii=False)


@dataclass(frozen=True)
class AnswerTools:
    """The answers to all tools that were held back; from here on tools are answered at once."""

    number: int

    def __str__(self) -> str:
        return json.dumps({"tools": "answered"})


Step: TypeAlias = "Ask | Tell | AnswerTools"


def resolved(value: Json, results: Mapping[int, Json]) -> Json:
    """A value with its references replaced by what they stand for; null where there is nothing."""
    if isinstance(value, dict):
        return {k: resolved(v, results) for k, v in value.items()}
    if isinstance(value, list):
        return [resolved(v, results) for v in value]
    if isinstance(value, str) and (found := _REFERENCE.fullmatch(value)):
        return dig(results.get(int(found[1])), found[2].split("."))
    return value


def references(value: Json) -> Iterator[int]:
    """Yield the numbers of the requests that a value refers to."""
    if isinstance(value, str):
        if found := _REFERENCE.fullmatch(value):
            yield int(found[1])
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from references(inner)


def without(steps: Sequence[Step], numbers: set[int]) -> list[Step]:
    """Return the steps without these, and without all that cannot be said then."""
    gone = set(numbers)
    kept: list[Step] = []
    for step in steps:
        if step.number in gone or (not isinstance(step, AnswerTools) and gone.intersection(references(step.params))):
            gone.add(step.number)
        else:
            kept.append(step)
    return kept


def steps_of(golden: Golden) -> list[Step]:
    """Return the requests and notifications of a recording as steps; what it knew from earlier answers becomes references.

    Lines that are no JSON, answers of tools and frames of sockets are left out: what they show cannot be shown by steps.
    """
    steps: list[Step] = []
    known: dict[str, str] = {}
    for line in golden.lines:
        message = line.message
        if not isinstance(message, dict) or line.socket:
            continue
        number, method = message.get("id"), message.get("method")
        if not line.sent and isinstance(number, int):
            known.update((value, f"${{{number}.{path}}}") for path, value in _ids(message.get("result"), ()) if value not in known)
        elif line.sent and not line.raw and isinstance(method, str):
            params = _referring(message.get("params"), known)
            steps.append(Ask(number, method, params) if isinstance(number, int) else Tell(-len(steps), method, params))
    return steps


def _ids(value: Json, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield path and value of every id within a result."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if re.fullmatch(r"\w+", name):
                yield from _ids(inner, (*path, name))
    elif isinstance(value, str) and path and FORM.fullmatch(value):
        yield ".".join(path), value


def _referring(value: Json, known: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {k: _referring(v, known) for k, v in value.items()}
    if isinstance(value, list):
        return [_referring(v, known) for v in value]
    return known.get(value, value) if isinstance(value, str) else value
