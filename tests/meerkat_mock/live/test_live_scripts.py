"""Live channels in scenarios: steps, tools, barge-in by played time, and what a script does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat import LiveChannel, MeerkatError
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.scenario.models.timelines import LIVE_STEPS

if TYPE_CHECKING:
    from meerkat import MeerkatClient
    from meerkat.live_connection import LiveConnection

Steps = list[dict[str, Any]]


async def channel_of(client: MeerkatClient) -> LiveChannel:
    session = await client.create_deferred_session("Talk.", model="gpt-realtime-2")
    return LiveChannel.session(client, session.id)


async def until(live: LiveConnection, observation: str) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    async for frame in live:
        heard.append(frame)
        if frame.get("observation") == observation:
            return heard
    raise AssertionError(f"the socket ended ({live.close_code} {live.close_reason}) before {observation}: {heard}")


def said(mock: MeerkatMock) -> list[tuple[str, str]]:
    """Return role and words of every message but the system's."""
    messages: list[dict[str, Any]] = list(mock.history()[1:])
    return [(message["role"], message.get("content") or _words(message["blocks"])) for message in messages]


def _words(blocks: list[dict[str, Any]]) -> str:
    return "|".join(block["data"]["text"] for block in blocks)


async def test_a_spoken_turn_is_heard_and_answered_as_the_script_says() -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:
        mock.script.live(
            {"hear": "Where is my order?"},
            {"speak": ["One ", "moment."], "usage": {"input": 7, "output": 2}},
            {"hear": "audio"},
            {"write": "Done."},
        )
        async with (await channel_of(client)).connect() as live:
            await live.send_audio(bytes(4800))
            heard = await until(live, "turn_completed")
            assert heard[-1]["usage"]["total_tokens"] == 9
            await live.send_text("And now?")
            assert "assistant_text_delta" in [frame["observation"] for frame in await until(live, "turn_completed")]
        assert said(mock) == [
            ("user", "Where is my order?"),
            ("block_assistant", "One moment."),
            ("user", "And now?"),
            ("block_assistant", "Done."),
        ]


async def test_the_journal_keeps_what_crossed_the_socket() -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:
        mock.script.live({"hear": "Hello?"}, {"speak": ["Hi ", "there."]})
        channel = await channel_of(client)
        async with channel.connect() as live:
            await live.send_audio(bytes(4800))
            await until(live, "turn_completed")
        assert [repr(frame) for frame in mock.journal.frames(channel.channel_id, "in")] == ["> 4800 bytes"]
        assert [each["delta"] for each in mock.journal.observations("assistant_transcript_delta")] == ["Hi ", "there."]
        mock.journal.clear()
        assert mock.journal.frames() == []


async def test_the_user_barges_in_when_so_much_was_played() -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:
        mock.script.live(
            {"hear": "audio"},
            {"speak": ["Your order ", "number four ", "left on Monday."]},
            {"barge_in": {"played": "700ms"}},
            {"hear": "Which order?"},
            {"speak": "The one of last week."},
        )
        async with (await channel_of(client)).connect() as live:
            await live.send_audio(bytes(4800))
            begun = mock.clock.now()
            heard = await until(live, "turn_interrupted")
            assert mock.clock.now() - begun == pytest.approx(0.7, abs=0.001)
            deltas = [frame["delta"] for frame in heard if frame["observation"] == "assistant_transcript_delta"]
            assert deltas == ["Your order ", "number four "]
            cancelled = (await until(live, "turn_completed"))[-1]
            assert cancelled["stop_reason"] == "cancelled"
            await until(live, "turn_completed")
        assert said(mock) == [("user", "(speech)"), ("user", "Which order?"), ("block_assistant", "The one of last week.")]


async def test_a_call_runs_the_tool_of_the_application_and_the_script_goes_on() -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:

        @client.tool("lookup", description="", input_schema={"type": "object"})
        async def lookup(arguments: dict[str, Any]) -> str:
            return f"order {arguments['id']} is on its way"

        mock.script.live({"hear": "audio"}, {"call": {"lookup": {"id": 7}}}, {"speak": "On its way."})
        channel = await channel_of(client)
        async with channel.connect() as live:
            await live.send_text("Where is it?")
            await until(live, "turn_completed")
            await until(live, "turn_completed")
        assert mock.calls("lookup") == [{"id": 7}]
        assert said(mock)[-1] == ("block_assistant", "On its way.")


@pytest.mark.parametrize(
    ("last", "end", "observation"),
    [
        ({"error": {"message": "busy", "type": "rate_limit_error"}}, (1008, "terminal:provider_error"), "error"),
        ({"close": 1011}, (1006, ""), "status_changed"),
    ],
)
async def test_the_provider_fails_or_leaves(last: dict[str, Any], end: tuple[int, str], observation: str) -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:
        mock.script.live({"hear": "audio"}, {"wait": "2s"}, last)
        async with (await channel_of(client)).connect() as live:
            begun = mock.clock.now()
            await live.send_text("Hello")
            heard = [frame async for frame in live]
            assert heard[-1]["observation"] == observation
            assert (live.close_code, live.close_reason) == end
            assert mock.clock.now() - begun == pytest.approx(2)


