"""A start that is cancelled ends, whatever asyncio was about to do, and leaves no process."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest

from meerkat_mock import subprocesses

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("passes", range(10))
async def test_a_start_may_be_cancelled_at_any_moment(passes: int, tmp_path: Path) -> None:
    kept = tmp_path / "pid"
    starting = asyncio.ensure_future(subprocesses.start("sh", "-c", f"echo $$ > {kept}; cat; true", env=os.environ))
    for _ in range(passes):
        await asyncio.sleep(0)
    starting.cancel()
    done, _ = await asyncio.wait([starting], timeout=20)
    assert done == {starting}
    if not starting.cancelled():  # it had started by then
        process = starting.result()
        os.killpg(process.pid, signal.SIGKILL)
        await process.communicate(b"")
    await asyncio.sleep(0.2)  # asyncio lets go of the pipes, and its thread of the process
    if kept.exists() and (text := kept.read_text().strip()):
        with pytest.raises(ProcessLookupError):
            os.kill(int(text), 0)


async def test_what_was_started_is_asked_and_answers() -> None:
    process = await subprocesses.start("cat", env=os.environ, stderr=subprocesses.DEVNULL, own_session=False)
    assert await process.communicate(b"a line\n") == (b"a line\n", None)
    assert process.returncode == 0


async def test_what_the_system_refuses_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        await subprocesses.start("no-such-program-anywhere", env=os.environ)
