"""A small application: a help desk whose agent looks orders up and refunds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from meerkat import LiveChannel, MeerkatClient, MeerkatError
from meerkat.events import TextDelta

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ORDERS = {"1042": {"item": "teapot", "paid": 19.5}}


class Desk:
    """Answers customers; `refunds` is what was paid back."""

    def __init__(self) -> None:
        self.refunds: list[tuple[str, float]] = []
        self.client = MeerkatClient()

        @self.client.tool("issue_refund", description="Pay an order back", input_schema={"type": "object"})
        async def issue_refund(arguments: dict[str, Any]) -> str:
            self.refunds.append((arguments["id"], arguments["amount"]))
            return f"{ORDERS[arguments['id']]['item']} refunded"

    async def handle(self, question: str) -> str:
        """Answer one question, and say sorry when the model cannot."""
        async with self.client as client:
            try:
                return (await client.create_session(question)).text
            except MeerkatError:
                return "Sorry, please call us."

    async def spell(self, question: str) -> AsyncIterator[str]:
        """Answer word by word, as the words come."""
        async with self.client as client:
            stream = client.create_session_streaming(question)
            async for event in stream:
                if isinstance(event, TextDelta):
                    yield event.delta

    async def archive_size(self) -> int | None:
        """Return how many conversations there are, None when the server cannot say."""
        async with self.client as client:
            try:
                return len(await client.list_sessions())
            except MeerkatError:
                return None


async def hear(question: str) -> list[str]:
    """Ask by voice and return the spoken answers, one per sentence."""
    client = await MeerkatClient().connect(live_ws=True)
    try:
        session = await client.create_deferred_session("Talk.", model="gpt-realtime-2")
        said: list[str] = []
        async with LiveChannel.session(client, session.id).connect() as live:
            await live.send_text(question)
            async for frame in live:
                if frame["observation"] == "assistant_transcript_final":
                    said.append(frame["text"])
                if frame["observation"] == "turn_completed":
                    return said
        return said
    finally:
        await client.close()
