"""`${name}` in texts: replaced by a value, with its type where it is the whole text. `$${` stands for a plain `${`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from meerkat.wire.base import Json

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}")

_OPENING = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_.-]*)\})?")


def names_in(value: Json) -> Iterator[str]:
    """Yield the name of every placeholder in a value."""
    if isinstance(value, str):
        yield from (found[1] for found in _PLACEHOLDER.finditer(value) if found[1])
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from names_in(key)
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


def fill(value: Json, values: Mapping[str, Json]) -> Json:
    """Return `value` with known names replaced; unknown ones stay."""
    if isinstance(value, str):
        return fill_text(value, values)
    if isinstance(value, dict):
        return {str(fill_text(key, values)): fill(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, values) for inner in value]
    return value


def fill_text(text: str, values: Mapping[str, Json], *, unescape: bool = False) -> Json:
    """Return a text with known names replaced, or the value itself where the text is one placeholder; `unescape` also reads `$${`."""
    whole = _PLACEHOLDER.fullmatch(text)
    if whole and whole[1] in values:
        return values[whole[1]]

    def replaced(found: re.Match[str]) -> str:
        if not found[1]:
            return "${" if unescape else found[0]
        return as_text(values[found[1]]) if found[1] in values else found[0]

    return _PLACEHOLDER.sub(replaced, text)


def saved_names(value: Json) -> Iterator[str]:
    """Yield the names that rounds in plain data save values under."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "save" and isinstance(inner, dict):
                yield from inner
            yield from saved_names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from saved_names(inner)


def escaped(value: Json, keep: Container[str]) -> Json:
    """Return `value` with every `${` that is no placeholder of a name in `keep` written `$${`, as a file needs it."""
    if isinstance(value, str):
        return _OPENING.sub(lambda found: found[0] if found[1] in keep else "$" + found[0], value)
    if isinstance(value, dict):
        return {key: escaped(inner, keep) for key, inner in value.items()}
    return [escaped(inner, keep) for inner in value] if isinstance(value, list) else value


def as_text(value: Json) -> str:
    """Return a value as it stands inside a longer text: texts as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
