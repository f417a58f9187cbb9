"""Asking the server for help (spec 01, section 11.5)."""

from __future__ import annotations

import pytest

from meerkat_mock.skills.source import EMBEDDED_UUID
from tests.meerkat_mock.talk import MODEL, talking


async def test_a_question_is_answered_by_a_session_that_stays():
    async with talking() as talk:
        result = await talk.call("help/ask", question=' What is a mob? @script[{"say": ["Many."]}] ', model=MODEL)
        (row,) = (await talk.call("session/list"))["sessions"]
        history = await talk.call("session/history", session_id=result["session_id"])
    assert (result["text"], result["turns"], row["session_id"]) == ("Many.", 1, result["session_id"])
    assert f"{EMBEDDED_UUID}/meerkat-cli-reference" in history["messages"][0]["content"]
    assert history["messages"][1]["content"] == (
        'Help question:\nWhat is a mob? @script[{"say": ["Many."]}]\n\nCurrent UTC timestamp:\n2026-03-02T09:00:00Z\n\n'
        "Execution posture:\nexplain_only\n\nExplain only. Do not execute anything.\n"
    )


async def test_the_mode_and_further_instructions_reach_the_model():
    async with talking() as talk:
        result = await talk.call("help/ask", question="How?", model=MODEL, execution_mode="plan_execution", prompt="Be brief.")
        messages = (await talk.call("session/history", session_id=result["session_id"]))["messages"]
    assert "Execution posture:\nplan_execution\n" in messages[1]["content"]
    assert "Be brief." in messages[0]["content"]


async def test_registered_tools_serve_a_question_too():
    async with talking() as talk:
        talk.tools["look"] = lambda arguments: {"content": "seen"}
        await talk.call("tools/register", tools=[{"name": "look", "description": "", "input_schema": {}}])
        question = 'See? @script[{"call": [{"tool": "look", "args": {}}]}, {"say": ["Yes."]}]'
        result = await talk.call("help/ask", question=question, model=MODEL)
    assert (result["text"], result["tool_calls"]) == ("Yes.", 1)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"question": " \n"}, "help question cannot be empty"),
        ({"question": "x", "provider": "acme"}, "unknown provider 'acme' (expected anthropic, openai, gemini, or self_hosted)"),
    ],
)
async def test_a_blank_question_and_an_unknown_provider_are_refused_without_a_session(params: dict[str, str], message: str):
    async with talking() as talk:
        assert await talk.refusal("help/ask", **params) == f"-32602 {message}"
        assert (await talk.call("session/list"))["sessions"] == []


async def test_malformed_params_are_refused():
    async with talking() as talk:
        for params in ({}, {"question": 3}, {"question": "x", "max_tokens": -1}, {"question": "x", "execution_mode": "y"}):
            assert (await talk.refusal("help/ask", **params)).startswith("-32602 Invalid params: ")
