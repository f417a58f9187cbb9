"""What tests of turn streams read them with."""

from __future__ import annotations

from typing import Any

from meerkat.events import TextDelta


def texts(events: list[Any]) -> str:
    return "".join(event.delta for event in events if isinstance(event, TextDelta))


async def read(stream: Any, into: list[Any]) -> None:
    async with stream:
        async for event in stream:
            into.append(event)  # noqa: PERF401 - what came before an error counts
