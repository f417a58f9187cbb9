"""What a client hears on a channel, and what of it becomes history (spec 07, sections 5 to 9)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.meerkat_mock.live.on_air import studio
from tests.meerkat_mock.talk import moments

COUNT = {"say": ["One ", "two ", "three ", "four "], "pace": {"each": 0.3}}


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    return [str(frame["observation"]) for frame in frames]


async def test_a_typed_turn_is_answered_aloud_and_written() -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.say("Hello", {"say": ["Hi ", "there."], "usage": {"input": 3, "output": 4}})
        frames = await channel.until("turn_completed")
        assert kinds(frames) == [
            "user_transcript_final",
            "assistant_transcript_delta",
            "assistant_transcript_delta",
            "assistant_transcript_final",
            "turn_completed",
        ]
        assert frames[-1]["usage"] == {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
        assert [(await channel.frame())["data"] for _ in range(2)] == ["AAAAAAAAAAA=", "AQABAAEAAQA="]
        assert await channel.history() == [("user", "Hello"), ("end_turn", "Hi there.")]


async def test_audio_comes_in_its_place_without_the_quirk() -> None:
    async with studio(contract=True) as on:
        channel = await on.open()
        await channel.say("Hello", {"say": ["Hi ", "there."]})
        await channel.until("turn_completed")
        assert [each for each in kinds(channel.heard) if "audio" in each or each.endswith("_delta")] == [
            "assistant_audio_chunk",
            "assistant_transcript_delta",
        ] * 2


async def test_speech_becomes_a_user_message_that_links_to_the_answer_before() -> None:
    async with studio() as on:
        prompt = "Talk. @realtime" + json.dumps({"heard": ["One?", "Two?"], "vad_bytes": 100})
        channel = await on.open(system_prompt=prompt)
        await channel.send(bytes(100))
        before = (await channel.until("assistant_transcript_final"))[-1]["provider_item_id"]
        await channel.until("turn_completed")
        await channel.send(bytes(60))
        await channel.send(bytes(60))
        frames = await channel.until("turn_completed")
        assert frames[0]["text"] == "Two?"
        assert frames[0]["previous_item_id"] == before
        assert await channel.history() == [("user", "One?"), ("end_turn", "OK"), ("user", "Two?"), ("end_turn", "OK")]


async def test_speech_into_a_spoken_answer_cuts_it_and_drops_what_was_said() -> None:
    async with studio() as on:
        prompt = "@realtime" + json.dumps({"heard": ["Stop!"], "vad_bytes": 100})
        channel = await on.open(system_prompt=prompt)
        await channel.say("Count", COUNT)
        await channel.until("assistant_transcript_delta")
        await channel.send(bytes(10))
        frames = await channel.until("turn_completed")
        assert kinds(frames)[-2:] == ["turn_interrupted", "turn_completed"]
        assert frames[-1]["stop_reason"] == "cancelled"
        assert frames[-1]["usage"]["total_tokens"] == 0
        await channel.send(bytes(100))
        await channel.until("turn_completed")
        assert await channel.history() == [("user", "Count"), ("user", "Stop!"), ("end_turn", "OK")]


async def test_of_written_answers_interrupted_in_a_row_every_other_one_is_told_and_kept() -> None:
    async with studio() as on:
        channel = await on.open(mode="explicit_commit")
        told: list[bool] = []
        for number in range(4):
            await channel.say(f"Count {number}", COUNT)
            await channel.until("realtime_transcript")
            await channel.call("commit_input", response_modality={"modality": "text"})
            await channel.until("assistant_text_delta")
            await channel.call("interrupt")
            told.append("turn_interrupted" in kinds(await channel.until("turn_completed")))
        assert told == [True, False, True, False]
        assert [role for role, _ in await channel.history()] == ["user", "cancelled", "user", "user", "cancelled", "user"]


async def test_every_interrupted_answer_is_told_without_the_quirk() -> None:
    async with studio(contract=True) as on:
        channel = await on.open(mode="explicit_commit")
        for number in range(2):
            await channel.say(f"Count {number}", COUNT)
            await channel.until("realtime_transcript")
            await channel.call("commit_input", response_modality={"modality": "text"})
            await channel.until("assistant_text_delta")
            await channel.call("interrupt")
            assert "turn_interrupted" in kinds(await channel.until("turn_completed"))


async def test_an_answer_that_waits_comes_after_an_interrupted_one() -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.say("Count", COUNT)
        await channel.until("assistant_transcript_delta")
        await channel.say("And now?")
        await channel.until("user_transcript_final")
        await channel.call("interrupt")
        ends = [(await channel.until("turn_completed"))[-1]["stop_reason"] for _ in range(2)]
        assert ends == ["cancelled", "end_turn"]
        assert await channel.history() == [("user", "Count"), ("user", "And now?"), ("end_turn", "OK")]


async def test_a_written_answer_ends_as_usual_though_the_user_speaks_meanwhile() -> None:
    async with studio() as on:
        channel = await on.open(mode="explicit_commit")
        await channel.say("Count", COUNT)
        await channel.until("realtime_transcript")
        await channel.call("commit_input", response_modality={"modality": "text"})
        await channel.until("assistant_text_delta")
        await channel.send(bytes(9600))
        await moments()
        await channel.call("commit_input")
        assert "turn_interrupted" not in kinds([*await channel.until("turn_completed"), *await channel.until("turn_completed")])
        history = [("user", "Count"), ("end_turn", "One two three four "), ("user", "(speech)"), ("end_turn", "OK")]
        assert await channel.history() == history


async def test_nothing_is_said_of_an_interrupt_of_nothing() -> None:
    async with studio() as on:
        channel = await on.open()
        assert await channel.call("interrupt") == {"interrupted": True}
        await channel.say("Hello")
        assert kinds(await channel.until("turn_completed"))[0] == "user_transcript_final"


async def test_a_truncated_item_is_confirmed_and_its_whole_text_written_after_a_final() -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.say("Count", COUNT)
        item = (await channel.until("assistant_transcript_delta"))[-1]["provider_item_id"]
        await channel.call("truncate", item_id=item, content_index=0, audio_played_ms=100)
        truncated = (await channel.until("assistant_transcript_truncated"))[-1]
        assert truncated["text"] == "One "
        assert truncated["response_id"].startswith("resp_")
        await channel.until("turn_completed")
        await channel.call("truncate", item_id=item, content_index=0, audio_played_ms=2**40)
        assert "text" not in (await channel.until("assistant_transcript_truncated"))[-1]
        assert await channel.history() == [("user", "Count"), ("end_turn", "One two three four ")]


async def test_truncating_an_unknown_item_ends_the_channel() -> None:
    async with studio() as on:
        channel = await on.open()
        assert await channel.call("truncate", item_id="nope", content_index=0, audio_played_ms=1) == {"truncated": True}
        assert await channel.ended() == (1008, "terminal:provider_error")
        assert channel.heard[-1]["message"] == "Invalid request: Item with item_id not found: nope"


async def test_a_truncation_that_belongs_to_no_answer_ends_the_socket_without_a_word() -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.say("Hello")
        item = (await channel.until("user_transcript_final"))[-1]["provider_item_id"]
        await channel.until("turn_completed")
        await channel.call("truncate", item_id=item, content_index=0, audio_played_ms=1)
        assert await channel.ended() == (1006, "")
        assert await channel.status() == "closed"


async def test_a_tool_of_the_application_runs_and_the_model_goes_on() -> None:
    async with studio() as on:
        await on.talk.call("tools/register", tools=[{"name": "search", "description": "", "input_schema": {"type": "object"}}])
        on.talk.tools["search"] = lambda arguments: {"content": f"found {arguments}"}
        channel = await on.open()
        await channel.say("Look", {"call": [{"tool": "search", "args": {"b": 1, "a": 2}, "id": "c1"}]}, {"say": ["Found."]})
        assert kinds(await channel.until("turn_completed"))[1:] == ["tool_call_requested", "turn_completed"]
        await channel.until("turn_completed")
        assert on.talk.asked == [{"arguments": {"a": 2, "b": 1}, "name": "search", "tool_use_id": "c1"}]
        assert await channel.history() == [("user", "Look"), ("end_turn", "Found.")]


@pytest.mark.parametrize("tool", ["boom", "unknown"])
async def test_after_a_failed_or_unknown_tool_nothing_follows_until_the_next_input(tool: str) -> None:
    async with studio() as on:
        await on.talk.call("tools/register", tools=[{"name": "boom", "description": "", "input_schema": {"type": "object"}}])
        on.talk.tools["boom"] = lambda _: {"content": "no", "is_error": True}
        channel = await on.open()
        await channel.say("Try", {"call": [{"tool": tool, "args": {}}]}, {"say": ["Never said."]})
        await channel.until("turn_completed")
        await moments(50)
        await channel.say("Hello?")
        assert kinds(await channel.until("turn_completed"))[0] == "user_transcript_final"
        assert await channel.history() == [("user", "Try"), ("user", "Hello?"), ("end_turn", "OK")]


async def test_words_before_a_tool_call_hold_back_the_answer_after_it() -> None:
    async with studio() as on:
        await on.talk.call("tools/register", tools=[{"name": "search", "description": "", "input_schema": {"type": "object"}}])
        on.talk.tools["search"] = lambda _: {"content": "found"}
        channel = await on.open()
        await channel.say("Look", {"say": ["Wait."], "call": [{"tool": "search"}]}, {"say": ["Found."]})
        await channel.until("turn_completed")
        await channel.until("turn_completed")
        await channel.say("Thanks", {"say": ["Welcome."]})
        await channel.until("turn_completed")
        assert await channel.history() == [("user", "Look"), ("user", "Thanks"), ("end_turn", "Welcome.")]


async def test_a_tool_that_does_not_answer_blocks_the_socket_for_thirty_seconds() -> None:
    async with studio() as on:
        await on.talk.call("tools/register", tools=[{"name": "slow", "description": "", "input_schema": {"type": "object"}}])
        on.talk.tools["slow"] = lambda _: None
        channel = await on.open()
        await channel.say("Try", {"call": [{"tool": "slow"}]})
        await channel.until("tool_call_requested")
        await channel.say("Anybody?")
        await moments(50)
        assert "user_transcript_final" not in kinds(channel.heard[-1:])
        await on.clock.advance("30s")
        assert kinds(await channel.until("user_transcript_final"))[-1] == "user_transcript_final"


async def test_an_empty_text_is_no_message_and_holds_back_its_answer() -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.say("")
        await channel.until("turn_completed")
        assert await channel.history() == []


@pytest.mark.parametrize(
    ("end", "stop_reason"),
    [
        ({"status": "incomplete", "reason": "max_output_tokens"}, "max_tokens"),
        ({"status": "incomplete", "reason": "content_filter"}, "content_filter"),
        ({"status": "incomplete"}, "end_turn"),
        ({"status": "failed"}, "end_turn"),
    ],
)
async def test_how_a_response_ended_becomes_its_stop_reason(end: dict[str, str], stop_reason: str) -> None:
    async with studio() as on:
        channel = await on.open()
        await channel.say("Go", {"say": ["Well"], **end})
        assert (await channel.until("turn_completed"))[-1]["stop_reason"] == stop_reason
        assert await channel.history() == [("user", "Go"), (stop_reason, "Well")]


async def test_an_ordinary_turn_goes_beside_an_open_channel_and_takes_the_waiting_prompt() -> None:
    async with studio() as on:
        channel = await on.open()
        result = await on.talk.turn(channel.session_id, 'And now? @script[{"say": ["Now."]}]')
        assert result["text"] == "Now."
        await channel.say("Hello")
        await channel.until("turn_completed")
        history = await channel.history()
        assert history[0][1].startswith("You may talk now.\n\nAnd now?")
        assert [text for _, text in history[1:]] == ["Now.", "Hello", "OK"]


async def test_the_script_of_an_earlier_prompt_governs_no_later_turn_of_a_realtime_model() -> None:
    async with studio() as on:
        session_id = await on.session()
        assert (await on.talk.turn(session_id, 'One @script[{"say": ["1"]}]'))["text"] == "1"
        assert (await on.talk.turn(session_id, "Two"))["text"] == "OK"
        cached = await on.talk.turn(session_id, 'Three @script[{"say": ["3"], "usage": {"input": 7, "output": 3, "cached": 2}}]')
        assert cached["usage"]["cache_read_tokens"] == 2


async def test_live_input_during_an_ordinary_turn_costs_it_its_messages() -> None:
    async with studio() as on:
        channel = await on.open()
        _, answer = await on.talk.ask(
            "turn/start", {"session_id": channel.session_id, "prompt": 'Slow @script[{"say": ["a", "b"], "pace": {"each": 1}}]'}
        )
        await moments(10)
        await channel.say("Hello")
        await channel.until("turn_completed")
        assert (await answer)["text"] == "ab"
        assert await channel.history() == [("user", "Hello"), ("end_turn", "OK")]


async def test_streams_opened_after_the_channel_hear_of_answers_and_earlier_ones_never() -> None:
    async with studio() as on:
        session_id = await on.session()
        before = await on.talk.call("session/stream_open", session_id=session_id)
        channel = await on.open(session_id)
        after = await on.talk.call("session/stream_open", session_id=session_id)
        await channel.say("Hello", {"say": ["Hi."]})
        await channel.until("turn_completed")
        await channel.history()
        events = [params for method, params in on.talk.heard if method == "session/stream_event"]
        assert [(event["stream_id"], event["event"]["payload"]["type"]) for event in events] == [
            (after["stream_id"], "text_complete"),
            (after["stream_id"], "turn_completed"),
        ]
        closed = await on.talk.call("session/stream_close", stream_id=before["stream_id"])
        assert closed["already_closed"] is False
        assert not [method for method, _ in on.talk.heard if method == "session/event"]
