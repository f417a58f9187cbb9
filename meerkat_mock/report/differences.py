"""The page "Differences": where the shipped server departs from its documentation, as Markdown made of the table of quirks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.quirks import QUIRKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat_mock.quirks import Quirk

_HEAD = """# Differences

Where `rkat-rpc` 0.6.5 departs from its documentation, and what an application does about it. Made of the mock's own table by
`meerkat-mock quirks --markdown`; do not edit.

The mock shows the server's side with `fidelity: server` (the default) and the documented side with `fidelity: contract`. A single row is
turned by its name, in a scenario (`quirks: {NAME: false}`) or in Python (`MeerkatMock(quirks={"NAME": False})`).
"""
_ALWAYS = "What the server does every time"
_SOMETIMES = "What the server does only sometimes"
_ABOUT_SOMETIMES = "The mock never leaves these to chance: they are off in both fidelities until they are turned on by name.\n"


def differences() -> str:
    """Return the whole page."""
    always = [row for row in QUIRKS.values() if not row.by_timing]
    sometimes = [row for row in QUIRKS.values() if row.by_timing]
    parts = [_HEAD, f"## {_ALWAYS}\n", *_entries(always), f"## {_SOMETIMES}\n", _ABOUT_SOMETIMES, *_entries(sometimes)]
    return "\n".join(parts)


def _entries(rows: Iterable[Quirk]) -> list[str]:
    return [_entry(row) for row in rows]


def _entry(row: Quirk) -> str:
    lines = [
        f"### `{row.name}`\n",
        f"- **Server:** {row.server}.",
        f"- **Documented:** {row.contract}.",
        f"- **What to do:** {row.advice}.",
        f"- **Evidence:** {row.evidence}.",
    ]
    return "\n".join(lines) + "\n"
