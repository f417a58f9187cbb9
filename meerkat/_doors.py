"""Doors: modules that offer names which live elsewhere, and fetch each only when it is asked for (PEP 562).

`import meerkat` must cost next to nothing, while its public names fill two dozen modules. A door is a table, module to names; a type
checker sees the same names as ordinary imports, and a test compares the two.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False
"""As in `typing`, whose import would cost more than all the rest of this package's."""

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def door(module: str, rooms: Mapping[str, str]) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Return `__all__`, `__getattr__` and `__dir__` for `module`; `rooms` maps a module to the names it gives, parted by blanks."""
    homes = {name: room for room, names in rooms.items() for name in names.split()}
    names = sorted(homes)
    namespace = sys.modules[module].__dict__

    def fetch(name: str) -> object:
        if (home := homes.get(name)) is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}", name=name, obj=sys.modules[module])
        found = namespace[name] = getattr(import_module(home), name)
        return found

    def listing() -> list[str]:
        return sorted({*namespace, *names})

    return names, fetch, listing
