"""Holds what another server said against the contract, from the journal: answers by their method, everything else as the line it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.contract.lines import check_error, check_result
from meerkat_mock.contract.outgoing import check_line
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat_mock.journal import Journal

_FIXES = ("see whether this server speaks contract 0.6.5", "tell the server's authors")


def breaches_in(journal: Journal) -> Iterator[Violation]:
    """Yield a violation for every line of the server that breaks the contract, with the number of the line."""
    for line in journal:
        breach = check_line(line.data) if line.direction == "out" else None
        if breach is not None:
            yield _violation(line.number, breach)
    for asked in journal.requests():
        if asked.answer_line is None:
            continue
        code = asked.error.get("code") if asked.error is not None else None
        wrong = check_error(asked.method, code) if isinstance(code, int) else check_result(asked.method, asked.result)
        if wrong is not None:
            yield _violation(asked.answer_line, str(wrong))


def _violation(number: int, breach: str) -> Violation:
    return Violation("contract", f"line {number} of the journal", f"a line of the server breaks the contract: {breach}", "", _FIXES)
