"""The executable mock, from its start to the answer of `initialize`."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, Side, medians, own_python

if TYPE_CHECKING:
    from collections.abc import Iterator

INITIALIZE = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}\n'


def first_line(*command: str) -> Side:
    """Return a side that starts a command, sends `initialize` and waits for the first line."""

    def side() -> float:
        start = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(INITIALIZE)
            process.stdin.flush()
            assert process.stdout.readline()
            passed = time.perf_counter() - start
            process.stdin.close()
        return passed

    return side


def figures() -> Iterator[Figure]:
    """Measure it beside an interpreter that does nothing but print a line."""
    python = own_python()
    found = medians(
        rounds=15,
        mock=first_line(str(python.with_name("rkat-rpc-mock")), "--isolated"),
        bare=first_line(str(python), "-c", "print(1, flush=True)"),
    )
    detail = f"{found['mock'] * 1000:.0f} ms and {found['bare'] * 1000:.0f} ms"
    yield Figure("`rkat-rpc-mock` to its first answer, beside the bare interpreter", found["mock"] / found["bare"], "≤", 3.0, detail=detail)
