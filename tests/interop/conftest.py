"""Environments with the reference SDK in them, one per Python, and the way to have a conversation from there."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

REFERENCE = "meerkat-sdk==0.6.5"
PYTHONS = ("3.11", "3.12", "3.13")
"""The versions that the reference SDK really works on."""
LIMIT_SECONDS = 60

Converse = Callable[[str], Any]


def runs(python: str) -> bool:
    """Tell whether that interpreter is there and is more than a shim."""
    found = shutil.which(f"python{python}")
    return found is not None and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0


FOUND = [python for python in PYTHONS if runs(python)]


def environment(python: str) -> pathlib.Path:
    """Return the interpreter of an environment with nothing in it but the reference SDK, making it at the first use."""
    root = pathlib.Path(os.environ.get("INTEROP_ENVIRONMENTS", pathlib.Path(__file__).parents[2] / ".tox" / "reference"))
    folder = root / f"{REFERENCE}-{python}"
    inside = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / "ready").exists():
        subprocess.run([f"python{python}", "-m", "venv", "--clear", folder], check=True)
        subprocess.run([inside, "-m", "pip", "install", "-q", REFERENCE], check=True)
        (folder / "ready").touch()
    return inside


@pytest.fixture(scope="session", params=FOUND)
def reference(request: pytest.FixtureRequest) -> pathlib.Path:
    """Return an interpreter that has the reference SDK, one of each version found on PATH."""
    return environment(request.param)


@pytest.fixture
def converse(reference: pathlib.Path, tmp_path: pathlib.Path) -> Converse:
    """Have a conversation of `conversations.py` with the executable mock; return what it printed as a value."""

    def run(name: str) -> Any:
        server = pathlib.Path(sys.executable).with_name("rkat-rpc-mock")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE"))} | {"MEERKAT_BIN_PATH": str(server)}
        done = subprocess.run(
            [reference, pathlib.Path(__file__).with_name("conversations.py"), name, tmp_path],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{name} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    return run
