"""The WebSocket of a live channel from the application's side: in memory, and over a real one."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import LiveChannel, MeerkatClient
from meerkat.errors import ProtocolError
from meerkat.live_connection import LiveConnection, LiveSocketClosed, open_live
from meerkat_mock.flags import Flags
from meerkat_mock.mock import MeerkatMock
from tests.meerkat_mock.live.on_air import studio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.meerkat.client.peer import Delivery


async def talk(channel: LiveChannel, text: str) -> list[dict[str, Any]]:
    """An application: says one thing and listens to the answer and its audio."""
    async with channel.connect() as live:
        await live.send_text(text)
        heard: list[dict[str, Any]] = []
        async for frame in live:
            heard.append(frame)
            kinds = [each["observation"] for each in heard]
            if "turn_completed" in kinds and "assistant_audio_chunk" in kinds:
                break
        return heard


async def channel_of(client: MeerkatClient) -> LiveChannel:
    session = await client.create_deferred_session("Talk.", model="gpt-realtime-2")
    return LiveChannel.session(client, session.id)


async def test_an_application_talks_to_the_mock_in_memory(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock, mock.client(live_ws=True) as client:
        heard = await talk(await channel_of(client), 'Hello @script[{"say": ["Hi."]}]')
        assert heard[0] == {"observation": "ready"}
        assert [each["text"] for each in heard if each["observation"] == "assistant_transcript_final"] == ["Hi."]
        assert [message["role"] for message in mock.history()] == ["system", "user", "block_assistant"]


async def test_leaving_the_block_ends_the_channel(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock, mock.client(live_ws=True) as client:
        channel = await channel_of(client)
        async with channel.connect():
            assert (await channel.status())["status"] == {"status": "ready"}
        await asyncio.sleep(0.01)
        assert (await channel.status())["status"] == {"status": "closed"}


@pytest.mark.parametrize(("ending", "end"), [("close", (1006, "")), ("commit_input", (1008, "terminal:config_rejected"))])
async def test_the_end_of_the_channel_is_told_by_code_and_reason_over_a_real_socket(ending: str, end: tuple[int, str]) -> None:
    async with studio() as on:
        opened = await on.talk.call("live/open", session_id=await on.session())
        live = await open_live(opened["transport"]["url"])
        await on.talk.call(f"live/{ending}", channel_id=opened["channel_id"])
        frames = [frame async for frame in live]
        assert frames[0] == {"observation": "ready"}
        assert (live.close_code, live.close_reason) == end
        with pytest.raises(LiveSocketClosed) as closed:
            await live.send_text("too late")
        assert closed.value.close_code == end[0]


async def test_words_and_audio_pass_over_a_real_socket() -> None:
    async with studio() as on:
        session_id = await on.session(system_prompt='@realtime{"heard": ["Hello?"], "vad_bytes": 100}')
        opened = await on.talk.call("live/open", session_id=session_id)
        live = await open_live(opened["transport"]["url"])
        await live.send_audio(bytes(100))
        async for frame in live:
            if frame["observation"] == "turn_completed":
                break
        await live.send_chunk({"kind": "image", "mime": "image/png", "data": "AAAA"})
        assert [frame async for frame in _until(live, "command_rejected")]
        await live.close()
        await live.close()
        assert live.close_code == 1006


async def _until(live: LiveConnection, observation: str) -> Any:
    async for frame in live:
        if frame["observation"] == observation:
            yield frame
            return


async def test_a_spent_token_says_what_to_do() -> None:
    async with studio() as on:
        opened = await on.talk.call("live/open", session_id=await on.session())
        first = await open_live(opened["transport"]["url"])
        with pytest.raises(LiveSocketClosed, match=r"token not found.*open the channel anew") as refused:
            await open_live(opened["transport"]["url"])
        assert refused.value.close_code == 1008
        await first.close()


async def test_nobody_at_the_address_is_an_error_of_ours() -> None:
    with pytest.raises(LiveSocketClosed, match="could not be opened"):
        await open_live("ws://127.0.0.1:1/live/ws?token=x&channel=y")


class Scripted:
    """A socket that delivers what it is given."""

    def __init__(self, frames: Sequence[str | bytes]) -> None:
        self.frames = list(frames)

    async def send(self, data: str | bytes) -> None:
        raise LiveSocketClosed(1008, "x")

    async def recv(self) -> str | bytes:
        if not self.frames:
            raise LiveSocketClosed(1007, "invalid_frame")
        return self.frames.pop(0)

    async def close(self) -> None:
        self.frames.clear()


@pytest.mark.parametrize("frame", ["junk", "[]", "{}", '"ready"', b"\xff"])
async def test_a_frame_that_the_contract_does_not_know_is_a_protocol_error(frame: str | bytes) -> None:
    with pytest.raises(ProtocolError, match="live frame"):
        await LiveConnection(Scripted([frame])).receive()


async def test_the_first_end_is_remembered() -> None:
    live = LiveConnection(Scripted([]))
    with pytest.raises(LiveSocketClosed):
        await live.receive()
    with pytest.raises(LiveSocketClosed):
        await live.send_text("x")
    assert (live.close_code, live.close_reason) == (1007, "invalid_frame")


@pytest.mark.declared_only("nobody connects")
def test_a_mock_outside_of_any_loop_leaves_no_listener_behind() -> None:
    with MeerkatMock() as mock:
        server = mock.start(Flags(live_ws="127.0.0.1:0"))

        async def listen() -> None:
            await server.runtime.surfaces.live.listener.start()

        asyncio.run(listen())


async def test_a_frame_of_more_than_sixteen_mebibytes_ends_the_socket_without_a_word() -> None:
    async with studio() as on:
        opened = await on.talk.call("live/open", session_id=await on.session())
        live = await open_live(opened["transport"]["url"])
        with contextlib.suppress(LiveSocketClosed):
            await live.send_audio(bytes(16 * 1024 * 1024 + 1))
        assert [frame["observation"] async for frame in live] == ["ready"]
        assert live.close_code == 1006
        assert (await on.talk.call("live/status", channel_id=opened["channel_id"]))["status"] == {"status": "closed"}
