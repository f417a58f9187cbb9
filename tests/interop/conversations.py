"""What an application says through the reference SDK; runs in that SDK's own environment and imports nothing of this project.

`conversations.py NAME FOLDER` has the conversation NAME with the server in a state root in FOLDER and prints what came of it as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from meerkat import MeerkatClient, MeerkatError


def script(*rounds: dict[str, Any]) -> str:
    return f"@script{json.dumps(rounds)}"


async def connect(client: MeerkatClient) -> Any:
    return {"mob": client.has_capability("mob"), "capabilities": len(client.capabilities), "methods": "session/create" in client._methods}


async def create(client: MeerkatClient) -> Any:
    session = await client.create_session("Hello " + script({"say": ["Hel", "lo"]}))
    return {"text": session.text, "turns": session.turns, "output_tokens": session.usage.output_tokens, "ref": session.ref is not None}


async def deferred(client: MeerkatClient) -> Any:
    session = await client.create_deferred_session("first")
    result = await session.start_turn("second " + script({"say": ["started"]}))
    return {"same": result.session_id == session.id, "text": result.text}


async def turns(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    texts = [(await session.turn("two " + script({"say": [word]}))).text for word in ("second", "third")]
    return {"texts": [*texts, session.text], "messages": (await session.history()).message_count}


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


async def structured(client: MeerkatClient) -> Any:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    rounds = script({"say": ["I think it is 7"]}, {"say": ['{"n": "seven"}']}, {"say": ['{"n": 7}']})
    session = await client.create_session("Count " + rounds, output_schema=schema)
    return {"value": session.structured_output, "error": session.last_result.extraction_error}


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


async def history(client: MeerkatClient) -> Any:
    session = await client.create_session("one " + script({"say": ["uno"]}))
    await session.turn("two " + script({"say": ["dos"]}))
    whole, page = await session.history(), await session.history(offset=1, limit=1)
    return {"roles": [m.role for m in whole.messages], "page": [m.role for m in page.messages], "more": page.has_more}


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


async def archive(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    await session.archive()
    try:
        await session.turn("two")
    except MeerkatError as error:
        return {"listed": len(await client.list_sessions()), "code": error.code, "said": session.id in error.message}
    return "the archived session took a turn"


async def unknown_session(client: MeerkatClient) -> Any:
    try:
        await client.read_session("00000000-0000-4000-8000-000000000000")
    except MeerkatError as error:
        return {"code": error.code}
    return "an unknown session could be read"


async def config(client: MeerkatClient) -> Any:
    before = await client.get_config()
    after = await client.patch_config({"max_tokens": 1234}, expected_generation=before["generation"])
    try:
        await client.patch_config({"max_tokens": 1}, expected_generation=before["generation"])
    except MeerkatError as error:
        late = error.code
    return {"step": after["generation"] - before["generation"], "value": (await client.get_config())["config"]["max_tokens"], "late": late}


async def models(client: MeerkatClient) -> Any:
    catalog = await client.get_models_catalog()
    return {"version": dict(catalog["contract_version"]), "providers": sorted(p["provider"] for p in catalog["providers"])}


async def interrupt(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    turn = asyncio.create_task(session.turn("slow " + script({"say": ["a", "b"], "pace": {"each": 30}})))
    await asyncio.sleep(0.3)
    await session.interrupt()
    try:
        await asyncio.wait_for(turn, 5)
    except MeerkatError as error:
        return {"error": bool(error.message), "next": (await asyncio.wait_for(session.turn("again"), 5)).text}
    return {"error": False}


async def close(client: MeerkatClient) -> Any:
    await client.create_session("one")
    return await closing_time(client)


async def close_in_mid_turn(client: MeerkatClient) -> Any:
    session = await client.create_session("one")
    turn = asyncio.create_task(session.turn("slow " + script({"say": ["a", "b"], "pace": {"each": 30}})))
    await asyncio.sleep(0.3)
    closed = await closing_time(client)
    try:
        await asyncio.wait_for(turn, 5)
    except MeerkatError as error:
        return {**closed, "turn": error.code}
    return "the turn ended well"


async def closing_time(client: MeerkatClient) -> dict[str, bool]:
    start = time.monotonic()
    await client.close()
    return {"prompt": time.monotonic() - start < 3}


async def main(name: str, folder: str) -> None:
    client = MeerkatClient()
    await asyncio.wait_for(client.connect(isolated=True, state_root=folder), 20)
    try:
        print(json.dumps(await asyncio.wait_for(globals()[name](client), 30), default=str))
    finally:
        await client.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
