"""`meerkat-mock quirks`: the table of differences between the shipped server and its documentation."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from meerkat_mock.quirks import QUIRKS, Quirk, Quirks


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


def _table(rows: list[Quirk], positions: Quirks) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("quirk", "on", "the shipped server", "its documentation", "evidence", show_lines=True)
    for row in rows:
        table.add_row(row.name, "on" if positions.on(row.name) else "off", row.server, row.contract, row.evidence)
    Console().print(table)
