"""How productions are put together: each yields bursts of events, and a longer one lets shorter ones speak in turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import Event

Bursts = AsyncGenerator["list[Event]", None]
"""What a production yields: events that follow each other at once. A pause, a model, a tool or a hook stands only between bursts."""

Productions = tuple[Bursts | None, ...]
"""Productions that follow each other; None stands for one that has nothing to say, like hooks of a point where there are none."""


async def in_turn(*productions: Bursts | None) -> Bursts:
    """Yield what each production yields, one after the other; an interrupt closes the one that speaks, and the others never start."""
    for production in productions:
        if production is None:
            continue
        async with aclosing(production) as bursts:
            async for burst in bursts:
                yield burst
