"""What a server got wrong: every message that came against the one that was recorded, in the recorded order, then what is surplus."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.conform.comparing import Comparison, Pairs
from meerkat_mock.conform.volatile import shape
from meerkat_mock.conform.wording import abridged, gist, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.conform.golden import Golden, Line
    from meerkat_mock.conform.volatile import Channel


@dataclass(frozen=True)
class Difference:
    """One thing that came otherwise than recorded."""

    channel: str
    index: int
    """Which message of its channel, from 0."""
    path: str
    expected: str
    actual: str
    sign: str = ""
    """Equal for two differences that are the same up to volatile values."""

    def __str__(self) -> str:
        return f"{self.channel} [{self.index}] {self.path}: expected {self.expected}, got {self.actual}"


def differences(golden: Golden, got: Mapping[Channel, Sequence[Json]], learned: Pairs) -> list[Difference]:
    """Return everything in which what a server sent departs from a golden; `learned` is what was paired while it was played."""
    partner, surplus = _partners(golden, got)
    comparison = Comparison(_own(learned))
    found: list[Difference] = []
    for line in golden.received:
        if id(line) in partner:
            told = comparison.compare(line.channel, line.message, partner[id(line)])
            found += [_difference(line, path, abridged(g, a), (g, a)) for path, g, a in told]
        else:
            found.append(_difference(line, "$", (gist(line.message), "no message"), (line.message, None)))
    return found + surplus


def _difference(line: Line, path: str, words: tuple[str, str], values: tuple[Json, Json]) -> Difference:
    sign = json.dumps([line.channel[:2], line.index, path, *map(shape, values)], sort_keys=True)
    return Difference(label(line.channel), line.index, path, *words, sign)


def _partners(golden: Golden, got: Mapping[Channel, Sequence[Json]]) -> tuple[dict[int, Json], list[Difference]]:
    """Return the counterpart of each recorded line by its identity, and a difference for each message without one."""
    partner: dict[int, Json] = {}
    surplus: list[Difference] = []
    for channel in [*golden.expected, *(c for c in got if c not in golden.expected)]:
        lines, messages = golden.expected.get(channel, []), got.get(channel, [])
        alike = difflib.SequenceMatcher(None, [signature(x.message) for x in lines], [signature(m) for m in messages], autojunk=False)
        for _, i, j, k, m in alike.get_opcodes():
            partner.update((id(line), message) for line, message in zip(lines[i:j], messages[k:m], strict=False))
            surplus += _surplus(channel, messages, range(k + min(j - i, m - k), m))
    return partner, surplus


def _surplus(channel: Channel, messages: Sequence[Json], indices: range) -> Iterator[Difference]:
    for x in indices:
        sign = json.dumps([channel[:2], x, "surplus", shape(messages[x])], sort_keys=True)
        yield Difference(label(channel), x, "$", "no message", gist(messages[x]), sign)


def _own(learned: Pairs) -> Pairs:
    """Return pairs to judge by: what the client chose itself stands for itself, all else is paired anew."""
    pairs = Pairs()
    pairs.sent = learned.sent
    for g, a in learned.actual.items():
        if g == a:
            pairs.bind(g, a)
    return pairs


def signature(message: Json) -> str:
    """A text that is equal for messages which can be counterparts."""
    if isinstance(message, dict) and "method" in message and "id" in message:
        message = {**message, "id": None}
    return json.dumps(shape(message), sort_keys=True)
