"""`python -m benchmarks [NAME ...] [--write]`: measures the figures, prints their table, and keeps it in README.md beside this file."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import figures as modules

if TYPE_CHECKING:
    from benchmarks.measuring import Figure

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
FIRST = "small_tests"
"""Its figures are times and not ratios: they are measured before the others have made the machine hot, which slows it down."""
HEAD = "| what | reached | to reach | kept | measured |\n|---|---|---|---|---|\n"


def row(figure: Figure) -> str:
    """Return a figure as a row of the table."""
    kept = "yes" if figure.kept else "**no**"
    return (
        f"| {figure.what} | {figure.value:.2f} {figure.unit} | {figure.sense} {figure.limit:g} {figure.unit} | {kept} | {figure.detail} |\n"
    )


def keep(table: str) -> None:
    """Put the table into the README."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}\n\n"
    README.write_text(before + BEGIN + system + table + END + rest.split(END)[1], encoding="utf-8")


def main() -> int:
    """Measure what is asked for, everything by default; return 1 if a promise is not kept."""
    names = sorted((module.name for module in pkgutil.iter_modules(modules.__path__)), key=lambda name: (name != FIRST, name))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the figures side by side and print their table.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure, of {', '.join(names)} (default: all)")
    parser.add_argument("--write", action="store_true", help="keep the table in benchmarks/README.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"no figure is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    found: list[Figure] = []
    print(HEAD, end="", flush=True)
    for name in options.names or names:
        for figure in importlib.import_module(f"{modules.__name__}.{name}").figures():
            found.append(figure)
            print(row(figure), end="", flush=True)
    if options.write:
        keep(HEAD + "".join(map(row, found)))
    return 0 if all(figure.kept for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
