"""What an application says through the reference SDK; runs in that SDK's own environment and imports nothing of this project.

`conversations.py FOLDER` has one conversation after the other, each with a server and a state root in FOLDER of its own, and prints a
line of JSON for each: its name, and `answer` or, when it failed, `error`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from meerkat import MeerkatClient, MeerkatError

Conversation = Callable[[MeerkatClient], Awaitable[Any]]
CONVERSATIONS: dict[str, Conversation] = {}
"""All, by their names, in the order in which they are had."""


def conversation(function: Conversation) -> Conversation:
    """Have this one, too."""
    CONVERSATIONS[function.__name__] = function
    return function


def script(*rounds: dict[str, Any]) -> str:
    return f"@script{json.dumps(rounds)}"


LOCAL = {
    "servers": {"local": {"transport": "openai_compatible", "base_url": "http://127.0.0.1:1", "api_style": "chat_completions"}},
    "models": {"scripted": {"server": "local", "remote_model": "scripted", "display_name": "Scripted", "family": "custom"}},
}
WORKER = {"model": "scripted", "runtime_mode": "turn_driven", "external_addressable": True, "tools": {"comms": True}}
LAB = {
    "backend": {"oa": {"provider": "openai", "backend_kind": "openai_api"}},
    "auth": {"key": {"provider": "openai", "auth_method": "api_key", "source": {"kind": "managed_store"}}},
    "binding": {"api": {"backend_profile": "oa", "auth_profile": "key"}},
}
MCP_SERVER = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    if asked["method"] == "initialize":
        version = asked["params"]["protocolVersion"]
        result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "t", "version": "1"}}
    elif asked["method"] == "tools/list":
        result = {"tools": [{"name": "real_echo", "inputSchema": {"type": "object"}}]}
    else:
        result = {"content": [{"type": "text", "text": "heard " + str(asked["params"]["arguments"])}]}
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
"""
"""A server of tools, spoken to over its standard streams."""


@conversation
async def connect(client: MeerkatClient) -> Any:
    return {"mob": client.has_capability("mob"), "capabilities": len(client.capabilities), "methods": "session/create" in client._methods}


@conversation
async def create(client: MeerkatClient) -> Any:
    session = await client.create_session("Hello " + script({"say": ["Hel", "lo"]}))
    return {"text": session.text, "turns": session.turns, "output_tokens": session.usage.output_tokens, "ref": session.ref is not None}


@conversation
async def deferred(client: MeerkatClient) -> Any:
    session = await client.create_deferred_session("first")
    result = await session.start_turn("second " + script({"say": ["started"]}))
    return {"same": result.session_id == session.id, "text": result.text}