@pytest.mark.parametrize(("wait", "ends"), [("2s", False), ("3s", True)])
async def test_a_provider_that_does_not_respond_to_a_commit_has_two_and_a_quarter_seconds(wait: str, ends: bool) -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:
        mock.script.live({"hear": "audio"}, {"wait": wait}, {"speak": "Late."})
        channel = LiveChannel.session(client, (await channel_of(client)).session_id, turning_mode="explicit_commit")
        async with channel.connect() as live:
            begun = mock.clock.now()
            await live.send_text("Hello")
            await until(live, "realtime_transcript")
            await channel.commit_input()
            last = (await until(live, "error" if ends else "turn_completed"))[-1]
            assert last.get("message") == ("Network timeout after 2250ms" if ends else None)
            assert mock.clock.now() - begun == pytest.approx(2.25 if ends else 2)


async def test_pace_and_waits_pass_in_the_clock_of_the_mock() -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:
        mock.script.live({"speak": ["a", "b"], "pace": {"first": "1s", "each": "500ms"}}, {"wait": 3}, {"speak": "c"})
        async with (await channel_of(client)).connect() as live:
            begun = mock.clock.now()
            await live.send_text("Go")
            await until(live, "turn_completed")
            assert mock.clock.now() - begun == pytest.approx(5)
        assert said(mock)[-1] == ("block_assistant", "abc")


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ([{"hear": "Hello"}, {"speak": "Hi"}], "expected to hear 'Hello', but 'Go' was typed"),
        ([{"speak": "Hi"}, {"barge_in": {"played": "9s"}}], "barges in after 9 s, but the answer lasts 0.1 s"),
        ([{"speak": "Hi"}, {"write": "there"}], "cannot be spoken and written"),
    ],
)
async def test_what_a_script_does_not_allow_is_a_violation_with_its_line(steps: Steps, complaint: str) -> None:
    mock = MeerkatMock()
    async with mock.client(live_ws=True) as client:
        mock.script.live(*steps)
        async with (await channel_of(client)).connect() as live:
            await live.send_text("Go")
            await until(live, "turn_completed")
    assert [complaint in violation.message for violation in mock.violations] == [True]
    assert "test_live_scripts.py:" in mock.violations[0].where
    mock.stop()


async def test_a_script_that_is_over_says_so_and_is_a_violation() -> None:
    mock = MeerkatMock()
    async with mock.client(live_ws=True) as client:
        mock.script.live({"speak": "Hi"})
        async with (await channel_of(client)).connect() as live:
            for _ in range(2):
                await live.send_text("Go")
                await until(live, "turn_completed")
    assert said(mock)[-1] == ("block_assistant", "(script over)")
    assert [violation.code for violation in mock.violations] == ["script_exhausted"]
    mock.stop()


async def test_a_channel_without_a_script_is_a_violation() -> None:
    mock = MeerkatMock()
    async with mock.client(live_ws=True) as client:
        mock.script.live({"speak": "Hi"}, match={"system_prompt": {"contains": "nothing like it"}}, optional=True)
        async with (await channel_of(client)).connect():
            pass
    assert [violation.code for violation in mock.violations] == ["no_candidate"]
    mock.stop()


async def test_scripts_that_were_not_played_to_their_end_are_named() -> None:
    mock = MeerkatMock()
    async with mock.client(live_ws=True) as client:
        mock.script.live({"speak": "Hi"}, {"hear": "audio"}, {"speak": "More"}, name="desk").live({"speak": "Hi"}, name="spare")
        async with (await channel_of(client)).connect() as live:
            await live.send_text("Go")
            await until(live, "turn_completed")
    with pytest.raises(AssertionError, match=r"(?s)desk stopped after step 1 of 3.*spare was never selected"):
        mock.assert_clean()
    mock.stop()


def test_every_step_of_the_format_is_played() -> None:
    assert set(LIVE_STEPS) == {"hear", "speak", "write", "call", "barge_in", "error", "wait", "close"}


@pytest.mark.parametrize(
    ("refuse", "told"),
    [
        ("unreachable", "Network timeout after 0ms"),
        ("reset", "Connection reset"),
        ({"message": "down"}, "Server error: 500 - down"),
        ({"message": "who?", "type": "authentication_error"}, "Authentication failed: who?"),
        ({"message": "slow", "type": "rate_limit_error"}, "Rate limited"),
        ({"message": "odd", "type": "something_else"}, "Unknown error: odd"),
    ],
)
async def test_the_provider_can_refuse_a_channel_and_take_the_next(refuse: Any, told: str) -> None:
    async with MeerkatMock() as mock, mock.client(live_ws=True) as client:
        mock.script.live(refuse=refuse)
        mock.script.live({"hear": "audio"}, {"speak": "Back again."})
        channel = await channel_of(client)
        with pytest.raises(MeerkatError, match="failed to open provider session") as refused:
            await channel.open()
        assert told in str(refused.value)
        async with channel.connect() as live:
            await live.send_text("Hello?")
            await until(live, "turn_completed")
