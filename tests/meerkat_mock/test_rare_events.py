"""Events that come rarely reach the application whole: each by its own cause, or as a scenario has them emitted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import MeerkatError
from meerkat.events import BackgroundJobCompleted, CompactionFailed, HookFailed
from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from meerkat.events import Event

BROKEN_HOOK = {"hooks": {"entries": [{"id": "guard", "point": "pre_llm_request", "runtime": {"type": "in_process", "handler": "none"}}]}}
JOB = {
    "job_id": "job_019cadc6-9a80-7000-8000-000000000001",
    "display_name": "shell:make",
    "status": "completed",
    "terminal_status": "completed",
    "detail": "exit_code: 0; duration: 0.3s",
}


def inline(*rounds: dict[str, Any]) -> str:
    return f"@script{json.dumps(rounds)}"


def payloads(mock: MeerkatMock, kind: str) -> list[Any]:
    """Return the events of one type as they went over the wire."""
    events: list[Any] = [each["event"] for each in mock.journal.notifications("session/event")]
    return [event["payload"] for event in events if event["payload"]["type"] == kind]


async def heard(mock: MeerkatMock, *prompts: str) -> list[Event]:
    """Return what an application hears of the turns of one session."""
    async with mock, mock.client() as client:
        session = await client.create_session("hi")
        events: list[Event] = []
        for prompt in prompts:
            events += [event async for event in session.stream(prompt)]
        return events


async def test_an_image_of_the_model_is_announced() -> None:
    mock = MeerkatMock()
    mock.session(prompt="draw").turn(say="Here.", image={"size": "2x1"})
    async with mock, mock.client() as client:
        await client.create_session("draw")
    (image,) = [payload["image"] for payload in payloads(mock, "assistant_image_appended")]
    assert (image["media_type"], image["width"], image["height"]) == ("image/png", 2, 1)


async def test_a_hook_that_is_not_there_fails_the_run_by_name() -> None:
    mock = MeerkatMock()
    mock.script.set(config=BROKEN_HOOK, defaults={"unmatched": "auto"})
    async with mock, mock.client() as client:
        with pytest.raises(MeerkatError):
            await client.create_session("hi")
    (failed,) = mock.journal.events(type="hook_failed")
    assert isinstance(failed, HookFailed)
    assert failed.error == "Hook runtime execution failed for 'guard': in-process handler 'none' not registered"


async def test_a_summary_without_words_is_told_and_the_turn_goes_on() -> None:
    mock = MeerkatMock()
    mock.script.set(
        config={"compaction": {"auto_compact_threshold": 1, "min_turns_between_compactions": 1}},
        defaults={"unmatched": "auto", "inline": True},
    )
    events = await heard(mock, inline({"say": "a"}), inline({"call": [{"tool": "datetime", "args": {}}]}, {"say": "b"}))
    failed = [event for event in events if isinstance(event, CompactionFailed)]
    assert [event.error for event in failed[:1]] == ["LLM returned empty summary"]
    assert type(events[-1]).__name__ == "RunCompleted"


async def test_a_job_of_the_servers_shell_is_heard_as_the_scenario_emits_it() -> None:
    mock = MeerkatMock()
    mock.session(prompt="hi").turn(say="one")
    mock.fault("job", when={"turn": 1, "after": {"run_started": 1}}, emit={"type": "background_job_completed", **JOB})
    async with mock, mock.client() as client:
        await client.create_session("hi")
    (job,) = mock.journal.events(type="background_job_completed")
    assert isinstance(job, BackgroundJobCompleted)
    assert (job.job_id, job.terminal_status, job.detail) == (JOB["job_id"], "completed", JOB["detail"])


async def test_a_search_of_the_provider_is_heard_as_the_scenario_emits_it() -> None:
    mock = MeerkatMock()
    mock.session(prompt="hi").turn(say=["o", "ne"])
    content = {"type": "server_tool_content", "id": "ws_1", "name": "web_search", "content": {"query": "meerkats"}}
    mock.fault("search", when={"turn": 1, "after": {"text_delta": 1}}, emit=content)
    async with mock, mock.client() as client:
        await client.create_session("hi")
    assert payloads(mock, "server_tool_content") == [content]
