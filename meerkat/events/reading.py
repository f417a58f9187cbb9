"""Checks on the fields of an event that came over the wire; each returns the value or raises `Malformed` with the reason."""

from __future__ import annotations

from typing import Any, cast

from meerkat.events.base import Usage
from meerkat.types.skills import SkillKey

Raw = dict[str, Any]
"""An event as decoded from JSON: nothing about it is certain yet."""


class Malformed(Exception):
    """A known event lacks what its type promises; the text is the reason."""


def text(raw: Raw, key: str) -> str:
    """Return the text under `key`."""
    value = raw.get(key)
    if type(value) is not str:
        raise wrong(key, "text", raw)
    return value


def number(raw: Raw, key: str) -> int:
    """Return the number under `key`; a boolean is none."""
    value = raw.get(key)
    if type(value) is not int and type(value) is not float:
        raise wrong(key, "a number", raw)
    return cast("int", value)


def flag(raw: Raw, key: str) -> bool:
    """Return the boolean under `key`."""
    value = raw.get(key)
    if type(value) is not bool:
        raise wrong(key, "a boolean", raw)
    return value


def record(raw: Raw, key: str) -> Raw:
    """Return the object under `key`."""
    value = raw.get(key)
    if type(value) is not dict:
        raise wrong(key, "an object", raw)
    return cast("Raw", value)


def optional_text(raw: Raw, key: str) -> str | None:
    """Return the text under `key`, None when it is absent or null."""
    return None if raw.get(key) is None else text(raw, key)


def optional_number(raw: Raw, key: str) -> int | None:
    """Return the number under `key`, None when it is absent or null."""
    return None if raw.get(key) is None else number(raw, key)


def optional_record(raw: Raw, key: str) -> Raw | None:
    """Return the object under `key`, None when it is absent or null."""
    return None if raw.get(key) is None else record(raw, key)


def records(raw: Raw, key: str) -> list[Raw]:
    """Return the list of objects under `key`, empty when it is absent: the server leaves empty lists out."""
    values: object = raw.get(key)
    if values is None:
        return []
    if type(values) is not list or not all(type(value) is dict for value in cast("list[object]", values)):
        raise wrong(key, "a list of objects", raw)
    return cast("list[Raw]", values)


def present(raw: Raw, key: str) -> Any:
    """Return whatever stands under `key`, which must be there."""
    if key not in raw:
        raise Malformed(f"{key} is missing")
    return raw[key]


def usage(raw: Raw, key: str = "usage") -> Usage:
    """Return the token counts under `key`."""
    counts = record(raw, key)
    return Usage(
        number(counts, "input_tokens"),
        number(counts, "output_tokens"),
        optional_number(counts, "cache_creation_tokens"),
        optional_number(counts, "cache_read_tokens"),
    )


def skill_key(value: object) -> SkillKey:
    """Return the skill that `value` names."""
    if type(value) is not dict:
        raise Malformed(f"a skill key must be an object, got {value!r}")
    key = cast("Raw", value)
    return SkillKey(text(key, "source_uuid"), text(key, "skill_name"))


def wrong(key: str, expected: str, raw: Raw) -> Malformed:
    """Return the reason that `key` is not what was expected."""
    return Malformed(f"{key} must be {expected}, got {raw[key]!r}" if key in raw else f"{key} is missing, expected {expected}")
