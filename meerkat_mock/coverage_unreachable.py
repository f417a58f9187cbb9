"""What the contract names and no server of version 0.6.5 does: each with the evidence, so that nobody looks for a test of it.

Data only. Whatever stands here and is seen all the same counts as exercised.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

UNREACHABLE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({})
"""By kind and name: the section of the specification that says so."""
