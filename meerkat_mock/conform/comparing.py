"""Compares received messages with recorded ones, pairing the volatile values of both one to one."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from meerkat_mock.conform.volatile import (
    EPOCH_MS,
    FORM,
    FORM_KIND,
    PACKED,
    PROSE,
    SORTED_BY,
    canonical,
    dig,
    instant,
    kind_of,
    loose,
    moved,
    notation,
    respelled,
    shape,
    split,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.conform.volatile import Channel, Found


class Note(str):
    """A remark that stands in the place of a value."""


MISSING = Note("missing")


class Pairs:
    """The one-to-one pairing of the golden's volatile values with the actual ones."""

    def __init__(self) -> None:
        self.actual: dict[str, str] = {}
        self.golden: dict[str, str] = {}
        self.sent: dict[int, int] = {}  # instants that the client sent: what the golden had -> what was sent now

    def bind(self, g: str, a: str) -> bool:
        """Pair two values if both are still free; tell whether they are a pair now."""
        g, a = canonical(g), canonical(a)
        if g not in self.actual and a not in self.golden:
            self.actual[g], self.golden[a] = a, g
        return self.actual.get(g) == a

    def agree(self, g: str, a: str) -> bool:
        """Whether two texts could stand for each other, as far as is known."""
        (gtext, gpieces), (atext, apieces) = split(g), split(a)
        pieces = zip(gpieces, apieces, strict=False)
        return gtext == atext and all(self.actual.get(x, y) == y and self.golden.get(y, x) == x for (_, x), (_, y) in pieces)

    def substitute(self, value: Json, shift: int) -> Json:
        """A client message with the golden's values replaced; what is still unknown is the client's own choice and stands for itself."""

        def piece(m: re.Match[str]) -> str:
            text = m.group()
            if FORM_KIND[m.lastgroup or ""] == "bind":
                self.bind(text, text)
                return respelled(self.actual.get(canonical(text), text), text)
            self.sent[instant(text)] = instant(now := moved(text, shift))
            return now

        if isinstance(value, dict):
            for k, v in value.items():
                if isinstance(v, str) and kind_of(k, v) == "bind" and v not in self.actual:
                    self.bind(v, v)
            return {k: self.substitute(v, shift) for k, v in value.items()}
        if isinstance(value, list):
            return [self.substitute(v, shift) for v in value]
        if isinstance(value, int) and value in EPOCH_MS:
            self.sent[instant(str(value))] = instant(str(value))
        if not isinstance(value, str):
            return value
        packed = unpack(value)
        if isinstance(packed, dict):
            text = json.dumps(self.substitute(packed[PACKED], shift), separators=(",", ":"))
            return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return self.actual[value] if value in self.actual else FORM.sub(piece, value)


