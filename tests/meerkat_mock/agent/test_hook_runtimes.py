"""Hooks at an address, played by a server on loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.agent.hook_answers import REASONS
from meerkat_mock.agent.hook_runtimes import HookError, ask

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Listener(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = (503, "") if self.path == "/down" else (200, "?" if self.path == "/odd" else "")
        told = answer or json.dumps({"told": body, "token": self.headers.get("X-Token")})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Listener) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


async def test_a_hook_at_an_address_is_asked_and_answers(address: str) -> None:
    runtime = {"type": "http", "config": {"url": address, "method": "PUT", "headers": {"X-Token": "t"}}}
    assert await ask(runtime, {"point": "run_started"}, 5.0) == {"told": {"point": "run_started"}, "token": "t"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/down", "http hook returned status 503"), ("/odd", "invalid http hook response: expected value at line 1 column 1")],
)
async def test_an_address_that_fails_says_how(address: str, path: str, reason: str) -> None:
    with pytest.raises(HookError) as failed:
        await ask({"type": "http", "url": address + path, "method": "PUT"}, {}, 5.0)
    assert str(failed.value) == reason


async def test_an_address_where_nobody_listens_is_a_failed_request() -> None:
    with pytest.raises(HookError) as failed:
        await ask({"type": "http", "url": "http://127.0.0.1:9"}, {}, 5.0)
    assert str(failed.value) == "http hook request failed: error sending request for url (http://127.0.0.1:9/)"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("5", "invalid type: integer `5`, expected struct RuntimeHookResponse at line 1 column 1"),
        ('{"decision": "deny"}', 'invalid type: string "deny", expected internally tagged enum HookDecision at line 1 column 19'),
        ('{"decision": {}, "more": 1}', "missing field `decision` at line 1 column 15"),
        ('{"decision": {"decision": 1}}', "invalid type: integer `1`, expected variant identifier at line 1 column 28"),
        ('{"decision": {"decision": "maybe"}}', "unknown variant `maybe`, expected `allow` or `deny` at line 1 column 34"),
        ('{"decision": {"decision": "deny", "hook_id": "a", "message": "m"}}', "missing field `reason_code` at line 1 column 65"),
        (
            '{"decision": {"decision": "deny", "hook_id": "a", "reason_code": "zz", "message": "m"}}',
            f"unknown variant `zz`, expected one of {', '.join(f'`{name}`' for name in REASONS)} at line 1 column 86",
        ),
        ('{"decision": {"decision": "deny", "message": 5}}', "invalid type: integer `5`, expected a string at line 1 column 47"),
    ],
)
async def test_an_answer_of_another_shape_is_named_with_its_place(said: str, reason: str) -> None:
    with pytest.raises(HookError) as failed:
        await ask({"type": "command", "command": "echo", "args": [said]}, {}, 5.0)
    assert str(failed.value) == f"invalid command hook response: {reason}"


@pytest.mark.parametrize(
    "said",
    [
        "{}",
        '{"decision": null}',
        '{"decision": {"decision": "allow"}}',
        '{"decision":{"decision":"deny","hook_id":"a","reason_code":"timeout","message":"m","payload":[1]}}',
    ],
)
async def test_an_answer_of_the_right_shape_is_taken_as_it_is(said: str) -> None:
    assert await ask({"type": "command", "command": "echo", "args": [said]}, {}, 5.0) == json.loads(said)


async def test_a_command_has_the_environment_it_is_given() -> None:
    runtime = {"type": "command", "command": "sh", "args": ["-c", 'echo "{\\"seen\\":\\"$GIVEN\\"}"'], "env": {"GIVEN": "here"}}
    assert await ask(runtime, {}, 5.0) == {"seen": "here"}