@conversation
async def turns(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    texts = [(await session.turn("two " + script({"say": [word]}))).text for word in ("second", "third")]
    return {"texts": [*texts, session.text], "messages": (await session.history()).message_count}


@conversation
async def tools(client: MeerkatClient) -> Any:
    seen: list[Any] = []

    @client.tool("add", description="Adds", input_schema={"type": "object", "properties": {"a": {}, "b": {}}})
    async def add(arguments: dict[str, Any]) -> str:
        seen.append(arguments)
        return str(arguments["a"] + arguments["b"])

    @client.tool("fail")
    async def fail(arguments: dict[str, Any]) -> str:
        raise ValueError("no such order")

    await asyncio.sleep(0.2)  # registration is a background task of the reference SDK
    calls = [{"tool": "add", "args": {"a": 1, "b": 2}}, {"tool": "add", "args": {"a": 3, "b": 4}}, {"tool": "fail", "args": {}}]
    session = await client.create_session("Add " + script({"call": calls}, {"say": ["done"]}))
    results = [r.content for message in (await session.history()).messages for r in message.results or []]
    return {"seen": sorted(seen, key=str), "text": session.text, "tool_calls": session.tool_calls, "results": results}


@conversation
async def structured(client: MeerkatClient) -> Any:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    rounds = script({"say": ["I think it is 7"]}, {"say": ['{"n": "seven"}']}, {"say": ['{"n": 7}']})
    session = await client.create_session("Count " + rounds, output_schema=schema)
    return {"value": session.structured_output, "error": session.last_result.extraction_error}


@conversation
async def subscription(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    events = await session.subscribe_events()
    turn = asyncio.create_task(session.turn("two " + script({"say": ["a", "b", "c"]})))
    types, text, seqs = [], "", []
    async for envelope in events:
        types.append(type(envelope.payload).__name__)
        seqs.append(envelope.seq)
        text += getattr(envelope.payload, "delta", "")
        if types[-1] == "RunCompleted":
            break
    await events.close()
    return {"types": types, "text": text, "rising": seqs == sorted(seqs), "result": (await turn).text}


@conversation
async def history(client: MeerkatClient) -> Any:
    session = await client.create_session("one " + script({"say": ["uno"]}))
    await session.turn("two " + script({"say": ["dos"]}))
    whole, page = await session.history(), await session.history(offset=1, limit=1)
    return {"roles": [m.role for m in whole.messages], "page": [m.role for m in page.messages], "more": page.has_more}


@conversation
async def listing(client: MeerkatClient) -> Any:
    made = [await client.create_session("one", labels={"kind": kind}) for kind in ("a", "b")]
    listed = await client.list_sessions()
    chosen = await client.list_sessions(labels={"kind": "b"})
    details = await client.read_session(made[0].id)
    return {
        "listed": {s.session_id for s in listed} == {s.id for s in made},
        "chosen": [s.session_id for s in chosen] == [made[1].id],
        "messages": details.message_count,
        "last": details.last_assistant_text,
    }


@conversation
async def archive(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    await session.archive()
    try:
        await session.turn("two")
    except MeerkatError as error:
        return {"listed": len(await client.list_sessions()), "code": error.code, "said": session.id in error.message}
    return "the archived session took a turn"


@conversation
async def unknown_session(client: MeerkatClient) -> Any:
    try:
        await client.read_session("00000000-0000-4000-8000-000000000000")
    except MeerkatError as error:
        return {"code": error.code}
    return "an unknown session could be read"


@conversation
async def config(client: MeerkatClient) -> Any:
    before = await client.get_config()
    after = await client.patch_config({"max_tokens": 1234}, expected_generation=before["generation"])
    try:
        await client.patch_config({"max_tokens": 1}, expected_generation=before["generation"])
    except MeerkatError as error:
        late = error.code
    return {"step": after["generation"] - before["generation"], "value": (await client.get_config())["config"]["max_tokens"], "late": late}


@conversation
async def models(client: MeerkatClient) -> Any:
    catalog = await client.get_models_catalog()
    return {"version": dict(catalog["contract_version"]), "providers": sorted(p["provider"] for p in catalog["providers"])}


@conversation
async def merging(client: MeerkatClient) -> Any:
    before = await client.get_config()
    await client.set_config({**before["config"], "max_tokens": 77}, expected_generation=before["generation"])
    await client.patch_config({"self_hosted": LOCAL})
    after = (await client.get_config())["config"]
    catalog = await client.get_models_catalog()
    hosted = [model["id"] for provider in catalog["providers"] for model in provider["models"] if model["id"] == "scripted"]
    session = await client.create_session("one " + script({"say": ["local"]}), model="scripted")
    return {"tokens": after["max_tokens"], "hosted": hosted, "text": session.text}


@conversation
async def skills(client: MeerkatClient) -> Any:
    listed = await client.list_skills()
    return {"some": len(listed) > 0, "keys": sorted({"key", "name"} & set(listed[0])), "named": all(each["name"] for each in listed)}


async def until_applied(events: Any) -> None:
    async for envelope in events:
        shown = repr(envelope.payload)
        if type(envelope.payload).__name__ == "ToolConfigChanged" and "'real'" in shown and "'applied'" in shown:
            return


@conversation
async def mcp(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    server = {"name": "real", "command": sys.executable, "args": ["-c", MCP_SERVER]}
    added = await client.mcp_add(session.id, server)
    events = await session.subscribe_events()
    applied = asyncio.create_task(until_applied(events))
    while not applied.done():  # the server is being started, and what it brings is applied between turns
        await session.turn("wait")
        await asyncio.sleep(0.1)
    await applied
    await events.close()
    call = script({"call": [{"tool": "real_echo", "args": {"a": 1}}]}, {"say": ["done"]})
    answered = (await session.turn("try " + call)).text
    results = [r.content for message in (await session.history()).messages for r in message.results or []]
    removed = await client.mcp_remove(session.id, "real")
    return {"added": added.status, "heard": "heard {'a': 1}" in results, "text": answered, "removed": removed.operation}


@conversation
async def approvals(client: MeerkatClient) -> Any:
    asked = await client.request_approval(
        {
            "requester": "agent-7",
            "owner": {"owner_type": "runtime"},
            "resource": {"kind": "file", "id": "/etc/x"},
            "proposed_action": {"kind": "file_write", "summary": "write x"},
            "risk": "high",
            "allowed_decisions": ["approve", "deny"],
        }
    )
    waiting = await client.list_approvals({"status": "pending"})
    decided = await client.decide_approval({"approval_id": asked["approval_id"], "decision": "approve", "actor": "ann"})
    return {
        "asked": asked["status"],
        "waiting": [each["approval_id"] == asked["approval_id"] for each in waiting["approvals"]],
        "decided": decided["status"],
        "read": (await client.get_approval({"approval_id": asked["approval_id"]}))["status"],
    }


@conversation
async def artifacts(client: MeerkatClient) -> Any:
    listed = await client.list_artifacts()
    try:
        await client.get_artifact({"artifact_id": "none"})
    except MeerkatError as error:
        return {"listed": listed["artifacts"], "code": error.code}
    return "an unknown artifact could be read"


@conversation
async def schedules(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    made = await client.create_schedule(
        {
            "name": "tick",
            "trigger": {"type": "interval", "every_seconds": 3600, "start_at_utc": time.strftime("%Y-%m-%dT%H:59:59Z", time.gmtime())},
            "target": {
                "target_kind": "session",
                "type": "exact_session",
                "session_id": session.id,
                "action": {"type": "prompt", "prompt": "tick"},
            },
        }
    )
    listed = await client.list_schedules()
    planned = await client.list_schedule_occurrences(made["schedule_id"])
    changes = (client.pause_schedule, client.resume_schedule, client.delete_schedule)
    phases = [made["phase"], *[(await change(made["schedule_id"]))["phase"] for change in changes]]
    return {
        "listed": [each["name"] for each in listed["schedules"]],
        "planned": len(planned["occurrences"]) > 1,
        "phases": phases,
        "tools": "meerkat_schedule_create" in [tool["name"] for tool in (await client.list_schedule_tools())["tools"]],
    }


@conversation
async def auth(client: MeerkatClient) -> Any:
    await client.patch_config({"realm": {"lab": LAB}})
    realms = [realm["realm_id"] for realm in await client.list_realms()]
    states = [(await client.auth_status("lab", "api"))["state"]]
    made = await client.create_auth_profile({"realm_id": "lab", "binding_id": "api", "auth_method": "api_key", "secret": "sk-very-secret"})
    states.append((await client.auth_status("lab", "api"))["state"])
    await client.auth_logout("lab", "api")
    states.append((await client.auth_status("lab", "api"))["state"])
    return {"realms": realms, "told": "sk-very-secret" in json.dumps(made), "valid": [state == "valid" for state in states]}


@conversation
async def mobs(client: MeerkatClient) -> Any:
    await client.patch_config({"self_hosted": LOCAL})
    mob = await client.create_mob(definition={"id": "demo", "profiles": {"worker": WORKER}})
    for identity in ("w1", "w2"):
        await mob.spawn(profile="worker", agent_identity=identity)
    await mob.wire("w1", "w2")
    await client.mob_turn_start("demo", "w1", "go " + script({"say": ["gone"]}))
    status = await mob.member_status("w1")
    members = sorted(member["agent_identity"] for member in await mob.members())
    await mob.retire("w2")
    left = sorted(member["agent_identity"] for member in await mob.members())
    before = [each["mob_id"] for each in await client.list_mobs()]
    await client.mob_destroy("demo")
    return {"mobs": before, "members": members, "left": left, "said": status["output_preview"], "after": await client.list_mobs()}


@conversation
async def profiles(client: MeerkatClient) -> Any:
    made = await client.create_mob_profile("clerk", {"model": "scripted"})
    changed = await client.update_mob_profile("clerk", {"model": "other"}, expected_revision=made["revision"])
    try:
        await client.update_mob_profile("clerk", {"model": "late"}, expected_revision=made["revision"])
    except MeerkatError as error:
        late = error.code
    await client.delete_mob_profile("clerk", expected_revision=changed["revision"])
    return {"step": changed["revision"] - made["revision"], "late": late, "left": await client.list_mob_profiles()}


@conversation
async def comms(client: MeerkatClient) -> Any:
    session = await client.create_session("one", keep_alive=True, comms_name="desk")
    peers = await client.peers(session.id)
    sent = await client.send(session.id, kind="input", body="hello", source="rpc", stream="none", allow_self_session=True)
    return {"peers": peers["peers"], "kind": sent["kind"]}


@conversation
async def interrupt(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    turn = asyncio.create_task(session.turn("slow " + script({"say": ["a", "b"], "pace": {"each": 30}})))
    await asyncio.sleep(0.3)
    await session.interrupt()
    try:
        await asyncio.wait_for(turn, 20)
    except MeerkatError as error:
        return {"error": bool(error.message), "next": (await asyncio.wait_for(session.turn("again"), 5)).text}
    return {"error": False}


@conversation
async def close(client: MeerkatClient) -> Any:
    await client.create_session("one")
    return await closing_time(client)


@conversation
async def close_in_mid_turn(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    turn = asyncio.create_task(session.turn("slow " + script({"say": ["a", "b"], "pace": {"each": 30}})))
    await asyncio.sleep(0.3)
    closed = await closing_time(client)
    try:
        await asyncio.wait_for(turn, 20)
    except MeerkatError as error:
        return {**closed, "turn": error.code}
    return "the turn ended well"


async def closing_time(client: MeerkatClient) -> dict[str, bool]:
    start = time.monotonic()
    await client.close()
    return {"prompt": time.monotonic() - start < 3}


async def have(name: str, folder: str) -> Any:
    client = MeerkatClient()
    await asyncio.wait_for(client.connect(isolated=True, state_root=f"{folder}/{name}"), 20)
    try:
        return await asyncio.wait_for(CONVERSATIONS[name](client), 30)
    finally:
        await client.close()


def main(folder: str) -> None:
    for name in CONVERSATIONS:
        try:
            said = {"answer": asyncio.run(have(name, folder))}
        except Exception:
            said = {"error": traceback.format_exc()}
        print(json.dumps({"name": name, **said}, default=str), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
