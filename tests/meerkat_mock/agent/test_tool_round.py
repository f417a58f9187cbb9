"""The calls of one round: announced, refused, carried out together, reported in order."""

from __future__ import annotations

import asyncio
import json

import pytest

from meerkat_mock.agent.ports import RunInput, ToolOutcome, ToolOverlay
from meerkat_mock.world.model import ModelAnswer, ModelCall
from tests.meerkat_mock.agent.stage import PIXEL, Stage, call, kinds, one, only, say, text


def calling(arguments: str) -> ModelAnswer:
    return ModelAnswer(say=("well",), calls=(ModelCall("c1", "add", arguments),), stop="tool_use")


async def test_parallel_calls_all_run_and_are_reported_together_in_their_order() -> None:
    stage = Stage()
    gate = stage.tools.gates["slow"] = asyncio.Event()
    playing = asyncio.ensure_future(stage.run(call("slow", "add"), say("end")))
    await stage.tools.answered.wait()
    gate.set()
    events = await playing
    assert stage.tools.log == ["+c1", "+c2", "-c2", "-c1"]
    assert [(event["type"], event["id"]) for event in events if "id" in event] == [
        ("tool_call_requested", "c1"),
        ("tool_call_requested", "c2"),
        ("tool_execution_started", "c1"),
        ("tool_execution_started", "c2"),
        ("tool_execution_completed", "c1"),
        ("tool_result_received", "c1"),
        ("tool_execution_completed", "c2"),
        ("tool_result_received", "c2"),
    ]
    assert stage.added()[2] == {
        "role": "tool_results",
        "results": [
            {"tool_use_id": "c1", "content": "late", "is_error": False},
            {"tool_use_id": "c2", "content": "5", "is_error": False},
        ],
    }


async def test_two_calls_with_one_id_both_run() -> None:
    stage = Stage()
    twice = ModelAnswer(calls=(ModelCall("c1", "add"), ModelCall("c1", "slow")), stop="tool_use")
    events = await stage.run(twice, say("end"))
    assert [event["result"] for event in only(events, "tool_execution_completed")] == ["5", "late"]


async def test_an_unknown_tool_fails_the_run_before_anything_is_carried_out() -> None:
    stage = Stage()
    events = await stage.run(call("add", "missing", "add", say=("try",)))
    assert kinds(events)[3:] == ["text_complete", *["tool_call_requested"] * 3, "tool_execution_started", "run_failed"]
    assert (events[-1]["error"], events[-1]["terminal_cause_kind"]) == ("Tool error: Tool not found: missing", "tool_failure")
    assert "reason" not in str(events[-1])
    assert stage.tools.log == []


async def test_a_tool_hidden_by_the_overlay_fails_the_run() -> None:
    stage = Stage()
    await stage.run(call("add"), given=RunInput("hi", "hi", overlay=ToolOverlay(allowed=frozenset({"slow"}))))
    assert stage.failure == "Tool error: Tool 'add' is not allowed by policy"


async def test_arguments_that_are_no_json_make_the_call_vanish() -> None:
    stage = Stage()
    events = await stage.run(calling("{not json"))
    assert kinds(events)[-3:] == ["text_complete", "turn_completed", "run_completed"]
    assert one(events, "turn_completed")["stop_reason"] == "tool_use"


async def test_a_runtime_that_tells_the_model_carries_no_unreadable_call_out() -> None:
    stage = Stage(drops_unreadable_calls=False)
    events = await stage.run(calling("{not json"), say("sorry"))
    assert one(events, "tool_call_requested")["args"] == {}
    assert stage.tools.log == []
    told = one(events, "tool_execution_completed")
    assert told["is_error"] is True
    assert json.loads(told["content"][0]["text"])["error"] == "invalid_arguments"
    assert one(events, "run_completed")["result"] == "sorry"


async def test_no_arguments_at_all_are_an_empty_object() -> None:
    stage = Stage()
    events = await stage.run(calling(""), say("end"))
    assert one(events, "tool_call_requested")["args"] == {}


