"""`${name}` in texts: replaced by a value, with its type where it is the whole text. `$${` stands for a plain `${`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from meerkat.wire.base import Json

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}")


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


def fill(value: Json, values: Mapping[str, Json], *, final: bool = True) -> Json:
    """Return `value` with known names replaced; unknown ones stay. `final` also turns `$${` into `${`."""
    if isinstance(value, str):
        return fill_text(value, values, final=final)
    if isinstance(value, dict):
        return {str(fill_text(key, values, final=final)): fill(inner, values, final=final) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, values, final=final) for inner in value]
    return value


def fill_text(text: str, values: Mapping[str, Json], *, final: bool = True) -> Json:
    """Return a text with known names replaced, or the value itself where the text is one placeholder."""
    whole = _PLACEHOLDER.fullmatch(text)
    if whole and whole[1] in values:
        return values[whole[1]]

    def replaced(found: re.Match[str]) -> str:
        if not found[1]:
            return "${" if final else found[0]
        return as_text(values[found[1]]) if found[1] in values else found[0]

    return _PLACEHOLDER.sub(replaced, text)


def as_text(value: Json) -> str:
    """Return a value as it stands inside a longer text: texts as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
