"""Every method that addresses a thing, against things that are unknown, gone, in the wrong state, or asked for twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat.wire.methods import METHODS
from tests.meerkat_mock.live.on_air import Studio, studio
from tests.meerkat_mock.surfaces.wrong_states import MOBS, NOBODY, SESSIONS
from tests.meerkat_mock.surfaces.wrong_things import CHANNELS, THINGS
from tests.meerkat_mock.talk import MODEL, Refused, Talk, script, talking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tests.meerkat_mock.surfaces.wrong_states import Answer, Row

FAILS = script({"fail": {"status": 400}})
ADDRESS_NOTHING = {
    "initialize", "capabilities/get", "runtime/host_info", "runtime/capabilities", "runtime/health", "models/catalog", "skills/list",
    "session/create", "session/list", "help/ask", "config/get", "config/set", "config/patch", "approval/request", "approval/list",
    "realm/list", "schedule/create", "schedule/tools", "mob/list", "mob/profile/list", "tools/register",
}  # fmt: skip
"""Methods whose params name no thing that could be missing."""


async def _archived(talk: Talk) -> str:
    session = await talk.create()
    await talk.call("session/archive", session_id=session)
    return session


async def _failed(talk: Talk) -> str:
    session = await talk.create()
    await talk.refusal("turn/start", session_id=session, prompt=FAILS)
    return session


async def _archived_after_a_failure(talk: Talk) -> str:
    session = await _failed(talk)
    await talk.call("session/archive", session_id=session)
    return session


async def _failed_create(talk: Talk) -> str:
    await talk.refusal("session/create", prompt=FAILS, model=MODEL)
    return str(next(params["session_id"] for method, params in talk.heard if method == "session/event"))


async def _deferred(talk: Talk) -> str:
    return await talk.create(initial_turn="deferred")


async def _archived_while_deferred(talk: Talk) -> str:
    session = await _deferred(talk)
    await talk.call("session/archive", session_id=session)
    return session


async def _fork(talk: Talk) -> str:
    made = await talk.call("session/fork_at", session_id=await talk.create(), message_index=3)
    return str(made["session_id"])


async def _interrupted(talk: Talk) -> str:
    session = await talk.create()
    talk.tools["wait"] = lambda arguments: None
    await talk.call("tools/register", tools=[{"name": "wait", "description": "", "input_schema": {}}])
    _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": script({"call": [{"tool": "wait", "args": {}}]})})
    await talk.hear("tool_execution_started", session_id=session)
    await talk.call("turn/interrupt", session_id=session)
    with pytest.raises(Refused):
        await answer
    return session


async def _unknown(talk: Talk) -> str:
    return NOBODY


SITUATIONS: dict[str, Callable[[Talk], Awaitable[str]]] = {
    "unknown": _unknown,
    "archived": _archived,
    "archived after a failed turn": _archived_after_a_failure,
    "left by a failed create": _failed_create,
    "deferred": _deferred,
    "archived while deferred": _archived_while_deferred,
    "a fork that never ran": _fork,
    "after a failed turn": _failed,
    "after an interrupted turn": _interrupted,
}


@pytest.mark.parametrize("situation", SESSIONS)
async def test_a_session_in_every_state_answers_as_the_table_says(situation: str) -> None:
    async with studio() as on:  # with live channels, so that `live/open` can be asked, too
        session = await SITUATIONS[situation](on.talk)
        await _check(on.talk, SESSIONS[situation], {"session": session})


async def _mob(talk: Talk) -> None:
    profile = {"model": MODEL, "runtime_mode": "turn_driven", "external_addressable": True, "tools": {"comms": True}}
    await talk.call("mob/create", definition={"id": "team", "profiles": {"w": profile}})


@pytest.mark.parametrize("situation", MOBS)
async def test_a_mob_and_its_members_answer_as_the_table_says(situation: str) -> None:
    names = {"mob": "team", "member": "ghost", "ref": "eyJhIjoiZ2hvc3QiLCJtIjoidGVhbSJ9"}
    async with talking() as talk:
        if situation != "an unknown mob":
            await _mob(talk)
        if situation in {"a retired member", "an unknown member", "a mob asked twice"}:
            names["other_ref"] = (await talk.call("mob/spawn", mob_id="team", profile="w", agent_identity="other"))["member_ref"]
        if situation == "a retired member":
            await talk.call("mob/spawn", mob_id="team", profile="w", agent_identity="ghost")
            await talk.call("mob/retire", mob_id="team", agent_identity="ghost")
        if situation == "a destroyed mob":
            await talk.call("mob/destroy", mob_id="team")
        await _check(talk, MOBS[situation], names)


LAB = {
    "backend": {
        "gg": {"provider": "gemini", "backend_kind": "google_code_assist"},
        "oa": {"provider": "openai", "backend_kind": "openai_api"},
    },
    "auth": {
        "login": {"provider": "gemini", "auth_method": "google_oauth", "source": {"kind": "managed_store"}},
        "stored": {"provider": "openai", "auth_method": "api_key", "source": {"kind": "managed_store"}},
    },
    "binding": {
        "code": {"backend_profile": "gg", "auth_profile": "login"},
        "key": {"backend_profile": "oa", "auth_profile": "stored"},
    },
}
REQUEST = {
    "requester": "me", "owner": {"owner_type": "runtime"}, "resource": {"kind": "file", "id": "x"}, "risk": "low",
    "proposed_action": {"kind": "other", "summary": "s"}, "allowed_decisions": ["approve"],
}  # fmt: skip


async def _schedule(talk: Talk) -> dict[str, str]:
    target = {"target_kind": "session", "type": "exact_session", "session_id": NOBODY, "action": {"type": "prompt", "prompt": "p"}}
    made = await talk.call("schedule/create", trigger={"type": "once", "due_at_utc": "2999-01-01T00:00:00Z"}, target=target)
    return {"schedule": made["schedule_id"]}


async def _approval(talk: Talk) -> dict[str, str]:
    return {"approval": (await talk.call("approval/request", **REQUEST))["approval_id"]}


async def _expired_approval(talk: Talk) -> dict[str, str]:
    return {"approval": (await talk.call("approval/request", **REQUEST, expires_at="2001-01-01T00:00:00Z"))["approval_id"]}


async def _session_stream(talk: Talk) -> dict[str, str]:
    return {"stream": (await talk.call("session/stream_open", session_id=await talk.create()))["stream_id"]}


async def _mob_stream(talk: Talk) -> dict[str, str]:
    await _mob(talk)
    return {"stream": (await talk.call("mob/stream_open", mob_id="team"))["stream_id"]}


async def _ended_stream(talk: Talk) -> dict[str, str]:
    session = await talk.create()
    names = {"stream": (await talk.call("session/stream_open", session_id=session))["stream_id"]}
    await talk.call("session/archive", session_id=session)
    return names


async def _realm(talk: Talk) -> dict[str, str]:
    await talk.call("config/patch", patch={"realm": {"lab": LAB}})
    return {}


async def _nobody(talk: Talk) -> dict[str, str]:
    return {"schedule": NOBODY, "approval": NOBODY}


MAKERS: dict[str, Callable[[Talk], Awaitable[dict[str, str]]]] = {
    "a schedule up to its end": _schedule,
    "an approval up to its decision": _approval,
    "an expired approval": _expired_approval,
    "a stream of a session": _session_stream,
    "a stream of a mob": _mob_stream,
    "a stream that ended by itself": _ended_stream,
    "an unknown realm": _realm,
    "an unknown binding": _realm,
    "a binding without a login": _realm,
}


@pytest.mark.parametrize("situation", THINGS)
async def test_other_things_answer_as_the_table_says(situation: str) -> None:
    async with talking() as talk:
        names = await MAKERS.get(situation, _nobody)(talk)
        await _check(talk, THINGS[situation], names)


@pytest.mark.parametrize("situation", CHANNELS)
async def test_a_live_channel_in_every_state_answers_as_the_table_says(situation: str) -> None:
    async with studio() as on:
        await _check(on.talk, CHANNELS[situation], await _channel(on, situation))


async def _channel(on: Studio, situation: str) -> dict[str, str]:
    if situation == "an unknown channel":
        return {"channel": NOBODY}
    channel = await on.open(connect=False)
    return {"channel": channel.id, "session": channel.session_id}


def test_the_tables_speak_of_every_method_that_addresses_a_thing() -> None:
    spoken = {row.method for table in (SESSIONS, MOBS, THINGS, CHANNELS) for rows in table.values() for row in rows}
    assert set(METHODS) - spoken == ADDRESS_NOTHING


async def _check(talk: Talk, rows: Sequence[Row], names: Mapping[str, str]) -> None:
    """Ask every row in turn and report all that answer otherwise at once."""
    wrong: list[str] = []
    for row in rows:
        for _ in range(row.times):
            got, wanted = await _answer(talk, row, names), _filled(row.answer, names)
            if not _agrees(got, wanted):
                wrong.append(f"{row.method} {_filled(row.params, names)}\n  answers {got}\n  not     {wanted}")
    assert not wrong, "\n".join(wrong)


async def _answer(talk: Talk, row: Row, names: Mapping[str, str]) -> Answer:
    params: Any = _filled(row.params, names)
    try:
        answer: Answer = await talk.call(row.method, **params)
    except Refused as refused:
        return str(refused)
    return answer


def _agrees(got: Any, wanted: Any) -> bool:
    """Tell whether an answer is the wanted one; of the top level only the members that are wanted count."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        return all(name in got and got[name] == value for name, value in wanted.items())
    return bool(got == wanted)


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    """Put the ids of a situation where a row names them."""
    if isinstance(value, str):
        for name, found in names.items():
            value = value.replace("{" + name + "}", found)
        return value
    if isinstance(value, dict):
        return {name: _filled(entry, names) for name, entry in value.items()}
    return [_filled(entry, names) for entry in value] if isinstance(value, list) else value
