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

LIMIT_SECONDS = 100
CONVERSATIONS = pathlib.Path(__file__).with_name("conversations.py")

Converse = Callable[[str], Any]


@pytest.fixture(scope="session", params=FOUND)
def reference(request: pytest.FixtureRequest) -> pathlib.Path:
    """Return an interpreter that has the reference SDK, one of each version found on PATH."""
    return environment(request.param)


@pytest.fixture(scope="session")
def said(reference: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Have all conversations with the executable mock, in one process; return what each printed."""
    server = pathlib.Path(sys.executable).with_name("rkat-rpc-mock")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE"))} | {"MEERKAT_BIN_PATH": str(server)}
    folder = tmp_path_factory.mktemp("conversations")
    done = subprocess.run(
        [reference, CONVERSATIONS, folder], cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    assert done.returncode == 0, f"the conversations ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.fixture
def converse(said: dict[str, Any]) -> Converse:
    """Return what came of a conversation of `conversations.py`."""

    def answer(name: str) -> Any:
        assert "answer" in said[name], f"{name} failed:\n{said[name]['error']}"
        return said[name]["answer"]

    return answer
