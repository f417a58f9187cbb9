"""TOML files as plain JSON values and back: the one place that knows the library for it, loaded only when a file is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pathlib import Path

    from meerkat.wire.base import Json, JsonObject

_FILE_BYTES = 1 << 20


class BrokenToml(Exception):
    """A file that is no TOML; `str()` says why and where."""


def read_toml(file: Path) -> JsonObject:
    """Return what a file holds. Raises `BrokenToml`."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        if file.stat().st_size > _FILE_BYTES:
            raise BrokenToml(f"the file is over {_FILE_BYTES} bytes")
        return cast("JsonObject", tomlkit.parse(file.read_text(encoding="utf-8")).unwrap())
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise BrokenToml(str(error)) from error


def write_toml(file: Path, content: JsonObject) -> None:
    """Replace a file at once, making its folder; nulls are left out. Raises `OSError`."""
    import tomlkit

    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".toml.new")
    draft.write_text(tomlkit.dumps(cast("JsonObject", _without_nulls(content))), encoding="utf-8")
    draft.replace(file)


def _without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value
