"""Whether another server behaves as the real one was seen behaving: recorded and generated conversations, played and compared.

`meerkat-mock conform` is its face. Knows nothing of how the mock answers: here the mock is a server like any other.
"""

from __future__ import annotations

from pathlib import Path

GOLDENS = Path(__file__).parent / "goldens"
"""The recorded conversations that come with the package; the README beside them describes their format."""
