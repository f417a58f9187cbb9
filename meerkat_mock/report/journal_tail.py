"""The end of a journal as it crossed the wire: line by line, each with its connection and its moment, long ones cut in their middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.journal import LiveFrame

if TYPE_CHECKING:
    from meerkat_mock.journal import Journal, Line

TAIL = 12
"""Lines shown: what the conversation says in short can be read here as it was."""
WIDTH = 260
KEPT_AT_THE_END = 90


def render_journal_tail(journal: Journal, tail: int = TAIL) -> str:
    """Return the last `tail` lines and frames of live channels, and say how many came earlier; seconds count from the first line."""
    crossings = list(journal.crossings())
    left_out = max(0, len(crossings) - tail)
    shown = [_rendered(each, crossings[0].at) for each in crossings[left_out:]]
    return "\n".join([f"... {left_out} earlier", *shown] if left_out else shown)


def _rendered(line: Line | LiveFrame, begun: float) -> str:
    if isinstance(line, LiveFrame):
        return f" live {line.at - begun:+.3f} s {line.channel[:8]} {_cut(repr(line))}"
    mark = f"[{line.mark}] " if line.mark else ""
    return f"{line.number:5} {line.at - begun:+.3f} s #{line.connection} {'>' if line.direction == 'in' else '<'} {mark}{_cut(line.text)}"


def _cut(text: str) -> str:
    if len(text) <= WIDTH:
        return text
    left_out = len(text) - WIDTH
    return f"{text[: WIDTH - KEPT_AT_THE_END]} ...{left_out} characters... {text[-KEPT_AT_THE_END:]}"
