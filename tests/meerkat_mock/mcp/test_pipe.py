"""MCP servers as child processes, without the extra: what goes over their streams, and how they end."""

from __future__ import annotations

import sys
import time

import pytest

from meerkat_mock.mcp.link import CallFailed, ConnectFailed
from meerkat_mock.mcp.pipe import PipeLink

SERVER = """
import json, sys
def say(message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("method") == "initialize":
        print("this is no JSON", flush=True)
        say({"id": asked["id"], "result": {}})
    elif asked.get("method") == "tools/list":
        say({"id": "ping-1", "method": "ping"})
        say({"id": asked["id"], "result": {"tools": [{"name": "t", "description": "d"}]}})
    elif asked.get("id") == "ping-1":
        pinged = True
    elif asked.get("method") == "tools/call":
        if asked["params"]["name"] == "refuse":
            say({"id": asked["id"], "error": {"code": -32602, "message": "no such tool"}})
        else:
            say({"id": asked["id"], "result": {"content": [{"type": "text", "text": str(pinged)}]}})
"""


async def test_junk_is_passed_over_pings_are_answered_and_errors_are_told():
    link = PipeLink(sys.executable, ["-c", SERVER], {})
    (tool,) = await link.open()
    assert (tool.name, tool.description, tool.input_schema) == ("t", "d", {"type": "object"})
    assert list((await link.call("t", {})).content) == [{"type": "text", "text": "True"}]
    with pytest.raises(CallFailed, match="Mcp error: -32602: no such tool"):
        await link.call("refuse", {})
    await link.close()
    await link.close()
    with pytest.raises(CallFailed, match="Transport closed"):
        await link.call("t", {})


async def test_a_server_that_ends_instead_of_listing_its_tools_is_not_connected():
    program = SERVER.replace('"tools/list":', '"tools/list":\n        sys.exit(0)')
    link = PipeLink(sys.executable, ["-c", program], {})
    with pytest.raises(ConnectFailed, match="Failed to establish MCP connection: Transport closed"):
        await link.open()
    await link.close()


async def test_a_server_that_ignores_the_end_of_its_input_is_killed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("meerkat_mock.mcp.pipe._GRACE_SECONDS", 0.01)
    program = SERVER + "\nimport time\ntime.sleep(60)"
    link = PipeLink(sys.executable, ["-c", program], {})
    await link.open()
    began = time.monotonic()
    await link.close()
    assert time.monotonic() - began < 20
