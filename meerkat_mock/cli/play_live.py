"""`meerkat-mock play` for live channels: the built-in client opens a channel per script, says what it wants to hear, and listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from meerkat_mock.world.realtime_answers import DEFAULT_VAD_BYTES
from meerkat_mock.world.realtime_scripts import ANY_SPEECH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.client import MeerkatClient
    from meerkat.live import LiveChannel
    from meerkat.live_connection import LiveConnection
    from meerkat_mock.cli.screen import Screen
    from meerkat_mock.scenario.document import Document
    from meerkat_mock.scenario.models.timelines import LiveScript, LiveStepFields

MODEL = "gpt-realtime-2"
GREETING = "Hello"
"""What is said where a script begins with an answer."""


def live_tools(document: Document) -> set[str]:
    """Return the tools that live scripts call, which an application would have to bring."""
    return {step.call.tool for script in document.scenario.live for step in script.steps if step.call is not None}


async def converse_live(client: MeerkatClient, document: Document, screen: Screen) -> None:
    """Play every live script of a scenario, one channel after the other."""
    from meerkat.live import LiveChannel
    from meerkat_mock.scenario.prompting import example_text

    for index, script in enumerate(document.scenario.live):
        screen.begin(script.name or f"live-{index + 1}")
        system_prompt = example_text(script.match.system_prompt, document.where("live", index))
        session = await client.create_deferred_session("", model=MODEL, system_prompt=system_prompt)
        channel = LiveChannel.session(client, session.id)
        if script.refuse is not None:
            await _refused(channel, screen)
            continue
        async with channel.connect() as live:
            await _talk(live, script, screen)


async def _refused(channel: LiveChannel, screen: Screen) -> None:
    """Show why a channel cannot be opened."""
    from meerkat.errors import MeerkatError

    try:
        async with channel.connect():
            pass
    except MeerkatError as refusal:
        screen.words(str(refusal))
    screen.end()


async def _talk(live: LiveConnection, script: LiveScript, screen: Screen) -> None:
    for words, answered in turns_of(script):
        screen.prompt(GREETING if words is None else words)
        if words == ANY_SPEECH:
            await live.send_audio(bytes(DEFAULT_VAD_BYTES))
        else:
            await live.send_text(GREETING if words is None else words)
        if answered:
            await _listen(live, screen)
    screen.end()


async def _listen(live: LiveConnection, screen: Screen) -> None:
    """Listen until an answer is over that nothing follows: no tool's result, and no user who barged in."""
    barged_in = False
    async for frame in live:
        _show(frame, screen)
        barged_in = barged_in or frame.get("observation") == "turn_interrupted"
        if barged_in and frame.get("observation") == "user_transcript_final":
            screen.prompt(frame["text"])
        if frame.get("observation") == "turn_completed" and frame["stop_reason"] not in ("tool_use", "cancelled"):
            return


def _show(frame: dict[str, Any], screen: Screen) -> None:
    match frame.get("observation"):
        case "assistant_transcript_delta" | "assistant_text_delta":
            screen.words(frame["delta"])
        case "turn_interrupted":
            screen.note("the user barges in")
        case "tool_call_requested":
            screen.note(f"{frame['tool_name']} {frame['arguments']}")
        case "error":
            screen.error(frame["message"])
        case _:
            pass


def turns_of(script: LiveScript) -> Iterator[tuple[str | None, bool]]:
    """Yield what the user says in each turn of their own, None for anything, and whether something follows; not when barging in."""
    steps = script.steps
    if steps[0].hear is None:
        yield None, _answers(steps, 0)
    for number, step in enumerate(steps):
        if step.hear is not None and not (number and steps[number - 1].barge_in is not None):
            yield step.hear, _answers(steps, number + 1)


def _answers(steps: tuple[LiveStepFields, ...], start: int) -> bool:
    for step in steps[start:]:
        if step.hear is not None:
            return False
        if step.wait is None:
            return True
    return False
