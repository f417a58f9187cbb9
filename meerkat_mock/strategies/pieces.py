"""How bytes may arrive: cut anywhere, in any number of pieces, none of them empty."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_MAX_CUTS = 12
"""Cuts of one example: more pieces show nothing that these do not."""


def byte_splits(data: bytes) -> SearchStrategy[list[bytes]]:
    r"""Generate ways to cut `data` into pieces that are together the same bytes; shrinks to one piece, then to an early cut.

    `@given(byte_splits(b'{"id":1}\n'))` shows whether a reader of lines minds how a pipe delivers them. No data, no pieces.
    """
    if not data:
        return st.just(list[bytes]())
    cuts = st.sets(st.integers(1, len(data) - 1), max_size=_MAX_CUTS) if len(data) > 1 else st.just(set[int]())
    return cuts.map(lambda places: [data[begin:end] for begin, end in pairwise([0, *sorted(places), len(data)])])
