"""Faults that break the connection, as a process meets its client with them: the pipe ends with the process, the socket alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from meerkat import ConnectionLostError, MeerkatClient
from tests.meerkat_mock.process.test_dropin import DROPIN, free_port, line

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

KILLED = 137
STORY = """
sessions:
  - {name: cut, reuse: true, match: {prompt: cut}, turns: [{say: [Once, " upon", " a", " time."]}]}
  - {name: reset, reuse: true, match: {prompt: reset}, turns: [{say: [Once, " upon", " a", " time."]}]}
  - {name: whole, reuse: true, match: {prompt: whole}, turns: [{say: [Once, " upon", " a", " time."]}]}
faults:
  cut: {when: {session: cut, after: {text_delta: 2}}, wire: {close: mid_line}, times: 2}
  reset: {when: {session: reset, after: {text_delta: 2}}, wire: {close: reset}, times: 2}
"""
FAULTS = ("--fault", "cut", "--fault", "reset")


@pytest.fixture
def story(tmp_path: Path) -> tuple[str, ...]:
    """The flags that play the story with both faults on."""
    file = tmp_path / "story.mock.yaml"
    file.write_text(STORY)
    return ("--scenario", str(file), *FAULTS)


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_process_ends_with_its_broken_pipe_though_its_input_stays_open(story: tuple[str, ...], fault: str) -> None:
    with subprocess.Popen([*DROPIN, *story], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line("session/create", prompt=fault))
        process.stdin.flush()
        said = process.stdout.read()
        assert process.wait(60) == KILLED
    assert b'"id":1' not in said
    assert said.endswith(b"\n") is False if fault == "cut" else said[-1:] in (b"", b"\n")


@pytest.mark.parametrize("fault", ["cut", "reset"])
async def test_the_client_of_a_broken_pipe_is_told_how_the_process_ended(story: tuple[str, ...], fault: str) -> None:
    client = await MeerkatClient(str(Path(sys.executable).with_name("rkat-rpc-mock"))).connect(extra_args=story)
    with pytest.raises(ConnectionLostError) as caught:
        await client.create_session(fault)
    assert caught.value.exit_status == KILLED
    await client.close()


@pytest.fixture
async def address(story: tuple[str, ...]) -> AsyncGenerator[str]:
    """Where a process with both faults listens."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(*DROPIN, "--tcp", f"127.0.0.1:{port}", *story, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    await process.stderr.readline()
    yield f"127.0.0.1:{port}"
    assert process.returncode is None, "a broken connection ends no server of several clients"
    process.terminate()
    await process.communicate()


async def dial(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.partition(":")
    while True:  # the line comes before the socket is bound
        try:
            return await asyncio.open_connection(host, int(port))
        except ConnectionRefusedError:
            await asyncio.sleep(0)


async def raw(address: str, prompt: str) -> tuple[bytes, Exception | None]:
    """Return every byte that came, and how the connection broke."""
    reader, writer = await dial(address)
    writer.write(line("session/create", prompt=prompt))
    said, error = b"", None
    try:
        while more := await reader.read(65536):
            said += more
    except ConnectionError as broken:
        error = broken
    writer.close()
    return said, error


async def test_over_tcp_the_connection_breaks_and_the_server_goes_on(address: str) -> None:
    said, error = await raw(address, "cut")
    assert b"Once" in said
    assert not said.endswith(b"\n")
    assert error is None
    _, error = await raw(address, "reset")
    assert isinstance(error, ConnectionResetError)
    for prompt in ("cut", "reset"):
        client = await MeerkatClient().connect(tcp=address)
        with pytest.raises(ConnectionLostError):
            await client.create_session(prompt)
        await client.close()
    client = await MeerkatClient().connect(tcp=address)
    assert (await client.create_session("whole")).text == "Once upon a time."
    await client.close()
