"""`tox -e bench` is not part of a test run: here it is seen to that its environment has what the figures need."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]

IMPORTING = """
import importlib, json, pkgutil, sys

absent = set(json.loads(sys.argv[1]))

class Absent:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not in the environment of the figures", name=name)

sys.meta_path.insert(0, Absent)
from benchmarks import figures

for module in pkgutil.iter_modules(figures.__path__):
    importlib.import_module(f"benchmarks.figures.{module.name}")
    print(module.name)
"""


def installed_with(*extras: str) -> set[str]:
    """Return the distributions that are installed with these extras of ours, ours among them."""
    found: set[str] = set()
    asked = [("meerkat-kit", extra) for extra in ("", *extras)]
    seen = set(asked)
    while asked:
        name, extra = asked.pop()
        found.add(canonicalize_name(name))
        for text in importlib.metadata.requires(name) or ():
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                new = {(wanted.name, each) for each in ("", *wanted.extras)} - seen
                seen |= new
                asked += new
    return found


def test_the_environment_of_the_figures_has_what_they_need() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    there = installed_with(*tox["testenv:bench"]["extras"].split())
    modules = importlib.metadata.packages_distributions()
    absent = [module for module, owners in modules.items() if not {canonicalize_name(owner) for owner in owners} & there]
    assert "xdist" in absent, "the blocker has nothing to block: it would hide nothing"
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING, json.dumps(absent)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {file.stem for file in (ROOT / "benchmarks" / "figures").glob("[a-z]*.py")} == set(done.stdout.split())
