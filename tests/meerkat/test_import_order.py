"""Every public module can be the first one that an application imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODULES = ["client", "session", "mob", "live", "streaming", "events", "types", "errors", "tools", "generated.types", "generated.errors"]


@pytest.mark.parametrize("module", MODULES)
def test_a_public_module_can_be_imported_first(module: str) -> None:
    result = subprocess.run([sys.executable, "-c", f"import meerkat.{module}"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
