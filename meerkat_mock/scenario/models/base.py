"""What all models of the format share: strictness, text, durations, and the plain data they are written as.

Knows nothing of YAML: positions, `include` and `vars` are the reader's business.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from meerkat_mock.clock import seconds
from meerkat_mock.scenario.kinds import is_list, is_object

Text = StrictStr
Name = Annotated[StrictStr, Field(min_length=1)]
Flag = StrictBool
Count = Annotated[StrictInt, Field(ge=0)]
Positive = Annotated[StrictInt, Field(ge=1)]
Data = dict[str, JsonValue]


class Model(BaseModel):
    """A part of a scenario: frozen, unknown keys refused, `null` refused where it does not mean something."""

    model_config = ConfigDict(frozen=True, extra="forbid", revalidate_instances="never")

    nullable: ClassVar[frozenset[str]] = frozenset()
    """Names of fields whose value may be `null`."""
    spelled: ClassVar[frozenset[str]] = frozenset()
    """Keys accepted in a short form beside the fields, for messages."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in cls.nullable:
            raise ValueError("nothing stands here (null); give a value or leave the key out")
        return value

    def given(self, field: str) -> bool:
        """Tell whether the scenario set this field, even to its default."""
        return field in self.model_fields_set

    def to_data(self) -> Data:
        """Return the plain data that reads back as this model: what was given, in its shortest spelling."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def keys_of(model: type[Model]) -> list[str]:
    """Return every key that `model` accepts in a file, short forms included."""
    return [field.alias or name for name, field in model.model_fields.items()] + sorted(model.spelled)


def _checked_duration(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("a duration is a number of seconds or a text like `300ms`, `1.5s`, `10m`, `24h`")
    number = seconds(value)
    if not 0 <= number < float("inf"):
        raise ValueError(f"{value!r} is no duration; it may not be negative or infinite")
    return value


Duration = Annotated[
    StrictStr | int | float,
    BeforeValidator(_checked_duration),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": r"^\s*\d+(\.\d+)?(ms|s|m|h|d)\s*$"},
            ],
            "description": "a number of seconds, or a text like 300ms, 1.5s, 10m, 24h, 7d",
        }
    ),
]
"""A length of time as it was written; `in_seconds` gives the number."""


def in_seconds(duration: str | float) -> float:
    """Return a duration of the format as seconds."""
    return seconds(duration)


def _checked_chunks(value: object) -> object:
    if isinstance(value, str):
        return value
    if is_list(value) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError("needs a text or a list of texts (the chunks)")


Chunks = Annotated[
    StrictStr | tuple[StrictStr, ...],
    BeforeValidator(_checked_chunks),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""A text, cut as `chunk` says, or a list of the exact chunks."""


def _checked_arguments(value: object) -> object:
    if is_object(value) or isinstance(value, str):
        return value
    raise ValueError("needs an object of arguments, or a text to send malformed ones")


Arguments = Annotated[
    dict[str, JsonValue] | StrictStr,
    BeforeValidator(_checked_arguments),
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "string"}]}),
]
"""Arguments of a tool call: an object, or a text that is sent as it is."""


def _names(value: object) -> object:
    if isinstance(value, str):
        value = (value,)
    if is_list(value) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    raise ValueError("needs a name or a list of names")


Names = Annotated[
    tuple[StrictStr, ...],
    BeforeValidator(_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One name or a list of them."""


def _checked_chunk(value: object) -> object:
    if value in ("word", "char", "whole") or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    raise ValueError("needs `word`, `char`, `whole` or a number of characters")


Chunking = Annotated[
    StrictStr | StrictInt,
    BeforeValidator(_checked_chunk),
    WithJsonSchema({"anyOf": [{"enum": ["word", "char", "whole"]}, {"type": "integer", "minimum": 1}]}),
]
"""How a text is cut into deltas."""


def _some(value: tuple[object, ...]) -> tuple[object, ...]:
    if not value:
        raise ValueError("is empty; give it at least one item")
    return value


NOT_EMPTY = AfterValidator(_some)
"""Refuses an empty list, but says so only where its items are right."""


def one_of_keys(*keys: str) -> AfterValidator:
    """Return a validator that lets a model pass only if exactly one of `keys` was given."""

    def check(model: Model) -> Model:
        found = [key for key in keys if model.given(key)]
        if len(found) != 1:
            said = "none of them stands here" if not found else "here are " + " and ".join(f"`{key}`" for key in found)
            raise ValueError(f"needs exactly one of {', '.join(f'`{key}`' for key in keys)}; {said}")
        return model

    return AfterValidator(check)
