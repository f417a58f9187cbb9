"""`live/*` from the RPC side: what is legal when, and what ends a channel (spec 07, sections 1 to 3 and 5.4)."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from tests.meerkat_mock.live.on_air import OnAir, studio
from tests.meerkat_mock.talk import MODEL, moments, talking

NOWHERE = "00000000-0000-4000-8000-000000000000"
METHODS = ("open", "status", "close", "send_input", "commit_input", "interrupt", "truncate", "refresh")
TEXT = {"kind": "text", "text": "hi"}


@pytest.mark.parametrize("method", METHODS)
async def test_without_a_listener_no_live_method_exists(method: str) -> None:
    async with talking() as talk:
        assert await talk.refusal(f"live/{method}") == f"-32601 Method not found: live/{method}"


@pytest.mark.parametrize("method", METHODS)
async def test_parameter_faults_lose_the_id(method: str) -> None:
    async with studio() as on:
        _, answer = await on.talk.ask(f"live/{method}", {})
        await moments()
        assert not answer.done()
        assert on.talk.lost[-1].message.startswith("Invalid params: missing field")


@pytest.mark.parametrize("method", METHODS)
async def test_parameter_faults_keep_the_id_without_the_quirk(method: str) -> None:
    async with studio(contract=True) as on:
        assert (await on.talk.refusal(f"live/{method}")).startswith("-32602 Invalid params: missing field")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("nope", "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `n` at 1"),
        ("", "invalid length: expected length 32 for simple format, found 0"),
        ("01a2049b-7ac0", "invalid group count: expected 5, found 2"),
        ("{01a2049b7ac07e5c8a0b1f2e3d4c5b6a}", "invalid group count: expected 5, found 1"),
        ("00000000-0000-4000-8000-00000000000", "invalid group length in group 4: expected 12, found 11"),
    ],
)
async def test_a_session_id_must_be_a_plain_uuid(given: str, why: str) -> None:
    async with studio() as on:
        assert await on.talk.refusal("live/open", session_id=given) == f"-32602 invalid session_id: {why}"


async def test_a_channel_needs_a_session_that_is_there_and_a_model_that_can() -> None:
    async with studio() as on:
        assert await on.talk.refusal("live/open", session_id=NOWHERE) == f"-32602 session {NOWHERE} not found"
        plain = (await on.talk.call("session/create", prompt="x", initial_turn="deferred", model=MODEL))["session_id"]
        refusal = await on.talk.refusal("live/open", session_id=plain)
        assert refusal == f"-32602 model {MODEL} (provider self_hosted) does not support realtime"
        archived = await on.session()
        await on.talk.call("session/archive", session_id=archived)
        assert await on.talk.refusal("live/open", session_id=archived) == f"-32602 session {archived} not found"


async def test_a_session_has_one_active_channel_and_a_closed_one_makes_room() -> None:
    async with studio() as on:
        first = await on.open(connect=False)
        again = await on.talk.refusal("live/open", session_id=first.session_id)
        assert again == f"-32602 session {first.session_id} already has an active live channel"
        await first.call("close")
        second = await on.open(first.session_id)
        assert await second.status() == "ready"


async def test_a_channel_stays_opening_until_its_socket_comes() -> None:
    async with studio() as on:
        channel = await on.open(connect=False)
        assert await channel.status() == "opening"
        assert await channel.refusal("send_input", chunk=TEXT) == "-32603 channel CHANNEL is not ready (status: Opening)"
        assert await channel.call("interrupt") == {"interrupted": True}
        assert await channel.call("refresh") == {"refresh_enqueued": True, "status": "queued"}
        channel.connect()
        await channel.frame()
        assert await channel.status() == "ready"


async def test_a_closed_channel_is_known_for_a_minute() -> None:
    async with studio() as on:
        channel = await on.open()
        assert await channel.call("close") == {"closed": True}
        assert await channel.ended() == (1006, "")
        commands: dict[str, dict[str, Any]] = {
            "send_input": {"chunk": TEXT},
            "commit_input": {},
            "interrupt": {},
            "refresh": {},
            "truncate": {"item_id": "i", "content_index": 0, "audio_played_ms": 1},
        }
        for method, params in commands.items():
            assert await channel.refusal(method, **params) == "-32603 channel CHANNEL is not ready (status: Closed)"
        await on.clock.advance("57s")
        assert await channel.status() == "closed"
        assert await channel.call("close") == {"closed": True}
        await on.clock.advance("57s")
        assert await channel.status() == "closed"
        await on.clock.advance("5s")
        assert await channel.refusal("status") == "-32602 channel CHANNEL not found"


@pytest.mark.parametrize(
    ("altered", "reason"),
    [({"token": "no-such-token"}, "token not found"), ({"channel": NOWHERE}, "token bound to a different channel")],
)
async def test_a_wrong_token_is_refused_inside_the_socket(altered: dict[str, str], reason: str) -> None:
    async with studio() as on:
        channel = await on.open(connect=False)
        channel.connect(**altered)
        assert await channel.frame() == {"error": "invalid_token", "reason": reason}
        assert await channel.ended() == (1008, "invalid_token")
        assert await channel.status() == "opening"


async def test_a_token_is_good_once_and_for_a_minute() -> None:
    async with studio() as on:
        used, late = await on.open(), await on.open(connect=False)
        twice = OnAir(on, {"channel_id": used.id, "transport": {"url": used.url}}, used.session_id).connect()
        assert (await twice.frame())["reason"] == "token not found"
        await on.clock.advance("60s")
        assert (await late.connect().frame())["reason"] == "token not found"
        assert await used.status() == "ready"


async def test_a_token_shown_at_the_wrong_channel_is_spent() -> None:
    async with studio() as on:
        mine, other = await on.open(connect=False), await on.open(connect=False)
        mine.connect(channel=other.id)
        assert (await mine.frame())["reason"] == "token bound to a different channel"
        assert (await mine.connect().frame())["reason"] == "token not found"


@pytest.mark.parametrize(
    ("frame", "end"),
    [
        ("not json", (1007, "invalid_frame")),
        ('{"kind":"audio","data":"A","sample_rate_hz":24000,"channels":1}', (1007, "invalid_frame")),
        ("[" * 100_000, (1007, "invalid_frame")),
        ('{"kind":"text","text":"hi","more":' + "[" * 200 + "]" * 200 + "}", (1007, "invalid_frame")),
        ('{"kind":"text","text":"hi","more":NaN}', (1007, "invalid_frame")),
        ('{"kind":"text","text":"half \\ud800"}', (1007, "invalid_frame")),
        ('{"kind":"text","text":"hi","text":"ho"}', (1007, "invalid_frame")),
        ('{"kind":"text","kind":"text","text":"hi"}', (1007, "invalid_frame")),
    ],
)
async def test_a_frame_that_is_no_input_closes_its_socket(frame: str, end: tuple[int, str]) -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.send(frame)
        assert await channel.ended() == end
        assert await channel.status() == "closed"


async def test_a_frame_may_name_what_nobody_reads_twice() -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.send('{"kind":"text","text":"hi","more":1,"more":{"text":1,"text":2}}')
        assert (await channel.until("user_transcript_final"))[-1]["text"] == "hi"


@pytest.mark.parametrize("written", ["NaN", "1e999", "{'q': 1}", ""])
async def test_arguments_that_are_no_json_are_shown_as_their_text(written: str) -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.say("Look it up.", {"call": [{"tool": "search", "args": written}]})
        assert (await channel.until("tool_call_requested"))[-1]["arguments"] == written


async def test_a_pong_that_nobody_asked_for_closes_the_socket() -> None:
    async with studio() as on:
        channel = await on.open()
        assert channel.socket is not None
        await channel.socket.pong()
        assert await channel.ended() == (1003, "unsupported_frame")


async def test_audio_needs_the_agreed_format() -> None:
    async with studio() as on:
        channel = await on.open(connect=False)
        channel.connect(format="opus")
        await channel.frame()
        await channel.send(b"\0\0")
        assert await channel.ended() == (1008, "binary_format_unnegotiated")


async def test_images_are_rejected_and_the_channel_goes_on() -> None:
    async with studio() as on:
        channel = await on.open()
        assert await channel.call("send_input", chunk={"kind": "image", "mime": "image/png", "data": "AAAA"}) == {"sent": True}
        rejection = await channel.frame()
        assert rejection["observation"] == "command_rejected"
        assert rejection["code"]["reason"] == {"kind": "image_input_not_implemented"}
        assert await channel.status() == "ready"


async def test_audio_of_more_than_fifteen_mebibytes_ends_the_channel() -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.send(bytes(15 * 1024 * 1024 + 2))
        assert await channel.ended() == (1008, "terminal:config_rejected")
        assert channel.heard[-1]["message"] == "Invalid request: input_audio_buffer.append exceeds 15MB (15728642 bytes)"


@pytest.mark.parametrize(
    ("mode", "detail"),
    [
        ("provider_managed", "realtime commit_turn is only valid for explicit_commit sessions"),
        ("explicit_commit", "realtime commit_turn requires staged input"),
    ],
)
async def test_a_commit_out_of_place_is_answered_and_ends_the_channel(mode: str, detail: str) -> None:
    async with studio() as on:
        channel = await on.open(mode=mode)
        assert await channel.call("commit_input") == {"committed": True}
        assert await channel.ended() == (1008, "terminal:config_rejected")
        assert channel.heard[-1]["code"]["reason"] == {"kind": "other", "detail": detail}


async def test_after_a_fatal_command_on_an_unconnected_channel_the_adapter_is_closed() -> None:
    async with studio() as on:
        channel = await on.open(connect=False)
        await channel.call("commit_input")
        assert await channel.status() == "opening"
        assert await channel.refusal("interrupt") == "-32603 adapter is closed"
        channel.connect()
        assert await channel.ended() == (1008, "terminal:config_rejected")
        assert [frame["observation"] for frame in channel.heard] == ["ready", "error"]


async def test_spoken_input_is_committed_on_an_explicit_channel() -> None:
    async with studio() as on:
        channel = await on.open(mode="explicit_commit", system_prompt='@realtime{"heard": ["Now?"]}')
        data = base64.b64encode(bytes(9600)).decode()
        await channel.call("send_input", chunk={"kind": "audio", "data": data, "sample_rate_hz": 24000, "channels": 1})
        await moments()
        await channel.call("commit_input")
        assert (await channel.until("user_transcript_final"))[-1]["text"] == "Now?"
        await channel.until("turn_completed")
        assert await channel.history() == [("user", "Now?"), ("end_turn", "OK")]


async def test_a_new_default_model_ends_the_channels_of_others_before_it_is_answered() -> None:
    async with studio() as on:
        waiting, talking_ = await on.open(connect=False), await on.open()
        await on.talk.call("config/patch", patch={"agent": {"model": "gpt-5.4"}})
        assert await waiting.status() == "closed"
        assert await talking_.ended() == (1008, "terminal:config_rejected")
        detail = 'ModelNotRealtime { model: "gpt-5.4", provider: "openai" }'
        assert talking_.heard[-1]["message"] == f"non_realtime_resolution: {detail}"
        waiting.connect()
        assert await waiting.ended() == (1008, "terminal:config_rejected")
        assert [frame["observation"] for frame in waiting.heard] == ["error"]
        refusal = await on.talk.refusal("live/open", session_id=waiting.session_id)
        assert refusal == "-32602 model gpt-5.4 (provider openai) does not support realtime"
        assert (await on.talk.turn(waiting.session_id, "hi"))["text"] == "OK"
        assert (await on.talk.call("session/read", session_id=waiting.session_id))["model"] == "gpt-5.4"


async def test_a_new_default_model_during_a_turn_is_answered_late_and_spares_the_session() -> None:
    async with studio() as on:
        channel = await on.open()
        prompt = 'Slow @script[{"say": ["a", "b"], "pace": {"each": 1}}]'
        _, turn = await on.talk.ask("turn/start", {"session_id": channel.session_id, "prompt": prompt})
        await moments(5)
        _, patched = await on.talk.ask("config/patch", {"patch": {"agent": {"model": "gpt-5.4"}}})
        await moments(5)
        assert not patched.done()
        await asyncio.wait_for(patched, 10)
        await moments(3)
        assert turn.done()
        assert await channel.status() == "ready"
        assert (await on.talk.call("session/read", session_id=channel.session_id))["model"] == "gpt-realtime-2"


async def test_refreshing_after_a_model_swap_ends_the_channel() -> None:
    async with studio() as on:
        channel = await on.open()
        await on.talk.turn(channel.session_id, "hi", model=MODEL, provider="self_hosted")
        assert await channel.call("refresh") == {"refresh_enqueued": True, "status": "queued"}
        assert await channel.ended() == (1008, "terminal:config_rejected")
        reason = channel.heard[-1]["code"]["reason"]
        assert reason == {"kind": "refresh_model_swap", "from_model": "gpt-realtime-2", "to_model": MODEL}


async def test_opening_waits_for_a_running_turn() -> None:
    async with studio() as on:
        session_id = await on.session()
        _, turn = await on.talk.ask(
            "turn/start", {"session_id": session_id, "prompt": 'Slow @script[{"say": ["a", "b"], "pace": {"each": 1}}]'}
        )
        await moments()
        channel = await on.open(session_id)
        assert (await asyncio.wait_for(turn, 10))["text"] == "ab"
        assert await channel.status() == "ready"


async def test_an_archived_session_lets_its_channel_end_with_the_next_words() -> None:
    async with studio() as on:
        channel = await on.open()
        await on.talk.call("session/archive", session_id=channel.session_id)
        assert await channel.status() == "ready"
        await channel.say("Hello?")
        assert await channel.ended() == (1006, "")
        assert channel.heard[-1]["observation"] == "user_transcript_final"
        assert await channel.status() == "closed"


async def test_a_client_that_closes_gets_no_answer_and_ends_the_channel() -> None:
    async with studio() as on:
        channel = await on.open()
        assert channel.socket is not None
        await channel.socket.close(1001, "bye")
        assert await channel.ended() == (1006, "")
        assert await channel.status() == "closed"


@pytest.mark.parametrize(
    ("chunk", "text"),
    [
        ({"kind": "audio", "data": "A", "sample_rate_hz": 1, "channels": 1}, "invalid base64 audio payload: Invalid input length: 1"),
        ({"kind": "image", "mime": "x", "data": "AAA"}, "invalid base64 image payload: Invalid padding"),
        (
            {"kind": "video_frame", "codec": "x", "data": "A*AA", "timestamp_ms": 1},
            "invalid base64 video-frame payload: Invalid symbol 42, offset 1.",
        ),
        ({"kind": "image", "mime": "x", "data": "AB=="}, "invalid base64 image payload: Invalid last symbol 66, offset 1."),
        ({"kind": "image", "mime": "x", "data": "A="}, "invalid base64 image payload: Invalid symbol 61, offset 1."),
        ({"kind": "image", "mime": "x", "data": "AAAA="}, "invalid base64 image payload: Invalid symbol 61, offset 4."),
        ({"kind": "image", "mime": "x", "data": "AAA=="}, "invalid base64 image payload: Invalid symbol 61, offset 3."),
        ({"kind": "image", "mime": "x", "data": "AA=A"}, "invalid base64 image payload: Invalid symbol 61, offset 2."),
        ({"kind": "image", "mime": "x", "data": "A*AA\n"}, "invalid base64 image payload: Invalid symbol 10, offset 4."),
        ({"kind": "image", "mime": "x", "data": "AAAAA"}, "invalid base64 image payload: Invalid input length: 5"),
    ],
)
async def test_base64_is_looked_at_before_the_channel(chunk: dict[str, Any], text: str) -> None:
    async with studio() as on:
        assert await on.talk.refusal("live/send_input", channel_id="nope", chunk=chunk) == f"-32602 {text}"
