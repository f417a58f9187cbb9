"""The way to have a conversation from an environment of the reference SDK."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.interop.reference import FOUND, environment

LIMIT_SECONDS = 60

Converse = Callable[[str], Any]


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
