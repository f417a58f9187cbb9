from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.meerkat_mock.mob.company import NOWHERE, found, history
from tests.meerkat_mock.talk import moments, script, talking

if TYPE_CHECKING:
    from tests.meerkat_mock.talk import Talk


async def peer_id(talk: Talk, identity: str) -> str:
    members = (await talk.call("mob/snapshot", mob_id="demo"))["members"]
    return next(str(member["peer_id"]) for member in members if member["agent_identity"] == identity)


async def used(talk: Talk, tool: str, **arguments: Any) -> dict[str, Any]:
    """Let the model of w1 call a tool and return the result that it was given."""
    prompt = script({"call": [{"tool": tool, "args": arguments}]}, {"say": ["so"]})
    await talk.call("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=prompt)
    results = [entry for entry in await history(talk, "w1") if entry["role"] == "tool_results"]
    last: dict[str, Any] = results[-1]["results"][-1]
    return last


def text_of(result: dict[str, Any]) -> Any:
    content = result["content"]
    return json.loads(content if isinstance(content, str) else content[0]["text"])


async def test_a_message_of_a_member_runs_a_turn_of_its_peer() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        await talk.call("mob/wire", mob_id="demo", member="w1", peer={"local": "w2"})
        answer = text_of(await used(talk, "send_message", peer_id=await peer_id(talk, "w2"), body="psst", handling_mode="queue"))
        assert (answer["kind"], answer["status"], answer["receipt"]["kind"]) == ("peer_message", "sent", "peer_message_sent")
        await moments(60)
        assert (await history(talk, "w2"))[0]["content"] == "[COMMS MESSAGE from demo/worker/w1]\npsst"


async def test_a_member_sees_whom_it_is_wired_to() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2", "w3")
        await talk.call("mob/wire", mob_id="demo", member="w1", peer={"local": "w2"})
        assert [peer["name"] for peer in text_of(await used(talk, "peers"))["peers"]] == ["demo/worker/w2"]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"peer_id": NOWHERE, "body": "x"}, "Invalid arguments: missing field `handling_mode`"),
        ({"peer_id": NOWHERE, "body": 5, "handling_mode": "queue"}, "Invalid arguments: invalid type: integer `5`, expected a string"),
        (
            {"peer_id": NOWHERE, "body": "x", "handling_mode": "queue"},
            f"peer_not_found_or_not_trusted: peer '{NOWHERE}' is not found or not trusted",
        ),
    ],
)
async def test_a_failure_is_told_to_the_model_and_the_turn_goes_on(arguments: dict[str, Any], fault: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        result = await used(talk, "send_message", **arguments)
        assert result["is_error"] is True
        assert text_of(result) == {"error": "execution_failed", "message": f"Tool execution failed: {fault}"}


async def test_a_request_of_a_member_reserves_its_stream_and_is_answered_once() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        await talk.call("mob/wire", mob_id="demo", member="w1", peer={"local": "w2"})
        asking = {"peer_id": await peer_id(talk, "w2"), "intent": "checksum_token", "params": {"subject": "s"}, "handling_mode": "queue"}
        answer = text_of(await used(talk, "send_request", **asking))
        request = answer["receipt"]["request_id"]
        receipt = {"envelope_id": request, "interaction_id": request, "kind": "peer_request_sent", "request_id": request}
        assert answer == {"kind": "peer_request", "receipt": {**receipt, "stream_reserved": True}, "status": "sent"}


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"intent": "sing", "params": {}}, "unknown variant `sing`, expected `supervisor.bridge` or `checksum_token`"),
        ({"intent": "checksum_token", "params": {}}, "data did not match any variant of untagged enum CommsPeerRequestParams"),
    ],
)
async def test_a_request_is_read_as_strictly_as_one_from_outside(arguments: dict[str, Any], fault: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        result = await used(talk, "send_request", peer_id=NOWHERE, handling_mode="queue", **arguments)
        assert text_of(result) == {"error": "execution_failed", "message": f"Tool execution failed: Invalid arguments: {fault}"}


async def test_an_ordinary_session_has_no_tools_of_members() -> None:
    async with talking() as talk:
        session = await talk.create()
        refusal = await talk.refusal("turn/start", session_id=session, prompt=script({"call": [{"tool": "peers", "args": {}}]}))
        assert refusal.endswith("Tool error: Tool not found: peers")
