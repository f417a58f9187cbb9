"""A real child process: found, started, spoken to, and ended without leaving anything behind."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from meerkat import ConnectionLostError, MeerkatClient, ServerStartError
from meerkat.client import Limits
from meerkat.transports.stdio import STDERR_TAIL_BYTES, StdioTransport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Script = Callable[..., str]

HELLO = """
import json, sys, os, signal, time
def answer(request, result):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\\n")
    sys.stdout.flush()
def greet():
    for result in ({"contract_version": "0.6.5", "methods": []}, {"capabilities": []}):
        answer(json.loads(sys.stdin.readline()), result)
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Write an executable that greets and then does what the test says."""
    monkeypatch.delenv("MEERKAT_BIN_PATH", raising=False)

    def write(body: str, greeting: str = HELLO) -> str:
        path = tmp_path / "rkat-rpc"
        path.write_text(f"#!{sys.executable} -S\n{greeting}\n{textwrap.dedent(body)}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return write


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def child(client: MeerkatClient) -> StdioTransport:
    assert client._link is not None
    transport = client._link.connection.transport
    assert isinstance(transport, StdioTransport)
    return transport


ECHO = """
greet()
for line in sys.stdin:
    request = json.loads(line)
    answer(request, {"status": "ok", "argv": sys.argv[1:], "env": os.environ.get("EXTRA"), "cwd": os.getcwd(), "pgid": os.getpgid(0)})
