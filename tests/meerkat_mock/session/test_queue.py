from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.quirks import Quirks
from meerkat_mock.session.notes import EventNote
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.session.queue import TurnFailed, TurnInput, TurnQueue
from meerkat_mock.surfaces.registry import Fault
from tests.meerkat_mock.talk import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import JsonObject


class Runner:
    """Runs prompts by what they say: `bad...` fails, `hang` waits for ever, everything else is answered."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.clock = VirtualClock()

    async def run(self, turn: TurnInput, events: Sequence[EventNote]) -> JsonObject:
        prompt = str(turn.request.prompt)
        self.ran.append("".join(f"{event.content}+" for event in events) + prompt)
        await asyncio.sleep(0)
        if prompt == "hang":
            await asyncio.get_running_loop().create_future()
        if prompt.startswith("bad"):
            raise TurnFailed(prompt)
        return {"text": prompt}


def line(fidelity: str = "server", **quirks: bool) -> tuple[TurnQueue, Runner]:
    runner = Runner()
    position = Quirks("contract" if fidelity == "contract" else "server", quirks)
    return TurnQueue("s1", runner, position, runner.clock, lambda: None), runner


def put(queue: TurnQueue, prompt: str) -> asyncio.Future[JsonObject]:
    answer: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
    queue.submit(TurnInput(TurnRequest(prompt), answer=answer))
    return answer


async def refusal(answer: asyncio.Future[JsonObject]) -> str:
    try:
        await answer
    except Fault as fault:
        return str(fault)
    raise AssertionError("it was answered")


async def settled(runner: Runner) -> None:
    """Let time pass: whatever the line still does of itself is over before."""
    await runner.clock.pause(1, "the test waits")


async def test_an_idle_line_holds_no_task() -> None:
    queue, runner = line()
    assert (await put(queue, "a"))["text"] == "a"
    await settled(runner)
    assert len(asyncio.all_tasks()) == 1


async def test_a_failed_prompt_has_three_attempts() -> None:
    queue, runner = line()
    assert await refusal(put(queue, "bad")) == "turn abandoned: apply failed: Apply failed: bad"
    await settled(runner)
    assert queue.holds_failed_prompt
    await put(queue, "good")
    await settled(runner)
    assert runner.ran == ["bad", "bad", "good", "bad"]
    assert not queue.holds_failed_prompt


async def test_an_input_that_comes_with_an_answer_is_not_left_lying_behind_a_failed_prompt() -> None:
    queue, runner = line()
    for prompt in ("bad", "bad too"):
        await refusal(put(queue, prompt))
        await settled(runner)
    following: list[asyncio.Future[JsonObject]] = []
    put(queue, "good").add_done_callback(lambda _: following.append(put(queue, "more")))
    await settled(runner)
    assert following[0].done(), "nobody woke the line for it"
    assert following[0].result()["text"] == "more"


async def test_without_the_quirks_it_is_a_plain_line() -> None:
    queue, runner = line("contract")
    answers = [put(queue, prompt) for prompt in ("bad", "a", "b")]
    await refusal(answers[0])
    assert [(await answer)["text"] for answer in answers[1:]] == ["a", "b"]
    assert runner.ran == ["bad", "a", "b"]


async def test_events_stand_in_front_of_whichever_prompt_comes_next_and_wake_nothing() -> None:
    queue, runner = line()
    queue.note(EventNote("e1", "i1"))
    queue.note(EventNote("e2", "i2"))
    assert queue.holds_events
    assert not queue.busy
    await put(queue, "a")
    assert runner.ran == ["e1+e2+a"]
    assert not queue.holds_events


async def test_what_waits_is_handed_to_the_next_process_and_taken_up_there() -> None:
    queue, runner = line()
    await refusal(put(queue, "bad"))
    queue.note(EventNote("e", "i"))
    await settled(runner)
    kept = queue.durable()
    later, next_runner = line()
    later.restore(kept)
    await put(later, "a")
    assert next_runner.ran == ["e+a"], "both attempts were used up, the event stayed"


async def test_the_prompt_that_runs_now_is_durable_until_it_is_stopped() -> None:
    queue, runner = line()
    answer = put(queue, "hang")
    await moments()
    assert [item.request.prompt for item in queue.durable() if isinstance(item, TurnInput)] == ["hang"]
    assert queue.interrupt()
    assert await refusal(answer) == "request cancelled"
    await settled(runner)
    assert queue.durable() == []


async def test_closing_refuses_what_waits_and_lets_the_running_prompt_end() -> None:
    queue, runner = line()
    running, waiting = put(queue, "a"), put(queue, "b")
    await asyncio.sleep(0)
    queue.close()
    assert (await running)["text"] == "a"
    assert await refusal(waiting) == "runtime terminated: runtime session unregistered"
    assert runner.ran == ["a"]


async def test_a_run_that_stops_itself_in_its_last_step_is_refused_and_the_line_goes_on() -> None:
    queue, runner = line("contract")

    class StopsItself:
        async def run(self, turn: TurnInput, events: Sequence[EventNote]) -> JsonObject:
            if turn.request.prompt == "stop":
                assert queue.interrupt()
            return await runner.run(turn, events) if turn.request.prompt != "stop" else {}

    queue._runner = StopsItself()
    stopped, following = put(queue, "stop"), put(queue, "a")
    assert await refusal(stopped) == "request cancelled"
    assert (await following)["text"] == "a"


@pytest.mark.parametrize("times", [1, 3])
async def test_however_often_a_run_is_stopped_the_next_one_can_wait_with_a_limit(times: int) -> None:
    queue, runner = line("contract")
    within: list[bool] = []

    class Limited:
        async def run(self, turn: TurnInput, events: Sequence[EventNote]) -> JsonObject:
            if turn.request.prompt == "limited":
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(asyncio.get_running_loop().create_future(), 0.001)
                within.append(True)
            return await runner.run(turn, events)

    queue._runner = Limited()
    running, following = put(queue, "hang"), put(queue, "limited")
    await moments()
    assert [queue.interrupt() for _ in range(times)] == [True] * times
    assert await refusal(running) == "request cancelled"
    assert (await following)["text"] == "limited"
    assert within == [True]


def test_the_end_of_the_event_loop_begins_no_further_run() -> None:
    async def left_behind() -> Runner:
        queue, runner = line("contract")
        put(queue, "hang")
        put(queue, "next")
        await moments()
        return runner

    assert asyncio.run(left_behind()).ran == ["hang"]


async def test_stopping_ends_everything() -> None:
    queue, _ = line()
    put(queue, "hang")
    await moments()
    await queue.stop()
    assert len(asyncio.all_tasks()) == 1


async def test_a_turn_right_behind_two_failures_stops_the_runtime_where_that_is_asked_for() -> None:
    queue, runner = line(hasty_turn_stops_runtime=True)
    for prompt in ("bad one", "bad two"):
        assert (await refusal(put(queue, prompt))).startswith("turn abandoned")
    assert await refusal(put(queue, "third")) == "runtime terminated: runtime stopped"
    await settled(runner)
    assert await refusal(put(queue, "fourth")) == "runtime accept failed: Runtime not ready: stopped"
    assert "third" not in runner.ran


async def test_a_pause_behind_two_failures_keeps_the_runtime_going() -> None:
    queue, runner = line(hasty_turn_stops_runtime=True)
    for prompt in ("bad one", "bad two"):
        await refusal(put(queue, prompt))
    await settled(runner)
    assert (await put(queue, "third"))["text"] == "third"
