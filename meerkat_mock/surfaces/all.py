"""The surfaces of one runtime, built once: the only place that knows all of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from meerkat_mock.surfaces.core import Core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat_mock.runtime import Runtime


@dataclass(frozen=True)
class Surfaces:
    """One object per surface, by its name."""

    core: Core

    def everything(self) -> Iterator[object]:
        """Return every surface."""
        return (getattr(self, field.name) for field in fields(self))


def surfaces_of(runtime: Runtime) -> Surfaces:
    """Build the surfaces of a runtime."""
    return Surfaces(core=Core())
