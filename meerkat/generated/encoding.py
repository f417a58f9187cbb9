"""From the typed definitions to what a request carries: nested dataclasses become objects without the fields that were not set.

The server takes null for a value, and refuses it where it wants a flag or a list; a field that is None is therefore left out at every
depth, while a None that stands in a dict of the caller's stays. Fields named like a Python keyword (`class_`, `from_`) get their wire
name back.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, cast

from meerkat.errors import InvalidParamsError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from meerkat.wire.base import Json


def wire_value(value: object, path: str = "params") -> Json:
    """Return `value` as JSON. Raises `InvalidParamsError` `INVALID_ARGS` that names the place of what JSON cannot say."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, dict):
        return {_key(key, path): wire_value(item, f"{path}.{key}") for key, item in cast("dict[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [wire_value(item, f"{path}[{index}]") for index, item in enumerate(cast("list[object]", value))]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _record(value, path)
    raise InvalidParamsError("INVALID_ARGS", f"{path} cannot be written as JSON: {value!r}")


def _record(value: DataclassInstance, path: str) -> dict[str, Json]:
    names = [field.name for field in dataclasses.fields(value)]
    items = [(name.rstrip("_"), getattr(value, name)) for name in names]
    return {name: wire_value(item, f"{path}.{name}") for name, item in items if item is not None}


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise InvalidParamsError("INVALID_ARGS", f"{path} has a key that is no text: {key!r}")
    return key
