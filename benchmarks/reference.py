"""The reference SDK as the other side of a comparison: in an environment of its own, or not at all where it cannot be had."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from tests.interop.reference import FOUND, environment

if TYPE_CHECKING:
    from pathlib import Path


@cache
def reference_python() -> Path | None:
    """Return the interpreter of an environment with the reference SDK, of our own version where it works there; None without one."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not FOUND:
        return None
    return environment(own if own in FOUND else FOUND[-1])
