"""`meerkat-mock coverage`: what of the contract journals and recorded conversations have exercised, and what not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from meerkat_mock.coverage import KINDS, Coverage, Row
from meerkat_mock.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from meerkat.wire.base import Json
    from meerkat_mock.coverage import Kind

_LINE_BYTES = 1 << 28
"""Longest line of a journal that is read."""


@click.command()
@click.argument("journals", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--missing", is_flag=True, help="List what was not exercised, and what cannot be, with the evidence.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Look at these alone; may be given again.  [default: all]")
@click.option("--fail-under", type=click.FloatRange(0, 100), default=0.0, help="End with 1 if any kind is below this percentage.")
def command(journals: tuple[Path, ...], as_json: bool, missing: bool, kinds: tuple[Kind, ...], fail_under: float) -> None:
    """Tell which methods, errors, events, values of enumerations and shapes of runs JOURNALS have exercised.

    JOURNALS are files of `MEERKAT_MOCK_JOURNAL`, recorded conversations, counts of `pytest --meerkat-coverage DIR` (which leave values
    out), or folders of these. What no client can bring about on this version is counted apart; `--missing` lists it with the evidence.

    Example: meerkat-mock coverage journal.jsonl --missing
    """
    files = [file for path in journals for file in (sorted(path.rglob("*.jsonl")) if path.is_dir() else [path])]
    if not files:
        raise click.UsageError(f"no journal (*.jsonl) below {', '.join(map(str, journals))}")
    coverage = Coverage(kinds or KINDS)
    if not sum(_read(coverage, file) for file in files):
        raise click.UsageError(f"nothing to count: no line of a conversation in {', '.join(map(str, files))}")
    rows = coverage.rows()
    if as_json:
        found = {
            row.kind: {
                "percent": round(row.percent, 1),
                "used": row.used,
                "missing": row.missing,
                "beyond": row.beyond,
                "unreachable": row.unreachable,
            }
            for row in rows
        }
        click.echo(json.dumps(found, indent=2))
    else:
        _print(rows, missing)
    sys.exit(1 if any(row.percent < fail_under for row in rows) else 0)


def _read(coverage: Coverage, file: Path) -> int:
    """Count what a file holds; return how many of its lines said something."""
    told = 0
    with file.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(_LINE_BYTES), b""), 1):
            try:
                entry: Json = json.loads(line)
            except ValueError as error:
                raise click.UsageError(f"{file}:{number}: no line of a journal: {error}") from None
            if isinstance(entry, dict):
                told += _take(coverage, str(file), entry)
    return told


def _take(coverage: Coverage, file: str, entry: dict[str, Json]) -> bool:
    """Take counts (`coverage`), or an entry of a journal (`line`) or of a recorded conversation (`msg`); False for others."""
    line, message, counts = entry.get("line"), entry.get("msg"), entry.get("coverage")
    if isinstance(counts, dict):
        coverage.add(cast("dict[str, dict[str, int]]", counts))
    elif isinstance(line, str):
        conversation = f"{file} {entry.get('process')} {entry.get('connection')}"
        coverage.take(conversation, "in" if entry.get("direction") == "in" else "out", line)
    elif isinstance(message, dict):
        coverage.message(file, "in" if entry.get("dir") == ">" else "out", message)
    else:
        return False
    return True


def _print(rows: list[Row], missing: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "exercised", "of", "%", "unreachable")
    for row in rows:
        counts = (len(row.used), len(row.used) + len(row.missing))
        table.add_row(row.kind, *map(str, counts), f"{row.percent:.0f}", str(len(row.unreachable) or ""))
    Console().print(table)
    for row in rows:
        if missing and row.missing:
            click.echo(f"\n{row.kind} not exercised:\n" + "\n".join(f"  {name}" for name in row.missing))
        if missing and row.unreachable:
            click.echo(f"\n{row.kind} that no client can bring about:\n" + "\n".join(_by_evidence(row.unreachable)))
        if row.beyond:
            click.echo(f"\n{row.kind} that the contract does not name:\n" + "\n".join(f"  {plain(name)}" for name in row.beyond))


def _by_evidence(unreachable: Mapping[str, str]) -> Iterator[str]:
    """Yield each piece of evidence with the names that it is about."""
    for why in dict.fromkeys(unreachable.values()):
        names = ", ".join(name for name, each in unreachable.items() if each == why)
        yield f"  {why}:\n    {names}"
