"""Text from files and wires, made safe to show: a terminal obeys control characters, and whoever wrote the text is not trusted."""

from __future__ import annotations

import re

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line feed, separators of lines, and what turns the direction of writing."""


def plain(text: str) -> str:
    """Return the text with every character that a terminal would obey spelt out as an escape; tabs and line feeds stay."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
