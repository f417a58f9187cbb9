"""Paths into what a run knows, conditions over them, and templates that name them (spec 04, section 4.4)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json, JsonObject

_MARK = re.compile(r"\{\{|\}\}")


class _Missing:
    """The value of a path that leads nowhere."""


MISSING: Final = _Missing()


class BadTemplate(Exception):
    """A template that cannot be read; `str()` names the place and the fault."""


def look_up(known: JsonObject, path: str) -> Json | _Missing:
    """Return what a path names in `{params, steps, loops}`, or `MISSING`."""
    parts = path.split(".")
    if parts[0] not in known:
        return MISSING
    if parts[0] == "steps" and len(parts) > 2 and parts[2] == "output":
        del parts[2]  # the segment is optional right behind the id of a step
    value: Json = known
    for part in parts:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


def holds(condition: JsonObject, known: JsonObject) -> bool:
    """Tell whether a condition is true; a comparison with a path that leads nowhere is false."""
    kind = condition["op"]
    if kind == "not":
        return not holds(cast("JsonObject", condition["expr"]), known)
    if kind in ("and", "or"):
        parts = cast("Sequence[JsonObject]", condition["exprs"])
        truths = [holds(part, known) for part in parts]
        return all(truths) if kind == "and" else any(truths)
    value = look_up(known, cast("str", condition["path"]))
    if isinstance(value, _Missing):
        return False
    if kind == "eq":
        return same(value, condition["value"])
    if kind == "in":
        return any(same(value, choice) for choice in cast("list[Json]", condition["values"]))
    return _compared(value, condition["value"], greater=kind == "gt")


def same(one: Json, other: Json) -> bool:
    """Tell whether two JSON values are equal; true is no 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _compared(one: Json, other: Json, *, greater: bool) -> bool:
    """Compare number with number or text with text; anything else is false."""
    if isinstance(one, str) and isinstance(other, str):
        return one > other if greater else one < other
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one > other if greater else one < other
    return False


def rendered(template: str, known: JsonObject) -> str:
    """Return a template with its placeholders filled in. Raises `BadTemplate`."""
    parts: list[str] = []
    at = 0
    while (mark := _MARK.search(template, at)) is not None:
        if mark[0] == "}}":
            raise _fault(template, mark.start(), "unmatched '}}'")
        end = template.find("}}", mark.end())
        inside = template[mark.end() : end if end >= 0 else len(template)]
        if (nested := inside.find("{{")) >= 0:
            raise _fault(template, mark.end() + nested, "nested '{{' inside placeholder")
        if (single := inside.find("}")) >= 0:
            raise _fault(template, mark.end() + single, "single '}' inside placeholder")
        if end < 0:
            raise _fault(template, mark.start(), "unmatched '{{'")
        if not inside.strip():
            raise _fault(template, mark.start(), "empty placeholder")
        parts += [template[at : mark.start()], _inserted(look_up(known, inside.strip()))]
        at = end + 2
    return "".join([*parts, template[at:]])


def _inserted(value: Json | _Missing) -> str:
    if isinstance(value, str):
        return value
    return "null" if isinstance(value, _Missing) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _fault(template: str, at: int, what: str) -> BadTemplate:
    before = template[:at]
    line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
    where = f"line {line}, column {column} (byte {len(before.encode('utf-8', 'surrogatepass'))})"
    return BadTemplate(f"invalid template syntax at {where}: {what}")
