"""What a value of the configuration may be: small readers that take JSON apart as the server does, in its words for every refusal.

`read` returns the value as the server writes it back: defaults filled in, unknown keys gone, numbers of single precision rounded.
`storable` tells whether the server could write it to its file. Neither knows which sections there are.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from meerkat_mock.config.durations import nanoseconds_of, written
from meerkat_mock.contract.params import seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meerkat.wire.base import Json, JsonObject


class Unreadable(Exception):
    """A value that does not fit; `str()` is the server's text, without a place."""


class Unstorable(Exception):
    """A value that the configuration file cannot express; `str()` is the reason."""


class Kind(Protocol):
    """Reads one sort of value."""

    def read(self, value: Json) -> Json:
        """Return the value as it is written back. Raises `Unreadable`."""
        ...

    def storable(self, value: Json) -> None:
        """Raise `Unstorable` if the file cannot hold a value that was read."""


def single(value: float) -> float:
    """Return a number as single precision holds it, which is how the server prints it."""
    try:
        noisy: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.inf
    return noisy


def _wrong(value: Json, expected: str) -> Unreadable:
    return Unreadable(f"invalid type: {seen(value)}, expected {expected}")


class _Plain:
    """A value that any file can hold."""

    def storable(self, value: Json) -> None:
        """Accept."""


@dataclass(frozen=True)
class Text(_Plain):
    """A string."""

    expected: str = "a string"

    def read(self, value: Json) -> Json:
        """Return the string."""
        if not isinstance(value, str):
            raise _wrong(value, self.expected)
        return value


@dataclass(frozen=True)
class Flag(_Plain):
    """True or false."""

    def read(self, value: Json) -> Json:
        """Return the flag."""
        if not isinstance(value, bool):
            raise _wrong(value, "a boolean")
        return value


@dataclass(frozen=True)
class Whole:
    """An integer type of the server."""

    name: str

    def read(self, value: Json) -> Json:
        """Return the integer."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong(value, self.name)
        bits = 64 if self.name == "usize" else int(self.name[1:])
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if self.name[0] == "i" else (0, 2**bits)
        if not low <= value < high:
            raise Unreadable(f"invalid value: {seen(value)}, expected {self.name}")
        return value

    def storable(self, value: Json) -> None:
        """Refuse what is no signed 64-bit integer."""
        if isinstance(value, int) and value >= 2**63:
            raise Unstorable("out-of-range value for u64 type")


@dataclass(frozen=True)
class Real(_Plain):
    """A number of single (`f32`) or double (`f64`) precision."""

    name: str

    def read(self, value: Json) -> Json:
        """Return the number, with the noise of single precision if that is its type."""
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise _wrong(value, self.name)
        return float(value) if self.name == "f64" else single(value)


@dataclass(frozen=True)
class Choice(_Plain):
    """One of a few texts; `aliases` are accepted and written back in their proper spelling."""

    values: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...] = ()

    def read(self, value: Json) -> Json:
        """Return the proper spelling."""
        if not isinstance(value, str):
            raise _wrong(value, "string or map")
        proper = dict(self.aliases).get(value, value)
        if proper not in self.values:
            raise Unreadable(f"unknown variant `{value}`, expected {_listed(self.values)}")
        return proper


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " or ".join(quoted) if len(quoted) <= 2 else "one of " + ", ".join(quoted)


@dataclass(frozen=True)
class Duration(_Plain):
    """A length of time, written in words; `milliseconds` may also be given as a number where `numeric`."""

    numeric: bool = False
    words: tuple[str, ...] = ()

    def read(self, value: Json) -> Json:
        """Return the length in the server's spelling."""
        if isinstance(value, str) and value in self.words:
            return value
        if self.numeric and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return written(value * 1_000_000)
        if not isinstance(value, str):
            raise _wrong(value, "a duration")
        length = nanoseconds_of(value)
        if length is None:
            raise Unreadable(f"invalid value: {seen(value)}, expected a duration")
        return written(length)


@dataclass(frozen=True)
class FreeForm:
    """Any JSON."""

    def read(self, value: Json) -> Json:
        """Return it as it is."""
        return value

    def storable(self, value: Json) -> None:
        """Refuse a null and an integer past 64 bits at any depth."""
        if value is None:
            raise Unstorable("unsupported unit type")
        if isinstance(value, int) and value >= 2**63:
            raise Unstorable("out-of-range value for u64 type")
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self.storable(inner)


