"""Live channels: audio beside the words, interruptions that go untold, and turns that live input costs (spec 07)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.meerkat_mock.live.on_air import studio
from tests.meerkat_mock.quirk_proofs.proving import Position, proves
from tests.meerkat_mock.quirk_proofs.turns import outcome, running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from meerkat.wire.base import Json
    from tests.meerkat_mock.live.on_air import Studio

COUNT = {"say": ["One ", "two ", "three ", "four "], "pace": {"each": 0.3}}


@asynccontextmanager
async def on_air(position: Position) -> AsyncGenerator[Studio]:
    """Start a server with live channels in this position."""
    async with studio(positions=position.quirks) as stage:
        yield stage


@proves("live_audio_comes_late", server=["words", "words", "end"], documented=["audio", "words", "audio", "words", "end"])
async def audio_up_to_the_end_of_an_answer(position: Position) -> Json:
    told = {"assistant_audio_chunk": "audio", "assistant_transcript_delta": "words", "turn_completed": "end"}
    async with on_air(position) as stage:
        channel = await stage.open()
        await channel.say("Hello", {"say": ["Hi ", "there."]})
        await channel.until("turn_completed")
        kinds = [str(frame["observation"]) for frame in channel.heard]
        return [told[kind] for kind in kinds if kind in told]


@proves("live_interrupt_latch", server=[True, False, True], documented=[True, True, True])
async def written_answers_interrupted_in_a_row(position: Position) -> Json:
    async with on_air(position) as stage:
        channel = await stage.open(mode="explicit_commit")
        told: list[Json] = []
        for number in range(3):
            await channel.say(f"Count {number}", COUNT)
            await channel.until("realtime_transcript")
            await channel.call("commit_input", response_modality={"modality": "text"})
            await channel.until("assistant_text_delta")
            await channel.call("interrupt")
            frames = await channel.until("turn_completed")
            told.append("turn_interrupted" in [frame["observation"] for frame in frames])
        return told


@proves("live_input_loses_turn", server=["Hello", "OK"], documented=["ab", "Hello", "OK"])
async def live_input_during_an_ordinary_turn(position: Position) -> Json:
    async with on_air(position) as stage:
        channel = await stage.open()
        answer = await running(stage.talk, channel.session_id, before=0)
        await channel.say("Hello")
        await channel.until("turn_completed")
        assert await outcome(answer) == "ab"
        texts = [text for _, text in await channel.history()]
        return [text for text in texts if text in ("ab", "Hello", "OK")]
