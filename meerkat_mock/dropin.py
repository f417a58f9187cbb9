"""`rkat-rpc-mock`: the drop-in executable. Takes the flags of rkat-rpc and serves any client in any language.

Its scenario comes from `--scenario` or `MEERKAT_MOCK_SCENARIO`, its journal goes to `MEERKAT_MOCK_JOURNAL`. Signals end it at once
without a word, as they end the real one (spec 01, section 13.2). Imports are late on purpose: see `process.prelude`.
"""

from __future__ import annotations

import os
import signal
import sys

from meerkat_mock.process.commandline import CommandLine, Refused, read_command_line


def main() -> int:
    """Run the process and return its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        command = read_command_line(sys.argv[1:])
        if command.prints is not None:
            sys.stdout.write(command.prints)
            return 0
        return _serve(command)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return refused.code


def _serve(command: CommandLine) -> int:
    from meerkat_mock.process.prelude import Prelude, first_answer

    known = command.tcp is None and command.flags.live_ws is None and command.scenario is None
    quick = known and not os.environ.get("MEERKAT_MOCK_SCENARIO")
    prelude = first_answer(sys.stdin.fileno(), sys.stdout.fileno()) if quick else Prelude()
    from meerkat_mock.process.serving import run

    return run(command, prelude)


if __name__ == "__main__":
    raise SystemExit(main())
