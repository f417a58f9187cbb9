"""The handle of a live channel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import LiveChannel, ProtocolError
from tests.meerkat.client.peer import SESSION, ScriptedServer

if TYPE_CHECKING:
    from meerkat import MeerkatClient


async def ask(server: ScriptedServer, work: Any, answer: object) -> tuple[str, dict[str, Any]]:
    asking = asyncio.ensure_future(work)
    request = await server.next()
    await server.answer(request, answer)
    await asking
    return request["method"], request["params"]


async def test_a_channel_is_opened_and_then_speaks_by_its_id(server: ScriptedServer, client: MeerkatClient) -> None:
    channel = LiveChannel.session(client, SESSION, turning_mode="explicit_commit")
    assert (channel.client, channel.session_id, channel.channel_id) == (client, SESSION, None)
    opened = await ask(server, channel.open(), {"channel_id": "ch"})
    assert opened == ("live/open", {"session_id": SESSION, "turning_mode": "explicit_commit"})
    assert channel.channel_id == "ch"
    audio = {"kind": "audio", "data": "AA==", "sample_rate_hz": 24000, "channels": 1}
    frame = {"kind": "video_frame", "codec": "vp8", "data": "AA==", "timestamp_ms": 5}
    calls: list[tuple[Any, str, dict[str, Any]]] = [
        (channel.send_input_text("hi"), "live/send_input", {"chunk": {"kind": "text", "text": "hi"}}),
        (channel.send_input_audio("AA==", 24000, 1), "live/send_input", {"chunk": audio}),
        (
            channel.send_input_image("image/png", "AA=="),
            "live/send_input",
            {"chunk": {"kind": "image", "mime": "image/png", "data": "AA=="}},
        ),
        (channel.send_input_video_frame("vp8", "AA==", 5), "live/send_input", {"chunk": frame}),
        (channel.commit_input("text"), "live/commit_input", {"response_modality": {"modality": "text"}}),
        (channel.commit_input(), "live/commit_input", {}),
        (channel.truncate("i", 0, 5), "live/truncate", {"item_id": "i", "content_index": 0, "audio_played_ms": 5}),
        (channel.interrupt(), "live/interrupt", {}),
        (channel.status(), "live/status", {}),
        (channel.refresh(), "live/refresh", {}),
        (channel.close(), "live/close", {}),
    ]
    for work, method, params in calls:
        assert await ask(server, work, {"refresh_enqueued": True, "status": "queued"}) == (method, {"channel_id": "ch", **params})
    assert channel.channel_id == "ch"


async def test_a_channel_must_be_opened_first(client: MeerkatClient) -> None:
    with pytest.raises(RuntimeError, match="call open"):
        await LiveChannel(client, SESSION).status()


async def test_an_open_answer_without_an_id_is_an_error(server: ScriptedServer, client: MeerkatClient) -> None:
    opening = asyncio.ensure_future(LiveChannel(client, SESSION).open())
    await server.answer(await server.next("live/open"), {})
    with pytest.raises(ProtocolError):
        await opening


def test_observations_are_passed_on_or_refused() -> None:
    from meerkat import MeerkatClient

    assert MeerkatClient.parse_live_observation({"observation": "ready"}) == {"observation": "ready"}
    with pytest.raises(ValueError, match="observation"):
        MeerkatClient.parse_live_observation({})