"""


async def test_the_child_gets_flags_environment_directory_and_a_group_of_its_own(script: Script, tmp_path: Path) -> None:
    client = MeerkatClient(script(ECHO))
    await client.connect(realm_id="team", state_root="/s", live_ws=True, env={"EXTRA": "1"}, cwd=str(tmp_path), extra_args=["--more"])
    health = await client.get_runtime_host_health()
    pid = child(client).pid
    assert health["argv"] == ["--live-ws", "127.0.0.1:0", "--realm", "team", "--state-root", "/s", "--more"]
    assert (health["env"], os.path.realpath(health["cwd"])) == ("1", os.path.realpath(tmp_path))  # noqa: ASYNC240 - no event loop is kept waiting
    assert health["pgid"] != os.getpgid(0)
    await client.close()
    assert pid is not None
    assert not alive(pid)


async def test_closing_is_end_of_file_and_no_signal(script: Script) -> None:
    client = MeerkatClient(script("greet()\nsys.stdin.read()\nsys.stderr.write('orderly')\nsys.exit(7)"))
    await client.connect()
    transport = child(client)
    await client.close()
    assert transport.exit_status == 7
    assert transport.stderr_tail == "orderly"


async def test_a_child_that_ignores_end_of_file_and_sigterm_is_killed(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meerkat.client.link.QUIET_EXIT_S", 0.05)
    monkeypatch.setattr("meerkat.transports.stdio.TERMINATED_EXIT_S", 0.05)
    client = MeerkatClient(script("signal.signal(signal.SIGTERM, signal.SIG_IGN)\ngreet()\nwhile True: time.sleep(0.05)"))
    await client.connect()
    transport = child(client)
    await client.close()
    assert transport.exit_status == -9
    await client.close()


async def test_a_running_turn_gives_the_server_longer_to_tidy_up(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meerkat.client.link.QUIET_EXIT_S", 0.0)
    client = MeerkatClient(script("greet()\nsys.stdin.read()\ntime.sleep(0.2)\nsys.exit(3)"), limits=Limits(busy_exit_s=5))
    await client.connect()
    creating = asyncio.ensure_future(client.create_session("x"))
    await asyncio.sleep(0.05)
    transport = child(client)
    await client.close()
    assert transport.exit_status == 3
    await asyncio.wait([creating])
    assert creating.exception() is not None


async def test_death_tells_reason_exit_status_and_the_end_of_stderr(script: Script) -> None:
    body = "greet()\nsys.stdin.readline()\nsys.stderr.write('out of luck\\n')\nsys.stderr.flush()\nos._exit(3)"
    client = MeerkatClient(script(body))
    await client.connect()
    with pytest.raises(ConnectionLostError, match="out of luck") as caught:
        await asyncio.wait_for(client.get_config(), 5)
    assert caught.value.exit_status == 3
    with pytest.raises(ConnectionLostError):
        await client.get_config()
    await client.close()
    await client.close()


async def test_a_start_that_fails_says_why(script: Script) -> None:
    client = MeerkatClient(script("", greeting="import sys\nsys.stderr.write('Error: InvalidRealmId')\nsys.exit(1)"))
    with pytest.raises(ConnectionLostError, match="Error: InvalidRealmId") as caught:
        await client.connect(realm_id="bad:name")
    assert caught.value.exit_status == 1


async def test_a_closed_stdout_ends_all_calls_although_the_child_lives(script: Script) -> None:
    client = MeerkatClient(script("greet()\nos.close(1)\nsys.stdin.read()"))
    await client.connect()
    with pytest.raises(ConnectionLostError, match="standard output ended"):
        await asyncio.wait_for(client.get_config(), 5)
    pid = child(client).pid
    await client.close()
    assert pid is not None
    assert not alive(pid)


async def test_much_standard_error_is_read_and_only_its_end_is_kept(script: Script) -> None:
    body = """
    greet()
    request = json.loads(sys.stdin.readline())
    for _ in range(300):
        sys.stderr.write("x" * 10000)
    sys.stderr.write("the end")
    sys.stderr.flush()
    answer(request, {"status": "ok"})
    sys.stdin.read()
    """
    client = MeerkatClient(script(body))
    await client.connect()
    await asyncio.wait_for(client.get_runtime_host_health(), 20)
    transport = child(client)
    await client.close()
    assert transport.stderr_tail.endswith("the end")
    assert len(transport._stderr) <= 2 * STDERR_TAIL_BYTES


async def test_a_failed_handshake_leaves_no_process(script: Script) -> None:
    client = MeerkatClient(
        script("answer(json.loads(sys.stdin.readline()), {'contract_version': '9.0.0', 'methods': []})\nsys.stdin.read()")
    )
    started: list[StdioTransport] = []
    original = StdioTransport.start

    async def start(*args: object, **kwargs: object) -> StdioTransport:
        started.append(await original(*args, **kwargs))  # type: ignore[arg-type]
        return started[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StdioTransport, "start", start)
        with pytest.raises(Exception, match=r"9\.0\.0"):
            await client.connect()
    assert started[0].exit_status is not None


async def test_large_lines_pass_in_both_directions(script: Script) -> None:
    client = MeerkatClient(
        script("greet()\nfor line in sys.stdin:\n    request = json.loads(line)\n    answer(request, request['params'])")
    )
    await client.connect()
    big = "x" * 3_000_000
    assert (await client.list_events_since({"x": big}))["x"] == big
    await client.close()


async def test_a_file_that_cannot_be_executed_is_a_start_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEERKAT_BIN_PATH", raising=False)
    path = tmp_path / "not-executable"
    path.write_text("#!/bin/sh\n")
    with pytest.raises(ServerStartError) as caught:
        await MeerkatClient(str(path)).connect()
    assert caught.value.code == "BINARY_START_FAILED"


async def test_output_that_nobody_reads_is_held_back_and_then_whole(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meerkat.transports.stdio.UNREAD_LIMIT_BYTES", 1000)
    transport = await StdioTransport.start([script("sys.stdout.write('x' * 5_000_000)", greeting="import sys")])
    await asyncio.sleep(0.1)
    assert transport._unread < 5_000_000
    total = 0
    while data := await transport.receive():
        total += len(data)
    await transport.settle()
    assert (total, transport.exit_status, transport.farewell()) == (5_000_000, 0, "the process ended")
    with pytest.raises(BrokenPipeError):
        await transport.send(b"x")
    await transport.close()


@pytest.mark.parametrize("refusal", [NotImplementedError(), RuntimeError("this loop watches its pipes itself")])
async def test_an_event_loop_that_keeps_its_pipes_to_itself_reads_them(
    script: Script, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", refuse)
    client = MeerkatClient(script(ECHO))
    await client.connect()
    assert [(await client.get_config())["status"] for _ in range(3)] == ["ok"] * 3
    assert child(client)._output_fd is None
    await client.close()


async def test_the_end_of_a_child_is_noticed_where_the_event_loop_keeps_its_pipes(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", refuse)
    client = MeerkatClient(script("greet()\nsys.stdin.readline()\nsys.exit(3)"))
    await client.connect()
    with pytest.raises(ConnectionLostError) as caught:
        await client.get_config()
    assert caught.value.exit_status == 3
    await client.close()


async def test_writing_waits_for_a_child_that_does_not_read(script: Script) -> None:
    body = "os.read(0, 1)\nsys.stdin.read()\nsys.exit(0)"
    transport = await StdioTransport.start([script(body, greeting="import sys, os, time\ntime.sleep(0.1)")])
    await asyncio.wait_for(transport.send(b"x" * 5_000_000), 10)
    transport.patience_s = 5
    await transport.close()
    assert transport.exit_status == 0


async def test_writing_to_a_child_that_dies_meanwhile_ends(script: Script) -> None:
    client = MeerkatClient(script("greet()\ntime.sleep(0.1)\nos._exit(4)"))
    await client.connect()
    with pytest.raises(ConnectionLostError):
        await asyncio.wait_for(client.list_events_since({"x": "y" * 5_000_000}), 10)
    await client.close()


async def test_a_line_over_the_limit_ends_the_connection(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meerkat.client.link.LINE_LIMIT_BYTES", 1000)
    client = MeerkatClient(script("greet()\nsys.stdin.readline()\nsys.stdout.write('x' * 5000)\nsys.stdout.flush()\nsys.stdin.read()"))
    await client.connect()
    with pytest.raises(ConnectionLostError, match="longer than 1000 bytes"):
        await asyncio.wait_for(client.get_config(), 5)
    await client.close()


@pytest.mark.parametrize("passes", range(12))
async def test_a_start_that_is_cancelled_at_any_moment_ends_and_leaves_no_child(passes: int, tmp_path: Path) -> None:
    kept = tmp_path / "pid"
    # whoever kills the shell leaves its own child, which holds the pipes
    starting = asyncio.ensure_future(StdioTransport.start(["sh", "-c", f"echo $$ > {kept}; cat; true"]))
    for _ in range(passes):
        await asyncio.sleep(0)
    starting.cancel()
    assert (await asyncio.wait([starting], timeout=20))[0] == {starting}
    if not starting.cancelled():  # it had started by then
        await starting.result().close()
    await asyncio.sleep(0.2)  # asyncio lets go of the pipes, and its thread of the process
    if kept.exists() and (pid := kept.read_text().strip()):
        assert not alive(int(pid))


@pytest.mark.parametrize("passes", range(0, 24, 2))
async def test_a_connect_that_is_cancelled_at_any_moment_ends_and_can_be_repeated(passes: int, script: Script) -> None:
    client = MeerkatClient(script("greet()\nsys.stdin.read()"))
    connecting = asyncio.ensure_future(client.connect())
    for _ in range(passes):
        await asyncio.sleep(0)
    connecting.cancel()
    assert (await asyncio.wait([connecting], timeout=20))[0] == {connecting}
    await client.close()
    await client.connect()
    await client.close()
