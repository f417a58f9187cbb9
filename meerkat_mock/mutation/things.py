"""What can go wrong with the parts of a scenario that are no answers of a model: stubs, faults, servers, tools, live and mob scripts.

Pure: the data of a scenario in, changes of it out. A change that would make it no scenario any more is left out.
"""

from __future__ import annotations

import copy
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError

from meerkat_mock.clock import seconds
from meerkat_mock.mutation.values import other
from meerkat_mock.scenario.models import from_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.scenario.document import Positions, Steps

    Container = JsonObject | list[Json]
    Change = Callable[[Container, str | int], None]
    """Alters the container of a thing, at its key or index."""

DELAY_S: Final = 60.0
_OTHER_BYTES: Final = b64encode(b"mutated").decode()


@dataclass(frozen=True)
class _Kind:
    """One kind of thing: where it stands (`*` is any key), how it is called, and what may happen to it."""

    path: tuple[str, ...]
    name: str
    whole: tuple[str, ...] = ("drop",)
    corrupted: tuple[str, ...] = ()
    delayed: str = ""
    """The member that says how long it takes."""


_KINDS: Final = (
    _Kind(("stubs", "*"), "stub", corrupted=("result", "error")),
    _Kind(("faults", "*"), "fault", corrupted=("error", "emit")),
    _Kind(("mcp", "*"), "MCP server", corrupted=("fail",), delayed="start"),
    _Kind(("mcp", "*", "tools", "*"), "MCP tool", corrupted=("result", "error"), delayed="after"),
    _Kind(("skills", "*"), "skill", corrupted=("description", "body")),
    _Kind(("blobs", "*"), "blob", corrupted=("data",)),
    _Kind(("artifacts", "*"), "artifact", corrupted=("title", "text", "data")),
    _Kind(("approvals", "*"), "approval", corrupted=("requester", "resource", "proposed_action")),
    _Kind(("auth", "codes", "*"), "token answer", corrupted=("json", "status", "body")),
    _Kind(("auth", "devices", "*", "polls", "*"), "poll", ("drop", "duplicate", "swap")),
    _Kind(("mobs", "*", "members", "*", "spawn"), "spawn", corrupted=("fail",), delayed="delay"),
    _Kind(("mobs", "*", "flows", "*", "*"), "flow step", (), ("fail",), "delay"),
    _Kind(("schedules", "*", "timeline", "*"), "moment", ("drop", "duplicate", "swap"), ("expect",), "advance"),
    _Kind(
        ("live", "*", "steps", "*"),
        "live step",
        ("drop", "duplicate", "swap", "delay"),
        ("hear", "speak", "write", "error", "call", "barge_in", "close"),
    ),
)
_LABELS: Final = ("name", "method", "id", "artifact_id", "approval_id", "expect")


@dataclass(frozen=True)
class Thing:
    """One thing gone wrong: where it is scripted (`file:line`), what happens to it, and where in the data it stands."""

    where: str
    what: str
    path: Steps
    change: Change

    def applied(self, data: JsonObject) -> JsonObject | None:
        """Return a copy of a scenario's data with the change, None when the thing is not there."""
        changed = copy.deepcopy(data)
        container: Json = changed
        for step in self.path[:-1]:
            container = _member(container, step)
        if not isinstance(container, (dict, list)) or _member(container, self.path[-1]) is None:
            return None
        try:
            self.change(container, self.path[-1])
        except IndexError:  # nothing stands after it to be swapped with
            return None
        return changed


def things_of(data: JsonObject, positions: Positions) -> Iterator[Thing]:
    """Yield everything that can go wrong in the data of a scenario and leaves one."""
    for kind in _KINDS:
        for path, value in _found(data, kind.path, ()):
            for what, change in _changes(kind, path, value):
                thing = Thing(positions.at(path).file_and_line, what, path, change)
                if _is_scenario(thing.applied(data)):
                    yield thing


def _is_scenario(data: JsonObject | None) -> bool:
    if data is None:
        return False
    try:
        from_data(data)
    except ValidationError:
        return False
    return True


def _found(value: Json, pattern: tuple[str, ...], path: Steps) -> Iterator[tuple[Steps, Json]]:
    if not pattern:
        yield path, value
        return
    steps: list[str | int] = [pattern[0]]
    if pattern[0] == "*":
        steps = [*value] if isinstance(value, dict) else [*range(len(value))] if isinstance(value, list) else []
    for step in steps:
        member = _member(value, step)
        if member is not None:
            yield from _found(member, pattern[1:], (*path, step))


def _member(value: Json, step: str | int) -> Json:
    if isinstance(value, dict):
        return value.get(str(step))
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _changes(kind: _Kind, path: Steps, value: Json) -> Iterator[tuple[str, Change]]:
    name = f"the {kind.name}{_label(path, value)}"
    for what in kind.whole:
        said = f"{what} {name}" + (" with the next" if what == "swap" else f" by {DELAY_S:g} s" if what == "delay" else "")
        yield said, _WHOLE[what]
    if not isinstance(value, dict):
        return
    for key in kind.corrupted:
        if value.get(key) is not None:
            yield f"corrupt the `{key}` of {name}", partial(_corrupt, key=key)
    if kind.delayed:
        yield f"delay {name} by {DELAY_S:g} s", partial(_delay, key=kind.delayed)


def _label(path: Steps, value: Json) -> str:
    label = next((str(value[key]) for key in _LABELS if value.get(key)), "") if isinstance(value, dict) else ""
    last = path[-1] if isinstance(path[-1], str) else f"{path[-1] + 1}"
    return f" `{label}`" if label else f" `{last}`" if isinstance(path[-1], str) else f" {last}"


# ---- the changes, each in the container of the thing ---------------------------------------------------------------------------------


def _drop(container: Container, step: str | int) -> None:
    del cast("dict[str | int, Json]", container)[step]


def _duplicate(container: Container, step: str | int) -> None:
    items = cast("list[Json]", container)
    items.insert(cast("int", step), copy.deepcopy(items[cast("int", step)]))


def _swap(container: Container, step: str | int) -> None:
    items, here = cast("list[Json]", container), cast("int", step)
    items[here], items[here + 1 :] = items[here + 1], [items[here], *items[here + 2 :]]


def _wait_before(container: Container, step: str | int) -> None:
    cast("list[Json]", container).insert(cast("int", step), {"wait": DELAY_S})


def _corrupt(container: Container, step: str | int, *, key: str) -> None:
    thing = cast("dict[str, Json]", cast("dict[str | int, Json]", container)[step])
    thing[key] = _OTHER_BYTES if key == "data" else other(thing[key])


def _delay(container: Container, step: str | int, *, key: str) -> None:
    thing = cast("dict[str, Json]", cast("dict[str | int, Json]", container)[step])
    given = thing.get(key, 0)
    thing[key] = DELAY_S + (seconds(given) if isinstance(given, (int, float, str)) else 0)


_WHOLE: Final[dict[str, Change]] = {"drop": _drop, "duplicate": _duplicate, "swap": _swap, "delay": _wait_before}
