"""MCP servers of live sessions: staging, connecting, telling, calling (spec 05, section 6)."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.flags import Flags
from meerkat_mock.runtime import World
from meerkat_mock.scenario.models import from_data
from tests.meerkat_mock.talk import Talk, says, script, talking

if TYPE_CHECKING:
    from pathlib import Path

ECHO = {"name": "echo", "description": "Say it again", "result": "hello"}
UNKNOWN = "00000000-0000-7000-8000-000000000009"
PROGRAM = """
import json, os, sys
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    kind = asked["method"]
    if kind == "initialize":
        version = asked["params"]["protocolVersion"]
        result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "t", "version": "1"}}
    elif kind == "tools/list":
        result = {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in ("real_echo", "real_die")]}
    elif kind == "tools/call" and asked["params"]["name"] == "real_die":
        os._exit(3)
    else:
        result = {"content": [{"type": "text", "text": os.environ["GREETING"] + str(asked["params"]["arguments"])}]}
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
"""
REAL = {"name": "real", "command": sys.executable, "args": ["-c", PROGRAM], "env": {"GREETING": "hi "}}


def _world(*servers: dict[str, Any], **flags: Any) -> World:
    return World(scenario=from_data({"mcp": list(servers), "defaults": {"inline": True}}), flags=Flags(**flags))


def _calls(tool: str, **args: Any) -> str:
    return script({"call": [{"tool": tool, "args": args}]}, {"say": ["done"]}, say="go")


async def _add(talk: Talk, session: str, name: str = "alpha", **config: Any) -> Any:
    return await talk.call("mcp/add", session_id=session, server_config={"name": name, "command": "never-run", **config})


def _changes(talk: Talk, session: str) -> list[tuple[int, str, str, str, int]]:
    found = talk.events(session, "tool_config_changed")
    facts = [(event["seq"], event["payload"]["payload"]) for event in found]
    return [(seq, fact["operation"], fact["target"], fact["status"], fact["applied_at_turn"]) for seq, fact in facts]


SCOPE = ("reload", "tool_scope", "boundary_applied(base_changed=true,visible_changed=true,revision=0)")


async def test_an_added_server_is_told_pending_before_the_turn_and_applied_inside_it():
    async with talking(_world({"name": "alpha", "tools": [ECHO]})) as talk:
        session = await talk.create(says("one"))
        answer = await _add(talk, session)
        assert answer == {"session_id": session, "operation": "add", "server_name": "alpha", "status": "staged", "persisted": False}
        assert _changes(talk, session) == []
        result = await talk.turn(session, _calls("echo"))
        notice, applied, scope = _changes(talk, session)
        messages = (await talk.call("session/history", session_id=session))["messages"]
    assert (notice, applied[1:]) == ((1, "add", "alpha", "pending", 2), ("add", "alpha", "applied", 0))
    assert scope[1:] == (*SCOPE, 0)
    assert (result["tool_calls"], result["text"]) == (1, "done")
    assert messages[-4]["role"] == "system_notice"
    assert messages[-2]["results"][0]["content"] == "hello"


async def test_a_slow_server_is_there_for_a_later_turn():
    async with talking(_world({"name": "alpha", "tools": [ECHO], "start": "2s"})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session)
        await talk.turn(session, says("two"))
        assert [change[3] for change in _changes(talk, session)] == ["pending"]
        await talk.turn(session, script({"say": ["three"], "pace": {"first": 3}}))
        await talk.turn(session, _calls("echo"))
        assert [change[3] for change in _changes(talk, session)][1] == "applied"


@pytest.mark.parametrize(("scripted", "configured"), [({}, {"connect_timeout_secs": 1}), ({"connect_timeout_secs": 1}, {})])
async def test_a_server_that_takes_too_long_fails(scripted: dict[str, Any], configured: dict[str, Any]):
    async with talking(_world({"name": "alpha", "tools": [ECHO], "start": "20s", **scripted})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session, **configured)
        await talk.turn(session, script({"say": ["two"], "pace": {"first": 3}}))
        await talk.turn(session, says("three"))
        assert _changes(talk, session)[1][3] == "failed: Connection failed: Connection timed out after 1s"


async def test_a_server_that_fails_is_told_once_and_is_not_registered():
    async with talking(_world({"name": "alpha", "fail": "no route to host"})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session)
        await talk.turn(session, says("two"))
        await talk.turn(session, says("three"))
        assert [change[3] for change in _changes(talk, session)] == ["pending", "failed: Connection failed: no route to host"]
        refusal = await talk.refusal("mcp/reload", session_id=session, server_name="alpha")
    assert refusal == "-32602 MCP server 'alpha' is not registered on this session"


async def test_a_reload_with_the_same_tools_tells_no_change_of_what_the_model_sees():
    async with talking(_world({"name": "alpha", "tools": [ECHO]})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session)
        await talk.turn(session, says("two"))
        assert (await talk.call("mcp/reload", session_id=session))["operation"] == "reload"
        await talk.turn(session, _calls("echo"))
        assert [change[1:4] for change in _changes(talk, session)[3:]] == [("reload", "alpha", "pending"), ("reload", "alpha", "applied")]


async def test_a_removal_drains_before_the_turn_and_takes_the_tools_away():
    async with talking(_world({"name": "alpha", "tools": [ECHO]})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session)
        await talk.turn(session, says("two"))
        await talk.call("mcp/remove", session_id=session, server_name="alpha")
        await talk.turn(session, says("three"))
        changes = _changes(talk, session)[3:]
        assert [change[:4] for change in changes[:2]] == [(2, "remove", "alpha", "draining"), (3, "remove", "alpha", "applied")]
        assert changes[2][1:4] == SCOPE
        assert "Tool not found: echo" in await talk.refusal("turn/start", session_id=session, prompt=_calls("echo"))


async def test_what_is_removed_before_it_came_or_was_never_there_is_not_told():
    async with talking(_world({"name": "alpha", "tools": [ECHO]})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session)
        await talk.call("mcp/remove", session_id=session, server_name="alpha")
        await talk.call("mcp/remove", session_id=session, server_name="never")
        await talk.turn(session, says("two"))
        assert _changes(talk, session) == []


async def test_a_deferred_session_takes_servers_for_its_first_turn():
    async with talking(_world({"name": "alpha", "tools": [ECHO]})) as talk:
        session = await talk.create("first", initial_turn="deferred")
        await _add(talk, session)
        result = await talk.turn(session, _calls("echo"))
        assert (result["tool_calls"], _changes(talk, session)[0][4]) == (1, 1)


async def test_a_scenario_answers_by_arguments_fails_and_lets_a_server_die():
    tools = [
        {"name": "find", "args": {"id": 1}, "result": {"ok": True}},
        {"name": "find", "args": {"id": 2}, "error": "secret reason"},
    ]
    async with talking(_world({"name": "alpha", "tools": tools, "crash_after": 2})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session)
        answers = []
        for number in (1, 2, 3):
            await talk.turn(session, _calls("find", id=number))
            answers.append(talk.events(session, "tool_result_received")[-1]["payload"])
    assert (answers[0]["content"][0]["text"], answers[0]["is_error"]) == ('{"ok":true}', False)
    failed = '{"error":"execution_failed","message":"Tool execution failed: Tool call failed for \'find\': '
    assert [answer["content"][0]["text"] for answer in answers[1:]] == [f'{failed}Tool returned error"}}', f'{failed}Transport closed"}}']


async def test_calls_that_come_during_a_turn_are_answered_when_it_ends():
    async with talking(_world({"name": "alpha", "tools": [ECHO]})) as talk:
        session = await talk.create(says("one"))
        talk.tools["hold"] = lambda arguments: None
        await talk.call("tools/register", tools=[{"name": "hold", "description": "", "input_schema": {}}])
        _, turn = await talk.ask("turn/start", {"session_id": session, "prompt": script({"say": ["x"], "pace": {"first": 60}})})
        await talk.hear("turn_started", session_id=session, count=2)
        _, staged = await talk.ask("mcp/remove", {"session_id": session, "server_name": "x"})
        assert not staged.done()
        await asyncio.gather(turn, staged)
        assert staged.result()["status"] == "staged"


async def test_a_real_server_is_started_called_and_ended():
    async with talking() as talk:
        session = await talk.create(says("one"))
        await talk.call("mcp/add", session_id=session, server_config=REAL)
        for _ in range(600):
            await talk.turn(session, says("wait"))
            if "applied" in [change[3] for change in _changes(talk, session)]:
                break
            await asyncio.sleep(0.05)
        await talk.turn(session, _calls("real_echo", a=1))
        assert talk.events(session, "tool_result_received")[-1]["payload"]["content"][0]["text"] == "hi {'a': 1}"
        await talk.turn(session, _calls("real_die"))
        assert "Transport closed" in talk.events(session, "tool_result_received")[-1]["payload"]["content"][0]["text"]


async def test_a_scenario_can_put_another_real_server_in_the_place_of_the_one_that_is_added():
    async with talking(_world({**REAL, "name": "alpha"})) as talk:
        session = await talk.create(says("one"))
        await _add(talk, session)
        for _ in range(600):
            await talk.turn(session, says("wait"))
            if len(_changes(talk, session)) > 1:
                break
            await asyncio.sleep(0.05)
        await talk.turn(session, _calls("real_echo"))
        assert talk.events(session, "tool_result_received")[-1]["payload"]["content"][0]["text"] == "hi {}"


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"command": "/no/such/program"}, "Failed to spawn process: No such file or directory (os error 2)"),
        (
            {"command": sys.executable, "args": ["-c", "pass"]},
            "Failed to establish MCP connection: connection closed: initialize response",
        ),
    ],
)
async def test_a_real_server_that_does_not_come_up_says_why(config: dict[str, Any], why: str):
    async with talking() as talk:
        session = await talk.create(says("one"))
        await talk.call("mcp/add", session_id=session, server_config={"name": "bad", **config})
        for _ in range(600):
            await talk.turn(session, says("wait"))
            if len(_changes(talk, session)) > 1:
                break
            await asyncio.sleep(0.05)
        assert _changes(talk, session)[1][3] == f"failed: Connection failed: {why}"


@pytest.mark.parametrize(
    ("method", "params"),
    [("mcp/add", {"server_config": {"name": "x", "command": "true"}}), ("mcp/remove", {"server_name": "x"}), ("mcp/reload", {})],
)
async def test_sessions_that_cannot_have_servers_are_refused(method: str, params: dict[str, Any]):
    async with talking() as talk:
        session = await talk.create(says("one"))
        assert await talk.refusal(method, session_id=UNKNOWN, **params) == f"-32001 Session not found: {UNKNOWN}"
        assert await talk.refusal(method, session_id="nope", **params) == (
            "-32602 Invalid session_id 'nope': invalid session id in session locator: nope"
        )
        fork = (await talk.call("session/fork_at", session_id=session, message_index=1))["session_id"]
        assert await talk.refusal(method, session_id=fork, **params) == "-32602 session does not support live MCP operations"
        await talk.call("session/archive", session_id=session)
        assert await talk.refusal(method, session_id=session, **params) == f"-32001 Session not found: {session}"


async def test_a_blank_name_a_mixed_transport_and_an_unknown_key_are_refused():
    async with talking() as talk:
        session = await talk.create(says("one"))
        assert await talk.refusal("mcp/remove", session_id=session, server_name=" ") == "-32602 server_name cannot be empty"
        for config in ({"name": "x", "command": "a", "url": "b"}, {"name": "x"}, {"name": "x", "command": "a", "type": "stdio"}):
            refusal = await talk.refusal("mcp/add", session_id=session, server_config=config)
            assert "data did not match any variant of untagged enum McpTransportConfig" in refusal
        refusal = await talk.refusal("mcp/add", session_id=session, server_config={"name": "x", "command": "a"}, extra=1)
        assert "unknown field `extra`" in refusal


async def test_persisted_servers_are_written_down_once_and_taken_out_again(tmp_path: Path):
    async with talking(_world(context_root=str(tmp_path))) as talk:
        session = await talk.create(says("one"))
        config = {"name": "web", "url": "http://mcp.invalid", "headers": {"a": "b"}}
        added = await talk.call("mcp/add", session_id=session, server_config=config, persisted=True)
        assert added["persisted"] is True
        assert 'name = "web"' in (tmp_path / ".rkat" / "mcp.toml").read_text()
        again = await talk.refusal("mcp/add", session_id=session, server_config=config, persisted=True)
        assert again == "-32603 Server 'web' already exists. Remove it first with: rkat mcp remove web"
        removed = [await talk.call("mcp/remove", session_id=session, server_name="web", persisted=True) for _ in range(2)]
    assert [answer["persisted"] for answer in removed] == [True, False]


async def test_a_file_of_servers_that_is_broken_is_named(tmp_path: Path):
    (tmp_path / ".rkat").mkdir()
    (tmp_path / ".rkat" / "mcp.toml").write_text("servers = [")
    async with talking(_world(context_root=str(tmp_path))) as talk:
        session = await talk.create(says("one"))
        refusal = await talk.refusal("mcp/remove", session_id=session, server_name="x", persisted=True)
    assert refusal.startswith(f"-32603 Parse error in {tmp_path / '.rkat' / 'mcp.toml'}: ")


async def _http_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer MCP over streamable HTTP, one plain JSON answer per POST."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    asked = json.loads(await reader.readexactly(length)) if length else {}
    answers: dict[str, Any] = {
        "initialize": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "h", "version": "1"}},
        "tools/list": {"tools": [{"name": "far_echo", "inputSchema": {"type": "object"}}]},
        "tools/call": {"content": [{"type": "text", "text": "from afar"}], "isError": False},
    }
    status, body = "202 Accepted", b""
    if not head.startswith(b"POST"):
        status = "405 Method Not Allowed"
    elif "id" in asked:
        known = asked["method"] in answers
        outcome = {"result": answers[asked["method"]]} if known else {"error": {"code": -32601, "message": "Method not found"}}
        status, body = "200 OK", json.dumps({"jsonrpc": "2.0", "id": asked["id"], **outcome}).encode()
    lines = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    writer.write(lines.encode() + body)
    await writer.drain()
    writer.close()


async def test_a_server_over_http_is_called_with_the_extra_and_without_it_the_failure_names_the_extra():
    async with await asyncio.start_server(_http_server, "127.0.0.1", 0) as listener, talking() as talk:
        port = listener.sockets[0].getsockname()[1]
        session = await talk.create(says("one"))
        await talk.call("mcp/add", session_id=session, server_config={"name": "far", "url": f"http://127.0.0.1:{port}/mcp"})
        for _ in range(600):
            await talk.turn(session, says("wait"))
            if len(_changes(talk, session)) > 1:
                break
            await asyncio.sleep(0.05)
        if find_spec("mcp") is None:
            assert _changes(talk, session)[1][3].endswith('needs the extra: pip install "meerkat-kit[mcp]"')
        else:
            await talk.turn(session, _calls("far_echo"))
            assert talk.events(session, "tool_result_received")[-1]["payload"]["content"][0]["text"] == "from afar"
