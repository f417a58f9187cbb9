"""Where an event loop's tasks stand: what a person needs to find the line that waits.

Knows asyncio alone. Frames of the SDK, of the mock and of the machinery that runs tests are passed over: what is told is the last line
of somebody else's code on the way down.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_MACHINERY: Final = frozenset({"asyncio", "contextlib", "meerkat", "meerkat_mock", "pytest_asyncio", "_pytest", "anyio"})
_FRAMES: Final = ("cr_frame", "gi_frame", "ag_frame")
_AWAITED: Final = ("cr_await", "gi_yieldfrom", "ag_await")
_COUNTED: Final = re.compile(r"Task-\d+")
"""Names that asyncio gives."""
_DEEPEST: Final = 1000
"""Frames after which a chain of awaits is followed no further."""


def whereabouts(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Return a line for each task of the application: the function it waits in, the file and the line, and its name if it was given one."""
    stands = ((task.get_name(), _last_line(task)) for task in asyncio.all_tasks(loop))
    return sorted(f"{line}{'' if _COUNTED.fullmatch(name) else f', task {name!r}'}" for name, line in stands if line)


def main_tasks(loop: asyncio.AbstractEventLoop) -> list[asyncio.Task[Any]]:
    """Return the tasks that `asyncio.run` and its like wait for: with their end the loop ends. Empty where a loop does not tell."""
    return [task for task in asyncio.all_tasks(loop) if _is_run(task)]


def _is_run(task: asyncio.Task[Any]) -> bool:
    callbacks = getattr(task, "_callbacks", None) or ()
    return any(getattr(each[0], "__name__", "") == "_run_until_complete_cb" for each in callbacks)


def _last_line(task: asyncio.Task[Any]) -> str:
    own = [frame for frame in _frames(task.get_coro()) if str(frame.f_globals.get("__name__")).partition(".")[0] not in _MACHINERY]
    if not own:
        return ""
    code = own[-1].f_code
    return f"{code.co_name} waits ({_near(Path(code.co_filename))}:{own[-1].f_lineno})"


def _frames(awaited: object) -> Iterator[FrameType]:
    for _ in range(_DEEPEST):
        frame = _first(awaited, _FRAMES)
        if frame is None:
            return
        yield cast("FrameType", frame)
        awaited = _first(awaited, _AWAITED)


def _first(holder: object, names: tuple[str, ...]) -> object:
    return next((getattr(holder, name) for name in names if hasattr(holder, name)), None)


def _near(path: Path) -> Path:
    """Return a path as seen from the working directory, if it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
