"""Wire types as validators: strict ones of pydantic's core, built from the shapes, so that they are the same on every Python.

Owns the translation and its cache; says nothing of JSON-RPC. Strict means: true is no number, nothing is converted.
Pydantic's own reading of a TypedDict is not used: below Python 3.12 it refuses the one of the standard library.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NoReturn, cast

from pydantic_core import SchemaValidator, core_schema

from meerkat_mock.contract.shapes import (
    AnyValue,
    Choice,
    Flag,
    KeyedUnion,
    ListOf,
    MapOf,
    Null,
    Nullable,
    OneOf,
    Real,
    Record,
    Refused,
    Shape,
    TaggedUnion,
    Text,
    Whole,
    shape_of,
    tag_values,
)
from meerkat_mock.contract.texts import text_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic_core.core_schema import CoreSchema, ExtraBehavior

    from meerkat.wire.base import TextForm

_MAX_JSON_DEPTH = 256
"""Levels of free JSON that are looked at; the server itself reads 127 (spec 01, section 2)."""


@cache
def adapter(wire_type: object) -> SchemaValidator:
    """Return the validator of a wire type that refuses unknown fields everywhere: for what the server sends."""
    return _build(shape_of(wire_type), lambda _: "forbid")


@cache
def tolerant_adapter(wire_type: object) -> SchemaValidator:
    """Return the validator of a wire type that refuses unknown fields only where the server does: for what a client sends."""
    return _build(shape_of(wire_type), lambda record: "forbid" if record.closed else "ignore")


@cache
def notification_adapter(params_type: object) -> SchemaValidator:
    """Return the validator of a whole notification of the server whose params are of a wire type."""
    writer = _Writer(lambda _: "forbid")
    members = {
        "jsonrpc": core_schema.literal_schema(["2.0"]),
        "method": core_schema.str_schema(strict=True),
        "params": writer.schema(shape_of(params_type)),
    }
    fields = {name: core_schema.typed_dict_field(schema, required=True) for name, schema in members.items()}
    return writer.built(core_schema.typed_dict_schema(fields, strict=True, extra_behavior="forbid"))


def _build(shape: Shape, extra: Callable[[Record], ExtraBehavior]) -> SchemaValidator:
    writer = _Writer(extra)
    return writer.built(writer.schema(shape))


class _Writer:
    """Writes each record once and refers to it by name, so that types may contain themselves."""

    def __init__(self, extra: Callable[[Record], ExtraBehavior]) -> None:
        self.definitions: dict[str, CoreSchema] = {}
        self._extra = extra
        self._open: set[str] = set()

    def built(self, root: CoreSchema) -> SchemaValidator:
        """Return the validator of a schema that this writer has written."""
        return SchemaValidator(core_schema.definitions_schema(root, list(self.definitions.values())))

    def schema(self, shape: Shape) -> CoreSchema:
        match shape:
            case Text():
                return _text_schema(shape)
            case Whole():
                return _whole_schema(shape)
            case Real():
                return core_schema.float_schema(strict=True)
            case Flag():
                return core_schema.bool_schema(strict=True)
            case Null():
                return core_schema.none_schema()
            case Choice():
                return core_schema.literal_schema(list(shape.values))
            case AnyValue():
                return core_schema.no_info_plain_validator_function(_json_value)
            case ListOf():
                return core_schema.list_schema(self.schema(shape.item), strict=True, min_length=shape.length, max_length=shape.length)
            case MapOf():
                return core_schema.dict_schema(core_schema.str_schema(strict=True), self.schema(shape.value), strict=True)
            case Nullable():
                return core_schema.nullable_schema(self.schema(shape.inner))
            case Refused():
                return core_schema.no_info_plain_validator_function(lambda _: _refuse(shape.message))
            case OneOf() | KeyedUnion():
                return core_schema.union_schema([self.schema(member) for member in shape.members], mode="left_to_right")
            case TaggedUnion():
                return self._tagged(shape)
            case Record():
                return self._record(shape)

    def _record(self, shape: Record) -> CoreSchema:
        name = f"{shape.source.__module__}.{shape.name}"
        if name not in self._open:
            self._open.add(name)
            fields = {
                field: core_schema.typed_dict_field(self.schema(known.shape), required=known.required)
                for field, known in shape.fields.items()
            }
            self.definitions[name] = core_schema.typed_dict_schema(fields, strict=True, extra_behavior=self._extra(shape), ref=name)
        return core_schema.definition_reference_schema(name)

    def _tagged(self, shape: TaggedUnion) -> CoreSchema:
        choices = {value: self.schema(member) for member in shape.members for value in tag_values(member, shape.tag)}
        return core_schema.tagged_union_schema(choices, shape.tag, strict=True)


def _whole_schema(shape: Whole) -> CoreSchema:
    if shape.range is None:
        return core_schema.int_schema(strict=True)
    return core_schema.int_schema(strict=True, ge=shape.range.minimum, le=shape.range.maximum)


def _text_schema(shape: Text) -> CoreSchema:
    text = core_schema.str_schema(strict=True, pattern=f"^(?:{shape.pattern.regex})$" if shape.pattern else None)
    form = shape.form
    return text if form is None else core_schema.no_info_after_validator_function(lambda value: _parsed(form, value), text)


def _parsed(form: TextForm, text: str) -> str:
    if fault := text_fault(form, text):
        raise ValueError(fault)
    return text


def _refuse(message: str) -> NoReturn:
    raise ValueError(message)


def _json_value(value: object) -> object:
    """Return the very value if it is JSON through and through; raise `ValueError` otherwise."""
    pending: list[tuple[object, int]] = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        if depth > _MAX_JSON_DEPTH:
            raise ValueError(f"JSON nested deeper than {_MAX_JSON_DEPTH} levels")
        pending.extend((part, depth + 1) for part in _parts(item))
    return value


def _parts(item: object) -> Iterable[object]:
    if item is None or isinstance(item, (bool, int, float, str)):
        return ()
    if isinstance(item, list):
        return cast("list[object]", item)
    if not isinstance(item, dict):
        raise ValueError(f"a {type(item).__name__} is no JSON value")
    members = cast("dict[object, object]", item)
    if not all(isinstance(key, str) for key in members):
        raise ValueError("a key that is no string")
    return members.values()
