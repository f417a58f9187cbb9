"""Structured output as the runtime reads it out of a model's text: fences, wrapping, validation (spec 02, section 7).

Owns the rules and the server's words; the rounds that lead to such a text are those of `extraction`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from meerkat_mock.agent.json_text import BadJson, read_json
from meerkat_mock.agent.schema_faults import compiled, first_fault

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import OutputSchema

_FENCED = re.compile(r"```[^\n`]*\n(.*?)\n?[ \t]*```", re.DOTALL)


class Invalid(Exception):
    """A text that does not answer the schema; `str()` is the reason as `extraction_error` and the next prompt show it."""


def read_structured(text: str, wanted: OutputSchema) -> Json:
    """Return the value that a model's text holds. Raises `Invalid`, or `BadSchema` when the schema itself is none."""
    try:
        value = read_json(without_fences(text))
    except BadJson as bad:
        raise Invalid(f"Invalid JSON: {bad}") from None
    validator = compiled(wanted.schema)
    reason = first_fault(validator, value)
    if reason is None:
        return value
    if wanted.name is not None and isinstance(value, dict) and list(value) == [wanted.name]:
        inner = value[wanted.name]
        if first_fault(validator, inner) is None:
            return inner
    raise Invalid(f"Schema validation failed: {reason}")


def without_fences(text: str) -> str:
    """Return a text without the code fence that encloses it, if one does."""
    stripped = text.strip()
    fenced = _FENCED.fullmatch(stripped)
    return fenced[1] if fenced is not None else stripped
