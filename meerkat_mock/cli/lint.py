"""`meerkat-mock lint`: every finding of scenario files, one line each."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from meerkat_mock.report.plain import plain


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print findings as a JSON list.")
def command(paths: tuple[str, ...], as_json: bool) -> None:
    """Check scenario files; of a folder, all `*.mock.yaml` and `*.mock.json` below it.

    Example: meerkat-mock lint scenarios/
    """
    from meerkat_mock.scenario.lint import lint

    files = _files(paths)
    if not files:
        raise click.UsageError(f"no scenario (*.mock.yaml, *.mock.json) below {', '.join(paths)}")
    findings = [finding for file in files for finding in lint(file)]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(plain(str(finding)))
        click.echo(f"{len(files)} file{'s' * (len(files) != 1)}, {len(findings)} finding{'s' * (len(findings) != 1)}", err=True)
    sys.exit(1 if any(finding.severity == "error" for finding in findings) else 0)


def _files(paths: tuple[str, ...]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        found += sorted([*path.rglob("*.mock.yaml"), *path.rglob("*.mock.json")]) if path.is_dir() else [path]
    return found
