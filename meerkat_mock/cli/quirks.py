"""`meerkat-mock quirks`: the table of differences between the shipped server and its documentation."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from meerkat_mock.quirks import QUIRKS, Quirk, Quirks

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--markdown", is_flag=True, help="Print the page of the documentation.")
@click.option("--fidelity", type=click.Choice(["server", "contract"]), default="server", show_default=True, help="Whose defaults to show.")
def command(as_json: bool, markdown: bool, fidelity: str) -> None:
    """Print where the shipped server departs from its documentation.

    Example: meerkat-mock quirks --json
    """
    if markdown:
        from meerkat_mock.report.differences import differences

        click.echo(differences(), nl=False)
        return
    positions = Quirks("server" if fidelity == "server" else "contract")
    rows = list(QUIRKS.values())
    if as_json:
        click.echo(json.dumps([asdict(row) | {"on": positions.on(row.name)} for row in rows], indent=2))
        return
    _table(rows, positions)


_WIDE = 120
"""Columns of a terminal from which a table can be read."""


def _table(rows: list[Quirk], positions: Quirks) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if console.width < _WIDE:
        for row in rows:
            _block(console, row, on=positions.on(row.name))
        return
    table = Table(show_lines=True)
    table.add_column("quirk", no_wrap=True)
    for title in ("on", "the shipped server", "its documentation", "evidence"):
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(row.name, "on" if positions.on(row.name) else "off", row.server, row.contract, row.evidence)
    console.print(table)


def _block(console: Console, row: Quirk, *, on: bool) -> None:
    """Print a quirk below the last one: a terminal may be narrow, but a name must stay whole to be copied."""
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text(f"{row.name} ({'on' if on else 'off'})", style="bold"), soft_wrap=True)
    for title, text in (("the shipped server", row.server), ("its documentation", row.contract), ("evidence", row.evidence)):
        console.print(Padding(Text(f"{title}: {text}", overflow="fold"), (0, 0, 0, 2)))
    console.print()
