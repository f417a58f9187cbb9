"""Wire types taken apart: what a type hint of `meerkat.wire` means, as a small tree that validators, readers and generators walk.

Owns the one place that reads type hints, the same on Python 3.10 to 3.13; does not look at values. Records resolve their
fields when first asked, so that types may refer to themselves.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints, is_typeddict

from meerkat.wire.base import (
    Alias,
    AnyJson,
    Keyed,
    Length,
    NotRequired,
    Parsed,
    Pattern,
    Range,
    Retired,
    Tag,
    TextForm,
    Untagged,
    is_closed,
    is_flattened,
)


@dataclass(frozen=True)
class Text:
    """A string, perhaps of a given form."""

    pattern: Pattern | None = None
    form: TextForm | None = None
    """What the server parses it as while it reads params."""


@dataclass(frozen=True)
class Whole:
    """An integer within bounds."""

    range: Range | None = None


@dataclass(frozen=True)
class Real:
    """A number; integers count."""


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Null:
    """Nothing but null."""


@dataclass(frozen=True)
class AnyValue:
    """Any JSON value."""


@dataclass(frozen=True)
class Refused:
    """A field of old whose every value is refused."""

    message: str


@dataclass(frozen=True)
class Choice:
    """One of a few constants."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True)
class ListOf:
    """A list of one shape; `length` is the exact number of items where it is fixed."""

    item: Shape
    length: int | None = None


@dataclass(frozen=True)
class MapOf:
    """An object with any keys and one shape of values."""

    value: Shape


@dataclass(frozen=True)
class Nullable:
    """A shape, or null."""

    inner: Shape


@dataclass(frozen=True)
class OneOf:
    """A union told apart by trying; `name` is the server's name for it, `record` that of a record around it."""

    members: tuple[Shape, ...]
    name: str
    record: str = ""

    @cached_property
    def shared(self) -> dict[str, Field]:
        """The fields that all members have."""
        records = [member.fields for member in self.members if isinstance(member, Record)]
        return {name: known for name, known in records[0].items() if all(name in fields for fields in records)}


@dataclass(frozen=True)
class Field:
    """One member of a record."""

    shape: Shape
    required: bool
    alias: str | None = None


class Record:
    """An object with named fields; equal by the TypedDict it stands for."""

    def __init__(self, source: type) -> None:
        self.source = source
        self.name = source.__name__
        self.closed = is_closed(source)
        self.flattened = is_flattened(source)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Fields in the order in which the type declares them."""
        return {name: _field(hint) for name, hint in get_type_hints(self.source, include_extras=True).items()}

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Names of fields by the second names that are read for them."""
        return {known.alias: name for name, known in self.fields.items() if known.alias is not None}

    def constant(self, field: str) -> str | None:
        """The one text a field can hold, None when it may hold others or does not exist."""
        declared = self.fields.get(field)
        if declared is None or not isinstance(declared.shape, Choice) or len(declared.shape.values) != 1:
            return None
        return str(declared.shape.values[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and other.source is self.source

    def __hash__(self) -> int:
        return hash(self.source)


@dataclass(frozen=True)
class TaggedUnion:
    """Records told apart by the constant in one field; a member may itself be such a union over another field."""

    mark: Tag
    members: tuple[Shape, ...]

    @property
    def tag(self) -> str:
        """The field that tells."""
        return self.mark.field

    @cached_property
    def variants(self) -> dict[str, Shape]:
        """Members by the constants of the tag, in the order of declaration."""
        return {value: member for member in self.members for value in tag_values(member, self.tag)}


@dataclass(frozen=True)
class KeyedUnion:
    """Records of one field each, told apart by its name."""

    members: tuple[Shape, ...]

    @cached_property
    def variants(self) -> dict[str, Shape]:
        """Members by their key, in the order of declaration."""
        return {key: member for member in self.members if isinstance(member, Record) for key in member.fields}


Scalar: TypeAlias = Text | Whole | Real | Flag | Null | AnyValue | Refused | Choice
Shape: TypeAlias = "Scalar | ListOf | MapOf | Nullable | OneOf | Record | TaggedUnion | KeyedUnion"

_PLAIN: dict[object, Shape] = {str: Text(), int: Whole(), float: Real(), bool: Flag(), type(None): Null(), None: Null()}


@cache
def shape_of(wire_type: object) -> Shape:
    """Take a wire type apart; raises `TypeError` for a hint that no wire type uses."""
    if wire_type in _PLAIN:
        return _PLAIN[wire_type]
    if is_typeddict(wire_type):
        return Record(typing.cast("type", wire_type))
    origin, args = get_origin(wire_type), get_args(wire_type)
    if origin is Annotated:
        return _marked(args[0], args[1:])
    if origin is Literal:
        return Choice(args)
    if origin is list:
        return ListOf(shape_of(args[0]))
    if origin is dict:
        return MapOf(shape_of(args[1]))
    if origin in (Union, types.UnionType):
        return _union(args, Untagged(""))
    raise TypeError(f"{wire_type!r} is no wire type: use TypedDict, Literal, list, dict, unions, scalars of meerkat.wire.base")


def tag_values(shape: Shape, tag: str) -> tuple[str, ...]:
    """The constants that a member of a tagged union may hold in the tag field."""
    if isinstance(shape, Record):
        declared = shape.fields.get(tag)
        return tuple(map(str, declared.shape.values)) if declared and isinstance(declared.shape, Choice) else ()
    if isinstance(shape, TaggedUnion):
        return tuple(dict.fromkeys(value for member in shape.members for value in tag_values(member, tag)))
    return ()


def _marked(base: object, marks: tuple[object, ...]) -> Shape:
    for mark in sorted(marks, key=lambda mark: isinstance(mark, AnyJson)):
        if isinstance(mark, AnyJson):
            return AnyValue()
        if isinstance(mark, Range):
            return Whole(mark)
        if isinstance(mark, Pattern):
            return Text(mark)
        if isinstance(mark, Parsed):
            return Text(form=mark.form)
        if isinstance(mark, Retired):
            return Refused(mark.message)
        if isinstance(mark, Keyed):
            return KeyedUnion(tuple(map(shape_of, _members(base))))
        if isinstance(mark, Length):
            return ListOf(shape_of(get_args(base)[0]), mark.items)
        if isinstance(mark, Tag):
            return TaggedUnion(mark, tuple(map(shape_of, _members(base))))
        if isinstance(mark, Untagged):
            return _union(_members(base), mark)
    return shape_of(base)


def _members(base: object) -> tuple[object, ...]:
    return get_args(base) if get_origin(base) in (Union, types.UnionType) else (base,)


def _union(args: tuple[object, ...], mark: Untagged) -> Shape:
    members = tuple(shape_of(arg) for arg in args if arg is not type(None))
    inner = members[0] if len(members) == 1 else OneOf(members, mark.name, mark.record)
    return inner if len(members) == len(args) else Nullable(inner)


def _field(hint: object) -> Field:
    args = get_args(hint)
    if get_origin(hint) is NotRequired:
        return Field(shape_of(args[0]), required=False, alias=_alias(args[0]))
    if get_origin(hint) is Annotated and NotRequired in args[1:]:  # the stand-in of Python 3.10
        marks = tuple(mark for mark in args[1:] if mark is not NotRequired)
        return Field(_marked(args[0], marks), required=False, alias=_alias(hint))
    return Field(shape_of(hint), required=True, alias=_alias(hint))


def _alias(hint: object) -> str | None:
    marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((mark.name for mark in marks if isinstance(mark, Alias)), None)
