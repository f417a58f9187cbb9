"""Errors that a client meets rarely, and that the contract documents all the same."""

from __future__ import annotations

import pytest

from tests.meerkat_mock.live.on_air import studio
from tests.meerkat_mock.talk import MODEL, Refused, moments, script, talking

NOBODY = {"realm": "nowhere", "binding": "none"}


async def test_an_archive_of_nothing_is_refused() -> None:
    async with talking() as talk:
        refused = await talk.refusal("session/archive", session_id="x")
        assert refused == "-32602 Invalid session_id 'x': invalid session id in session locator: x"


async def test_a_peer_without_a_name_for_people_is_refused() -> None:
    async with talking() as talk:
        session = await talk.create()
        params = {"peer_id": session, "request_id": session, "status": "completed", "result": None, "display_name": ""}
        refused = await talk.refusal("session/peer_response_terminal", session_id=session, **params)
        assert refused == "-32602 display identity cannot be empty"


async def test_a_session_that_has_not_run_cannot_be_forked_with_another_message() -> None:
    async with talking() as talk:
        made = await talk.call("session/create", prompt="later", model=MODEL, initial_turn="deferred")
        block = {"type": "user_content_block", "block_index": 0, "block": {"type": "text", "text": "new"}}
        refused = await talk.refusal("session/fork_replace", session_id=made["session_id"], message_index=1, replacement=block)
        assert refused.startswith(f"-32002 session {made['session_id']} is not materialized")


async def test_help_fails_as_the_turn_behind_it_does() -> None:
    async with talking() as talk:
        question = script({"fail": {"status": 400}}, say="How?")
        assert (await talk.refusal("help/ask", question=question, model=MODEL)).startswith("-32603 turn abandoned: apply failed")


async def test_help_can_be_cancelled() -> None:
    async with talking() as talk:
        talk.tools["look"] = lambda arguments: None
        await talk.call("tools/register", tools=[{"name": "look", "description": "", "input_schema": {}}])
        number, answer = await talk.ask(
            "help/ask", {"question": script({"call": [{"tool": "look", "args": {}}]}, say="How?"), "model": MODEL}
        )
        while not talk.asked:
            await moments(1)
        await talk.tell("cancel", request_id=number)
        with pytest.raises(Refused) as refused:
            await answer
        assert refused.value.code == -32005


async def test_a_live_channel_of_a_session_that_cannot_be_built_is_refused() -> None:
    async with studio() as on:
        session = await on.session(auth_binding=NOBODY)
        refused = await on.talk.refusal("live/open", session_id=session)
        assert refused.startswith(f"-32603 failed to resolve live session {session}: Build error: ")