@pytest.mark.parametrize(
    ("arguments", "got"), [("[1]", "array"), ('"x"', "string"), ("null", "null"), ("1", "number"), ("true", "boolean")]
)
async def test_arguments_that_are_json_but_no_object_fail_the_run(arguments: str, got: str) -> None:
    stage = Stage()
    events = await stage.run(calling(arguments))
    assert kinds(events)[-2:] == ["text_complete", "run_failed"]
    assert stage.failure == (
        "Tool error: Invalid arguments for tool 'add': tool call arguments projection failed: "
        f"tool call arguments must be a JSON object, got {got}"
    )


async def test_a_tool_that_fails_does_not_fail_the_run() -> None:
    stage = Stage()
    stage.tools.outcomes["add"] = text("kaput", is_error=True)
    events = await stage.run(call("add"), say("end"))
    assert (one(events, "tool_execution_completed")["is_error"], events[-1]["result"]) == (True, "end")


async def test_a_scripted_result_is_given_without_the_tool() -> None:
    stage = Stage()
    began = stage.clock.now()
    scripted = (
        ModelCall("c1", "elsewhere", result={"a": 1}, has_result=True, after=2.0),
        ModelCall("c2", "elsewhere", error="gone"),
        ModelCall("c3", "elsewhere", result="as it is", has_result=True),
    )
    events = await stage.run(ModelAnswer(calls=scripted, stop="tool_use"), say("end"))
    done = only(events, "tool_execution_completed")
    assert [event["result"] for event in done] == [
        '{"a":1}',
        '{"error":"execution_failed","message":"Tool execution failed: gone"}',
        "as it is",
    ]
    assert [(event["is_error"], event["duration_ms"]) for event in done] == [(False, 2000), (True, 0), (False, 0)]
    assert stage.clock.now() - began == pytest.approx(2.0)
    assert stage.tools.log == []


async def test_images_of_a_result_go_to_the_blob_store() -> None:
    stage = Stage()
    image = {"type": "image", "media_type": "image/png", "source": "inline", "data": "AAAA"}
    stage.tools.outcomes["add"] = ToolOutcome(({"type": "text", "text": "see"}, image))
    events = await stage.run(call("add"), say("end"))
    assert one(events, "tool_execution_completed")["result"] == "see\n[image: image/png]"
    assert stage.added()[2]["results"] == [
        {
            "tool_use_id": "c1",
            "content": [
                {"type": "text", "text": "see"},
                {"type": "image", "media_type": "image/png", "source": "blob", "blob_id": "sha256:1"},
            ],
            "is_error": False,
        }
    ]


async def test_a_result_with_video_fails_the_run_after_it_was_reported() -> None:
    stage = Stage()
    stage.tools.outcomes["add"] = ToolOutcome(
        ({"type": "video", "media_type": "video/mp4", "duration_ms": 1, "source": "inline", "data": ""},)
    )
    events = await stage.run(call("add"))
    assert kinds(events)[-3:] == ["tool_execution_completed", "tool_result_received", "run_failed"]
    assert events[-1]["error_class"] == "config"


async def test_generated_images_follow_the_result_of_their_tool() -> None:
    stage = Stage()
    events = await stage.run(call("generate_image", images=(PIXEL,)), say("end"))
    assert kinds(events)[-6:-3] == ["assistant_image_appended", "turn_started", "text_delta"]
    assert [message["role"] for message in stage.added()] == [
        "user",
        "block_assistant",
        "tool_results",
        "block_assistant",
        "block_assistant",
    ]
    assert '"terminal":{"terminal":"generated"}' in str(one(events, "tool_execution_completed")["result"])


async def test_several_images_at_a_time_are_denied_without_an_error() -> None:
    stage = Stage()
    wanted = ModelAnswer(calls=(ModelCall("c1", "generate_image", {"request": {"count": 2}}),), images=(PIXEL,), stop="tool_use")
    events = await stage.run(wanted, say("end"))
    assert '{"terminal":"denied","reason":{"reason":"unsupported_count"}}' in str(one(events, "tool_execution_completed")["result"])
    assert not only(events, "assistant_image_appended")