class Comparison:
    """Compares messages one after the other, filling one Pairs and watching the course of time in every channel."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self.clock: dict[tuple[Channel, str], tuple[int, int]] = {}
        self.channel: Channel = ()

    def compare(self, channel: Channel, g: Json, a: Json) -> list[Found]:
        """All differences between a recorded and an actual message of the same channel."""
        self.channel = channel
        found: list[Found] = []
        if channel[0] == "request" and isinstance(g, dict) and isinstance(a, dict):  # the server's own ids: any, but each one once
            if not self.pairs.bind(f"request {g['id']!r}", f"request {a['id']!r}"):
                found.append(("$.id", Note("a new id"), a["id"]))
            g, a = {**g, "id": None}, {**a, "id": None}
        return found + list(self.value("$", "", g, a))

    def value(self, path: str, key: str, g: Json, a: Json) -> Iterator[Found]:
        """All differences between two values at a path; `key` is the name of the nearest member around them."""
        if isinstance(g, dict) and isinstance(a, dict):
            yield from self.members(path, g, a)
        elif isinstance(g, list) and isinstance(a, list):
            yield from self.items(path, key, g, a)
        elif isinstance(g, str) and isinstance(a, str):
            yield from self.text(path, key, g, a)
        elif (kind := kind_of(key, g)) and kind == kind_of(key, a):
            if kind == "time":
                yield from self.time(path, str(g), str(a))
            elif kind == "near" and not near(g, a):
                yield path, g, a
        elif isinstance(g, bool) != isinstance(a, bool) or g != a:
            yield path, g, a

    def members(self, path: str, g: JsonObject, a: JsonObject) -> Iterator[Found]:
        """All differences between two objects."""
        a = self.renamed(g, a)
        for k in [*g, *(k for k in a if k not in g)]:
            if k in g and k in a:
                yield from self.value(f"{path}.{k}", k, g[k], a[k])
            else:
                yield f"{path}.{k}", g.get(k, MISSING), a.get(k, MISSING)

    def items(self, path: str, key: str, g: list[Json], a: list[Json]) -> Iterator[Found]:
        """All differences between two lists."""
        if by := SORTED_BY.get(key):
            ids = [dig(x, (by,)) for x in a]
            if ids != sorted(ids, key=str):
                yield path, Note(f"ascending {by}"), Note("not ascending")
            a = self.matched(by, g, a)
        for i in range(max(len(g), len(a))):
            if i < len(g) and i < len(a):
                yield from self.value(f"{path}[{i}]", key, g[i], a[i])
            else:
                yield f"{path}[{i}]", g[i] if i < len(g) else MISSING, a[i] if i < len(a) else MISSING

    def renamed(self, g: JsonObject, a: JsonObject) -> JsonObject:
        """The actual object with the golden's names in the place of volatile member names."""
        names: dict[str, str] = {}
        for k in filter(FORM.search, g):
            like = [x for x in a if x not in names and self.pairs.agree(k, x)]
            if like:
                name = next((x for x in like if shape(a[x]) == shape(g[k])), like[0])
                names[name] = k
                for (_, x), (_, y) in zip(split(k)[1], split(name)[1], strict=False):
                    self.pairs.bind(x, y)
        return {names.get(k, k): v for k, v in a.items()} if names else a

    def matched(self, by: str, g: list[Json], a: list[Json]) -> list[Json]:
        """The actual items of a list that is sorted by random ids, in the order of the golden's items."""
        rest = list(a)
        items: list[Json] = []
        for x in g:
            known = self.pairs.actual.get(str(dig(x, (by,))))
            alike = [y for y in rest if known and dig(y, (by,)) == known] or [y for y in rest if shape(y) == shape(x)] or rest
            items += alike[:1]
            rest = [y for y in rest if y is not alike[0]] if alike else rest
        return items + rest

    def text(self, path: str, key: str, g: str, a: str) -> Iterator[Found]:
        """All differences between two texts: those of the fixed parts, and of what is paired or a time in them."""
        if PROSE in g:
            head, _, tail = g.partition(PROSE)
            if not (a.startswith(head) and a.endswith(tail)):
                yield path, g, a
            return
        if kind_of(key, g) == "bind":
            if bool(g) != bool(a) or not self.pairs.bind(g, a):
                yield path, Note(f"{self.pairs.actual.get(g)} (for {g})"), a
            return
        (ghead, gtail), (ahead, atail) = loose(key, g), loose(key, a)
        (gtext, gpieces), (atext, apieces) = split(ghead), split(ahead)
        if gtext != atext or bool(gtail) != bool(atail):
            yield path, g, a
            return
        for (name, x), (_, y) in zip(gpieces, apieces, strict=False):
            if FORM_KIND[name] == "time":
                yield from self.time(path, x, y)
            elif not self.pairs.bind(x, y):
                known, other = self.pairs.actual.get(canonical(x)), self.pairs.golden.get(canonical(y))
                yield path, Note(f"{known} (for {x})" if known else f"a new {name}"), Note(y if known else f"{y} (for {other})")

    def time(self, path: str, g: str, a: str) -> Iterator[Found]:
        """The difference between two times, if there is one: in notation, in what the client sent, or in their course."""
        expected, got = instant(g), instant(a)
        if notation(g) != notation(a):
            yield path, g, a
        elif expected in self.pairs.sent:  # the client's own instant comes back
            if self.pairs.sent[expected] != got:
                yield path, Note(f"{g} as sent"), Note(a)
        else:
            place = (self.channel, re.sub(r"\[\d+\]", "[]", path))
            before = self.clock.get(place)
            if before and got < before[1] and (expected > before[0] or (self.channel[0] == "notification" and expected == before[0])):
                yield path, Note("not earlier than the one before"), Note(a)
            self.clock[place] = (expected, got)


def near(g: Json, a: Json) -> bool:
    """Whether two numbers are within 2 % of the first."""
    return isinstance(g, (int, float)) and isinstance(a, (int, float)) and abs(g - a) <= abs(g) / 50
