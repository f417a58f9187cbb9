"""The executable as another process meets it: what it answers, says and exits with (spec 01, section 13)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from meerkat_mock.cli import main
from meerkat_mock.process.commandline import Refused, read_command_line
from meerkat_mock.process.prelude import Prelude
from meerkat_mock.process.serving import run as serve
from meerkat_mock.process.streams import StandardStreams
from meerkat_mock.store import FILE_NAME, SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

DROPIN = [sys.executable, "-m", "meerkat_mock.dropin"]
NOT_LOOPBACK = (
    "rpc TCP bind address `0.0.0.0:0` resolves to non-loopback address `0.0.0.0`; "
    "pass --allow-remote only when an authenticated/encrypted transport wrapper is in place"
)
SERVE = [sys.executable, "-m", "meerkat_mock.cli", "serve"]


def line(method: str, request_id: int = 1, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}).encode() + b"\n"


def run(*arguments: str, said: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*DROPIN, *arguments], input=said, capture_output=True, timeout=60, check=False, env={**os.environ, **env})


def answers(done: subprocess.CompletedProcess[bytes]) -> list[Any]:
    return [json.loads(each) for each in done.stdout.splitlines()]


def test_the_version_is_printed_and_nothing_is_served() -> None:
    done = run("--version")
    assert (done.stdout, done.stderr, done.returncode) == (b"rkat-rpc 0.6.5\n", b"", 0)


def test_a_wrong_flag_is_told_on_stderr() -> None:
    done = run("--bogus")
    assert (done.stdout, done.returncode) == (b"", 2)
    assert done.stderr.startswith(b"error: unexpected argument '--bogus' found\n")


def test_initialize_is_answered_and_the_end_of_the_input_ends_the_process_quietly() -> None:
    done = run(said=line("initialize"))
    assert answers(done)[0]["result"]["contract_version"] == "0.6.5"
    assert (done.stderr, done.returncode) == (b"", 0)


def test_without_any_input_nothing_is_said() -> None:
    done = run()
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)


def test_a_last_line_without_its_end_is_still_answered() -> None:
    assert answers(run(said=b"42"))[0]["error"]["code"] == -32700


def test_the_test_client_of_the_server_says_one_word_whatever_is_asked() -> None:
    asked = line("session/create", prompt='@script[{"say": ["scripted"]}]')
    env = {**os.environ, "RKAT_TEST_CLIENT": "1"}
    with subprocess.Popen(DROPIN, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(asked)
        process.stdin.flush()
        result = next(message["result"] for message in map(json.loads, process.stdout) if "id" in message)
        process.stdin.close()
    assert (result["text"], result["usage"]["total_tokens"]) == ("ok", 0)


def refusal(*arguments: str) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        serve(read_command_line(arguments), Prelude())
    return refused.value.code, str(refused.value)


def test_a_state_root_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = 'Error: Store(Io(Os { code: 20, kind: NotADirectory, message: "Not a directory" }))'
    assert refusal("--isolated", "--state-root", str(tmp_path / "file" / "root")) == (1, said)


def test_a_closed_stdout_ends_the_process_with_the_input() -> None:
    with subprocess.Popen(DROPIN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(line("initialize"))
        process.stdin.close()
        said = process.stderr.read()
    assert said == b'Error: Transport(Io(Os { code: 32, kind: BrokenPipe, message: "Broken pipe" }))\n'
    assert process.returncode == 1


def test_an_end_of_the_input_in_a_turn_is_followed_by_the_whole_grace_time_in_silence() -> None:
    begin = "import sys, meerkat_mock.connection as c; c.GRACE_SECONDS = 0.5; from meerkat_mock.dropin import main; sys.exit(main())"
    with subprocess.Popen([sys.executable, "-c", begin], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line("session/create", prompt='go @script[{"say": ["a"], "pace": {"each": 60}}]'))
        process.stdin.flush()
        while b"turn_started" not in process.stdout.readline():
            pass
        began = time.monotonic()
        process.stdin.close()
        assert process.stdout.read() == b""
    assert time.monotonic() - began > 0.5
    assert process.returncode == 0


async def test_streams_that_nobody_reads_end_with_the_next_line() -> None:
    (stdin, says), (hears, stdout) = os.pipe(), os.pipe()
    streams = StandardStreams(stdin, stdout)
    os.close(hears)
    with pytest.raises(BrokenPipeError):
        await streams.send(b"x")
    os.write(says, b"half a ")
    waiting = asyncio.ensure_future(streams.receive())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    os.write(says, b"line\n")
    assert await waiting == b""
    assert (streams.broken, streams.cut_off) == (True, False)
    await streams.close()
    for descriptor in (stdin, says, stdout):
        os.close(descriptor)


def test_a_realm_kept_in_another_way_is_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "two" / FILE_NAME)
    store.put("realm", "backend", "jsonl")
    store.close()
    said = 'Error: Store(RealmBackendMismatch { realm_id: "two", requested: "sqlite", existing: "jsonl" })'
    assert refusal("--realm", "two", "--state-root", str(tmp_path), "--realm-backend", "sqlite") == (1, said)


@pytest.mark.parametrize("before", [b"", line("initialize")])
def test_bytes_that_are_no_utf8_end_the_process_with_1(before: bytes) -> None:
    done = run(said=before + b'"\xff"\n')
    assert done.returncode == 1
    assert done.stderr == b'Error: Io(Custom { kind: InvalidData, error: "stream did not contain valid UTF-8" })\n'


def test_input_from_a_plain_file_is_served(tmp_path: Path) -> None:
    asked, answered = tmp_path / "asked", tmp_path / "answered"
    asked.write_bytes(line("initialize") + b"junk\n")
    with asked.open("rb") as stdin, answered.open("wb") as stdout:
        done = subprocess.run(DROPIN, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(each)["id"] for each in answered.read_bytes().splitlines()] == [1, None]


def test_a_broken_scenario_is_refused_with_its_finding(tmp_path: Path) -> None:
    scenario = tmp_path / "broken.mock.yaml"
    scenario.write_text("sesions: []\n")
    done = run("--scenario", str(scenario))
    assert (done.stdout, done.returncode) == (b"", 1)
    assert b"unknown key `sesions`" in done.stderr


@pytest.mark.parametrize(
    ("script", "said"),
    [("{", "Error: MEERKAT_MOCK_OAUTH is not JSON"), ("[]", "Error: MEERKAT_MOCK_OAUTH must be an object")],
)
def test_a_script_of_logins_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, script: str, said: str) -> None:
    monkeypatch.setenv("MEERKAT_MOCK_OAUTH", script)
    code, told = refusal()
    assert code == 1
    assert told.startswith(said)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", 'InvalidInput, error: "could not resolve TCP bind address `nonsense`: invalid socket address"'),
        ("127.0.0.1:99999", 'InvalidInput, error: "could not resolve TCP bind address `127.0.0.1:99999`: invalid port value"'),
        ("0.0.0.0:0", f'PermissionDenied, error: "{NOT_LOOPBACK}"'),
    ],
)
def test_a_tcp_address_that_may_not_be_bound_is_refused(address: str, said: str) -> None:
    assert refusal("--tcp", address) == (1, f"Error: Custom {{ kind: {said} }}")


def test_a_taken_port_is_told_after_the_line_that_it_listens(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    busy = 'Error: Io(Os { code: 98, kind: AddrInUse, message: "Address already in use" })'
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert refusal("--tcp", address) == (1, busy)
        assert capsys.readouterr().err == f"rkat-rpc listening on tcp://{address}\n"
        assert refusal("--live-ws", address) == (1, busy)
        assert capsys.readouterr().err == ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


async def ask(port: int) -> Any:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(line("initialize"))
    answer = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answer


async def test_any_number_of_clients_are_served_over_tcp_until_ctrl_c() -> None:
    port = free_port()
    command = [*SERVE, "--tcp", f"127.0.0.1:{port}", "--live-ws", "127.0.0.1:0"]
    env = {**os.environ, "OPENAI_API_KEY": "sk-test"}
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=env)
    assert process.stderr is not None
    live, listening = await process.stderr.readline(), await process.stderr.readline()
    assert live.startswith(b"rkat-rpc live-ws listening on ws://127.0.0.1:")
    assert listening == f"rkat-rpc listening on tcp://127.0.0.1:{port}\n".encode()
    while True:  # the line comes before the socket is bound, as the server's does
        try:
            first, second = await asyncio.gather(ask(port), ask(port))
            break
        except ConnectionRefusedError:
            await asyncio.sleep(0)
    assert first == second
    assert first["result"]["contract_version"] == "0.6.5"
    process.send_signal(signal.SIGINT)
    _, rest = await process.communicate()
    assert b"Traceback" not in rest
    assert process.returncode != 0


def test_serve_refuses_two_roads_at_once() -> None:
    done = CliRunner().invoke(main, ["serve", "--stdio", "--tcp", "127.0.0.1:1"])
    assert done.exit_code == 2
    assert "--stdio and --tcp exclude each other" in done.output


def test_serve_refuses_as_the_executable_does() -> None:
    done = CliRunner().invoke(main, ["serve", "--realm", "_x"])
    assert (done.exit_code, done.output) == (1, 'Error: InvalidRealmId("_x")\n')