@dataclass(frozen=True)
class ListOf:
    """A list of one kind."""

    item: Kind

    def read(self, value: Json) -> Json:
        """Return the list with every item read."""
        if not isinstance(value, list):
            raise _wrong(value, "a sequence")
        return [self.item.read(item) for item in value]

    def storable(self, value: Json) -> None:
        """Ask every item."""
        for item in value if isinstance(value, list) else ():
            self.item.storable(item)


@dataclass(frozen=True)
class MapOf:
    """An object with any keys and one kind of values; read in the order of its keys."""

    value: Kind

    def read(self, value: Json) -> Json:
        """Return the object with every value read."""
        if not isinstance(value, dict):
            raise _wrong(value, "a map")
        return {key: self.value.read(value[key]) for key in sorted(value)}

    def storable(self, value: Json) -> None:
        """Ask every value."""
        for inner in value.values() if isinstance(value, dict) else ():
            self.value.storable(inner)


class _Absent:
    """Stands for a default that is not written."""


ABSENT = _Absent()
REQUIRED = _Absent()


@dataclass(frozen=True)
class Key:
    """One key of a section.

    With a `default` value the key is always written; `None` is written as null and read from null. `ABSENT` keys are written only
    when set; `REQUIRED` ones must be there. `empty_is_absent` keys are left out when they hold nothing.
    """

    kind: Kind
    default: Json | _Absent = ABSENT
    empty_is_absent: bool = False

    @property
    def optional(self) -> bool:
        """Tell whether null means that nothing is set."""
        return self.default is None or self.default is ABSENT


@dataclass(frozen=True)
class Section:
    """An object with known keys; others are ignored. Keys stand in the server's order, which also reads arrays by position."""

    name: str
    keys: Mapping[str, Key]
    prepare: Callable[[JsonObject], JsonObject] = lambda given: given

    def read(self, value: Json) -> Json:
        """Return the section with its defaults filled in."""
        if isinstance(value, list):
            value = self._named(value)
        if not isinstance(value, dict):
            raise _wrong(value, f"struct {self.name}")
        given = self.prepare(value)
        found = {name: self.keys[name].kind.read(given[name]) for name in sorted(given) if self._counts(name, given[name])}
        return {
            name: found[name] if name in found else self._default(name, key)
            for name, key in self.keys.items()
            if self._shown(name, key, found)
        }

    def _counts(self, name: str, value: Json) -> bool:
        return name in self.keys and not (value is None and self.keys[name].optional)

    def _shown(self, name: str, key: Key, found: JsonObject) -> bool:
        if name in found:
            return bool(found[name]) or not key.empty_is_absent
        return key.default is not ABSENT and not key.empty_is_absent

    def _default(self, name: str, key: Key) -> Json:
        if isinstance(key.default, _Absent):
            raise Unreadable(f"missing field `{name}`")
        return None if key.default is None else key.kind.read(key.default)

    def _named(self, values: list[Json]) -> JsonObject:
        if len(values) > len(self.keys):
            raise Unreadable(f"invalid length {len(values)}, expected fewer elements in array")
        return dict(zip(self.keys, values, strict=False))

    def storable(self, value: Json) -> None:
        """Ask every key that is set; null is simply not written."""
        for name, inner in value.items() if isinstance(value, dict) else ():
            if inner is not None and name in self.keys:
                self.keys[name].kind.storable(inner)


@dataclass(frozen=True)
class Tagged:
    """Sections told apart by the text in one of their keys."""

    tag: str
    variants: Mapping[str, Section]

    def read(self, value: Json) -> Json:
        """Return the section of the variant, with its tag."""
        if not isinstance(value, dict):
            raise _wrong(value, "internally tagged enum")
        if self.tag not in value:
            raise Unreadable(f"missing field `{self.tag}`")
        name = value[self.tag]
        if not isinstance(name, str):
            raise _wrong(name, "variant identifier")
        if name not in self.variants:
            raise Unreadable(f"unknown variant `{name}`, expected {_listed(tuple(self.variants))}")
        inner = self.variants[name].read({key: item for key, item in value.items() if key != self.tag})
        return {self.tag: name, **(inner if isinstance(inner, dict) else {})}

    def storable(self, value: Json) -> None:
        """Ask the variant."""
        if isinstance(value, dict):
            self.variants[str(value[self.tag])].storable(value)
