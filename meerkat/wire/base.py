"""The letters the words are made of: JSON, scalars with limits, and the marks that say what a type hint cannot.

Owns what every surface shares; knows no surface. The marks live in `Annotated[...]` or beside a class, so that a type
checker, the validator of the mock and the documentation all read one and the same definition.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
    JsonObject: TypeAlias = dict[str, Json]
elif sys.version_info >= (3, 11):
    from typing import NotRequired
else:

    class NotRequired:
        """Stand-in for `typing.NotRequired`, which Python 3.10 lacks: `NotRequired[T]` reads back as `Annotated[T, NotRequired]`."""

        def __class_getitem__(cls, item: object) -> object:
            return Annotated[item, NotRequired]


__all__ = [
    "I32",
    "I64",
    "U8",
    "U16",
    "U32",
    "U64",
    "Alias",
    "AnyJson",
    "ArtifactId",
    "DateTimeText",
    "EpochMs",
    "EpochSeconds",
    "Json",
    "JsonObject",
    "Keyed",
    "Length",
    "NotRequired",
    "Parsed",
    "Pattern",
    "Range",
    "Retired",
    "Rfc3339",
    "SkillName",
    "SkillSourceUuid",
    "Slug",
    "Tag",
    "Untagged",
    "Usize",
    "Uuid",
    "UuidText",
    "closed",
    "flattened",
    "is_closed",
    "is_flattened",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Range:
    """An integer between two bounds, both included; `name` is what the server calls the type in its error texts."""

    minimum: int
    maximum: int
    name: str


@dataclass(frozen=True)
class Pattern:
    """A string of a given form; `regex` matches the whole string and `example` is one that does."""

    regex: str
    example: str


@dataclass(frozen=True)
class Tag:
    """A union whose members are told apart by the literal in one of their fields; `name` is what the server calls it.

    A tag that no member has is refused, or taken for the one in `fallback` where the server does so. `missing` and `unknown` are
    the server's own words for an absent and for an unknown tag, where it has some; `{}` stands for the tag.
    """

    field: str
    name: str = ""
    fallback: str | None = None
    missing: str = ""
    unknown: str = ""
    flattened: bool = False
    """Whether the union lies flat in a record that the server reads as a whole before it looks at members."""


@dataclass(frozen=True)
class Keyed:
    """A union of objects with one key each, told apart by that key."""


@dataclass(frozen=True)
class Untagged:
    """A union whose members are told apart by their form; `name` is what the server calls it in its error texts.

    Where the server reads a record around such a union, `record` is the record's name; the fields that all members have are its own.
    """

    name: str
    record: str = ""


@dataclass(frozen=True)
class Length:
    """A list with a fixed number of items."""

    items: int


TextForm: TypeAlias = Literal["uuid", "slug", "skill_source", "skill_name", "artifact_id", "date_time"]


@dataclass(frozen=True)
class Parsed:
    """A string that the server parses while it reads params, and refuses with a text of its own when it cannot."""

    form: TextForm


@dataclass(frozen=True)
class Alias:
    """A second name that the server reads for a field of params."""

    name: str


@dataclass(frozen=True)
class Retired:
    """A field of params that is refused with this text whatever it holds."""

    message: str


@dataclass(frozen=True)
class AnyJson:
    """Marks a value as any JSON: the validator looks only for JSON types, at any depth."""


if not TYPE_CHECKING:
    # A recursive alias cannot be evaluated at run time; the mark says the same.
    Json = Annotated[object, AnyJson()]
    JsonObject = dict[str, Json]

_CLOSED: set[type] = set()
_FLATTENED: set[type] = set()


def closed(record: type[T]) -> type[T]:
    """Register a TypedDict whose unknown fields the server refuses (spec 01, section 4); of all others it ignores them."""
    _CLOSED.add(record)
    return record


def flattened(record: type[T]) -> type[T]:
    """Register a TypedDict of params that the server reads as a whole before it looks at members: it takes no positional array."""
    _FLATTENED.add(record)
    return record


def is_closed(record: type) -> bool:
    """Tell whether the server refuses unknown fields of this TypedDict."""
    return record in _CLOSED


def is_flattened(record: type) -> bool:
    """Tell whether the server collects the members of this TypedDict before it looks at them."""
    return record in _FLATTENED


U8 = Annotated[int, Range(0, 2**8 - 1, "u8")]
U16 = Annotated[int, Range(0, 2**16 - 1, "u16")]
U32 = Annotated[int, Range(0, 2**32 - 1, "u32")]
U64 = Annotated[int, Range(0, 2**64 - 1, "u64")]
Usize = Annotated[int, Range(0, 2**64 - 1, "usize")]
I32 = Annotated[int, Range(-(2**31), 2**31 - 1, "i32")]
I64 = Annotated[int, Range(-(2**63), 2**63 - 1, "i64")]

EpochSeconds = Annotated[int, Range(0, 2**64 - 1, "u64")]
"""Whole seconds since 1970-01-01T00:00:00Z."""
EpochMs = Annotated[int, Range(0, 2**64 - 1, "u64")]
"""Whole milliseconds since 1970-01-01T00:00:00Z."""

Uuid = Annotated[
    str,
    Pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "0198a0b4-2f6e-7c3d-9a51-6b1f0c2d3e4f"),
]
"""A UUID as the server writes it: lower case, with hyphens (spec 02, section 1.1). It reads more forms, so params use `str`."""

UuidText = Annotated[str, Parsed("uuid")]
"""A UUID in params that the server parses while it reads them: any case, with or without hyphens, in braces, as a URN."""

DateTimeText = Annotated[str, Parsed("date_time")]
"""A point in time in params, RFC 3339 with any offset (spec 05, section 0)."""

Slug = Annotated[str, Parsed("slug")]
"""A part of a reference to credentials: ASCII letters, digits, `-`, `_`, `.` (spec 02, section 16.7)."""

SkillSourceUuid = Annotated[str, Parsed("skill_source")]
"""The source of a skill, a UUID (spec 05, section 5.1)."""

SkillName = Annotated[str, Parsed("skill_name")]
"""The slug of a skill (spec 05, section 5.1)."""

ArtifactId = Annotated[str, Parsed("artifact_id")]
"""The id of an artifact in params (spec 05, section 4)."""

Rfc3339 = Annotated[
    str,
    Pattern(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})",
        "2026-01-02T03:04:05.678901Z",
    ),
]
"""A point in time in RFC 3339, with `Z` or a numeric offset, whichever the surface writes (spec 02, section 1.6)."""
