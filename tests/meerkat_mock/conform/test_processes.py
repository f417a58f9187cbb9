"""Servers as processes: whatever they do, the player ends, and says what became of them; and the verb around it."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from meerkat_mock.cli import main
from meerkat_mock.conform import GOLDENS, generating, player, roads
from meerkat_mock.conform.campaign import Campaign, Generated
from meerkat_mock.conform.golden import Golden
from meerkat_mock.conform.player import play
from meerkat_mock.conform.roads import ChildProcess, InMemory, ServerFailed, world_of
from meerkat_mock.conform.steps import Ask
from meerkat_mock.server import Server

if TYPE_CHECKING:
    from meerkat_mock.conform.player import Outcome
    from meerkat_mock.conform.roads import Road, Start

MOCK = shlex.join([sys.executable, "-m", "meerkat_mock.dropin"])
WRONG = shlex.join([sys.executable, str(Path(__file__).parent / "wrong_server.py")])
INTRODUCTION = GOLDENS / "transport" / "introspection.jsonl"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "EXIT_S", 0.05)


async def played(code: str, patience: float = 0.2) -> Outcome:
    """Play a short recording against a server that is this Python code."""
    return await play(Golden.read(INTRODUCTION), ChildProcess.command(sys.executable, "-S", "-c", code), patience)


async def test_a_server_that_dies_is_told_with_its_last_words() -> None:
    outcome = await played("import sys; sys.stdin.readline(); sys.exit('Error: no realm')")
    assert outcome.differences
    assert outcome.last_words == "the server ended with status 1; its standard error ended:\nError: no realm"


async def test_a_server_that_says_nothing_is_given_up_and_killed() -> None:
    outcome = await played("import time; time.sleep(600)", patience=0.05)
    assert any("in vain for response" in note for note in outcome.notes)
    assert outcome.last_words == "the server was killed and wrote nothing to its standard error"


async def test_a_server_that_floods_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "MESSAGES_LIMIT", 20)
    outcome = await played("while True: print('{}', flush=True)")
    assert "the server wrote 20 messages more than expected" in outcome.notes


async def test_a_line_past_all_limits_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "LINE_BYTES", 1000)
    outcome = await played("print('x' * 5000, flush=True); input(); input()")
    assert "the server wrote a line of more than 1000 bytes" in outcome.notes


async def test_a_server_that_does_not_read_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    text = INTRODUCTION.read_text().splitlines()
    long = json.dumps({"t": 1, "dir": ">", "msg": {"jsonrpc": "2.0", "id": 9, "method": "x", "params": "x" * 1_000_000}})
    monkeypatch.setattr(player, "IMPATIENCE_SECONDS", 0.02)
    golden = Golden("\n".join([text[0], long, long]), "long")
    outcome = await play(golden, ChildProcess.command(sys.executable, "-S", "-c", "import time; time.sleep(600)"), 0.05)
    assert outcome.notes == ["gave the conversation up after 0 s"]


async def test_files_of_the_command_are_looked_up_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "server.py").write_text("import sys; sys.exit('Error: found')")
    monkeypatch.chdir(tmp_path)
    outcome = await play(Golden.read(INTRODUCTION), ChildProcess.command(sys.executable, "-S", "server.py"), 0.05)
    assert outcome.last_words.endswith("Error: found")


async def test_a_program_in_a_folder_is_looked_up_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "server"
    program.write_text("#!/bin/sh\necho 'Error: found' >&2; exit 3\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    outcome = await play(Golden.read(INTRODUCTION), ChildProcess.command("./server"), 0.05)
    assert outcome.last_words == "the server ended with status 3; its standard error ended:\nError: found"


async def test_a_server_may_take_longer_to_start_than_to_answer() -> None:
    golden = Golden("\n".join(INTRODUCTION.read_text().splitlines()[:3]).replace('"t": 56.9', '"t": 0.2'), "greeting")
    answer = f"print(json.dumps({golden.lines[1].message!r}), flush=True)"
    code = f"import json, sys, time; sys.stdin.readline(); time.sleep(0.5); {answer}; sys.stdin.read()"
    command = ChildProcess.command(sys.executable, "-S", "-c", code)
    assert (await play(golden, command, 0.0)).notes == ["waited 0.0 s in vain for response 1 [0]"]
    assert (await play(golden, command, 0.0, starting=20.0)).notes == []


async def test_a_command_that_is_none_is_told() -> None:
    with pytest.raises(ServerFailed, match="no-such-server cannot be started"):
        await play(Golden.read(INTRODUCTION), ChildProcess.command("no-such-server"))


# ---- the verb ----------------------------------------------------------------------------------------------------------------------


def conform(server: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["conform", "--server", server, *arguments])


def test_a_server_that_really_asks_the_model_agrees_and_all_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEERKAT_MOCK_MODEL", "endpoint")
    result = conform(MOCK, "--only", "transport/introspection", "--generated", "1")
    assert (result.exit_code, result.stdout) == (0, "2 agreed, 0 known difference, 0 new difference\n")


def test_a_wrong_server_ends_badly_and_is_told_in_every_form(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "intro.jsonl").write_text(INTRODUCTION.read_text())
    server = f"{WRONG} lacks_a_capability"
    result = conform(
        server, "--recordings", str(folder), "--generated", "0", "--shorten", "0", "--json", "--junit", str(report), "--patience", "5"
    )
    assert result.exit_code == 1, result.output
    found = json.loads(result.stdout)
    assert found["counts"]["new difference"] == 1
    (conversation,) = found["conversations"]
    assert {difference["path"].partition("[")[0] for difference in conversation["differences"]} == {"$.result.methods"}
    assert ET.parse(report).getroot().get("failures") == "1"


def test_a_server_that_does_not_start_is_told_with_the_end_of_its_stderr() -> None:
    result = conform(f"{shlex.quote(sys.executable)} -S -c \"raise SystemExit('no licence')\"", "--generated", "0", "--patience", "0.5")
    assert result.exit_code == 1
    assert "does not answer initialize" in result.stderr
    assert "no licence" in result.stderr


@pytest.mark.parametrize(
    ("server", "arguments", "said"),
    [
        ("mock", ["--only", "nothing", "--generated", "0"], "nothing to play"),
        ("mock", ["--only", "transport/*", "--skip", "transport/*", "--generated", "0"], "nothing to play"),
        ("'", [], "is no command"),
        (" ", [], "expected a command"),
        ("mock", ["--recordings", str(GOLDENS / "README.md")], "is no recorded conversation"),
    ],
)
def test_wrong_use_is_told(server: str, arguments: list[str], said: str) -> None:
    result = conform(server, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_without_hypothesis_generated_conversations_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "meerkat_mock.conform.generating", None)
    result = conform("mock", "--only", "nothing", "--generated", "3")
    assert result.exit_code == 2
    assert "meerkat-kit[hypothesis]" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("{", "line 1: no JSON"),
        ("[]", "line 1: expected an object"),
        ('{"golden": 2}', "line 1: this is no header"),
        ('{"golden": 1}', "it holds no line"),
    ],
)
def test_what_is_no_recording_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    result = conform("mock", "--recordings", str(tmp_path / "x.jsonl"), "--generated", "0")
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_that_is_no_text_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"\xff")
    assert "no UTF-8" in conform("mock", "--recordings", str(tmp_path)).stderr


def test_a_report_that_cannot_be_written_is_told_before_anything_is_played(tmp_path: Path) -> None:
    done = conform("no-such-server", "--junit", str(tmp_path / "nowhere" / "x.xml"))
    assert done.exit_code == 2
    assert f"there is no folder {tmp_path / 'nowhere'}" in done.output


def test_an_interrupt_ends_the_making_of_conversations_and_the_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    first = generating.conversation

    def pressed(area: object) -> object:
        signal.raise_signal(signal.SIGINT)
        made.append(area)
        return first(area)  # type: ignore[arg-type]

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(generating, "conversation", pressed)
    assert conform(MOCK, "--skip", "*", "--generated", "9").exit_code == 130
    assert made
    assert signal.getsignal(signal.SIGINT) is before


async def test_whoever_lets_go_of_a_campaign_leaves_no_server_behind() -> None:
    ended: list[str] = []

    class Silent(InMemory):
        async def close(self) -> list[str]:
            await asyncio.sleep(0)
            await super().close()
            ended.append("")
            return []

    started = asyncio.Semaphore(0)

    async def connect(start: Start) -> Road:
        started.release()
        return Silent(Server(world_of(start)))

    conversations = [Generated(str(number), [Ask(1, "no/such", {})]) for number in range(6)]
    playing = asyncio.ensure_future(Campaign(connect, jobs=3, endpoint=False).judge(conversations, lambda _: None))
    for _ in range(3):
        await started.acquire()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert len(ended) == 3
