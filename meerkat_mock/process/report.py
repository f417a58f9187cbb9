"""What a process leaves behind when `MEERKAT_MOCK_JOURNAL` names a file: every line as it crosses, and at the end what it has against them.

One JSON object per line, appended in one write each, so that several processes may share a file:
`{"process": pid, "at": seconds, "connection": n, "direction": "in" | "out", "line": text}`, for the frames of live channels
`{"process": pid, "at": seconds, "channel": id, "direction": "in" | "out", "frame": text or number of bytes}` and, last,
`{"process": pid, "violations": [...], "unused": [...]}`.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from meerkat_mock.journal import Journal, Line, LiveFrame
    from meerkat_mock.stage import Stage
    from meerkat_mock.violations import Violation


class Report:
    """The journal file of one process. The summary is written at the end, also when SIGTERM brings it."""

    def __init__(self, path: str, stage: Stage, own: list[Violation]) -> None:
        self._stage = stage
        self._own = own
        """What the process holds against its own lines."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._over = False
        self.journal: Journal | None = None
        """What `verify` is asked of."""
        atexit.register(self.summary)
        signal.signal(signal.SIGTERM, self._terminated)

    def line(self, line: Line) -> None:
        """Write one line that crossed."""
        entry: dict[str, object] = {"at": line.at, "connection": line.connection, "direction": line.direction, "line": line.text}
        self._write(entry | ({"mark": line.mark} if line.mark else {}))

    def frame(self, frame: LiveFrame) -> None:
        """Write one frame of a live channel."""
        self._write({"at": frame.at, "channel": frame.channel, "direction": frame.direction, "frame": frame.data})

    def summary(self) -> None:
        """Write what the scenario or the contract did not allow and what was never used; once."""
        if not self._over:
            self._over = True
            found, unused = [*self._stage.violations, *self._own], self._stage.unused()
            found += self._stage.unverified(self.journal) if self.journal is not None else []
            self._write({"violations": [asdict(each) for each in found], "unused": [asdict(each) for each in unused]})

    def _write(self, entry: dict[str, object]) -> None:
        os.write(self._file, json.dumps({"process": os.getpid(), **entry}, ensure_ascii=False).encode() + b"\n")

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        """Die of the signal, as the real server does, a moment later."""
        self.summary()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
