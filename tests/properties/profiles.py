"""How thorough the property tests are: ordinary, or `deep` for nights (`HYPOTHESIS_PROFILE=deep`)."""

from __future__ import annotations

import os

DEEP_FACTOR = 20


def examples(ordinary: int) -> int:
    """Return how many examples to run where an ordinary run has that many."""
    return ordinary * (DEEP_FACTOR if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 1)
