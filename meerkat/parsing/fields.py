"""A result under examination: its fields by type, and where one stands when it is wrong.

Owns the checks and the paths in error messages; knows no surface. Absent and null are the same for optional fields, as the server leaves
out what it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from meerkat.errors import ProtocolError, invalid_response

if TYPE_CHECKING:
    from meerkat.wire.base import Json

_TEXT: Final = frozenset({str})


class Fields:
    """An object of a result; `context` begins every message about it, `path` is its own place."""

    __slots__ = ("context", "path", "raw")

    def __init__(self, context: str, raw: Json, path: str = "") -> None:
        if not isinstance(raw, dict):
            raise invalid_response(context, path or "result", "an object", raw)
        self.context: Final = context
        self.path: Final = path
        self.raw: Final[dict[str, Json]] = raw

    def at(self, key: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, expected: str) -> ProtocolError:
        """Return the error that says a field is not what was expected."""
        if key not in self.raw:
            return ProtocolError("INVALID_RESPONSE", f"{self.context}: missing {self.at(key)}", path=self.at(key))
        return invalid_response(self.context, self.at(key), expected, self.raw[key])

    def has(self, key: str) -> bool:
        """Tell whether a field is there and not null."""
        return self.raw.get(key) is not None

    def text(self, key: str) -> str:
        """Return a text."""
        value = self.raw.get(key)
        if not isinstance(value, str):
            raise self.wrong(key, "text")
        return value

    def name(self, key: str) -> str:
        """Return a text that names something, and so is not empty."""
        value = self.text(key)
        if not value:
            raise self.wrong(key, "a text that is not empty")
        return value

    def integer(self, key: str) -> int:
        """Return an integer; a boolean is none, a float without a fraction is one."""
        value = self.raw.get(key)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "an integer")
        return value

    def number(self, key: str) -> float:
        """Return a number; a boolean is none."""
        value = self.raw.get(key)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self.wrong(key, "a number")
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean."""
        value = self.raw.get(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "a boolean")
        return value

    def record(self, key: str) -> Fields:
        """Return an object."""
        if not isinstance(self.raw.get(key), dict):
            raise self.wrong(key, "an object")
        return Fields(self.context, self.raw[key], self.at(key))

    def values(self, key: str) -> list[Json]:
        """Return a list."""
        values = self.raw.get(key)
        if not isinstance(values, list):
            raise self.wrong(key, "a list")
        return values

    def records(self, key: str) -> list[Fields]:
        """Return a list of objects."""
        return [self.item(key, index) for index in range(len(self.values(key)))]

    def item(self, key: str, index: int) -> Fields:
        """Return an object of a list."""
        return Fields(self.context, self.values(key)[index], f"{self.at(key)}[{index}]")

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        values = self.values(key)
        if not {*map(type, values)} <= _TEXT:
            index, value = next((index, value) for index, value in enumerate(values) if not isinstance(value, str))
            raise invalid_response(self.context, self.at(f"{key}[{index}]"), "text", value)
        return cast("list[str]", [*values])

    def labels(self, key: str) -> dict[str, str]:
        """Return an object of texts, empty when it is absent: the server leaves empty ones out."""
        if not self.has(key):
            return {}
        return {name: _text(self, f"{key}.{name}", value) for name, value in self.record(key).raw.items()}

    def optional_text(self, key: str) -> str | None:
        """Return a text, None when it is absent."""
        return self.text(key) if self.has(key) else None

    def optional_integer(self, key: str) -> int | None:
        """Return an integer, None when it is absent."""
        return self.integer(key) if self.has(key) else None

    def optional_record(self, key: str) -> Fields | None:
        """Return an object, None when it is absent."""
        return self.record(key) if self.has(key) else None

    def optional_records(self, key: str) -> list[Fields]:
        """Return a list of objects, empty when it is absent."""
        return self.records(key) if self.has(key) else []


def _text(fields: Fields, key: str, value: Json) -> str:
    if not isinstance(value, str):
        raise invalid_response(fields.context, fields.at(key), "text", value)
    return value
