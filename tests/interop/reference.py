"""Environments with nothing but the reference SDK in them, one per Python: made at the first use, kept, and used as a black box."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

REFERENCE = "meerkat-sdk==0.6.5"
PYTHONS = ("3.11", "3.12", "3.13")
"""The versions that the reference SDK really works on."""


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
