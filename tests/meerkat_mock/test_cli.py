"""The command line as a person uses it: what it prints and how it exits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner, Result

from meerkat_mock.cli import VERBS, main
from meerkat_mock.quirks import QUIRKS

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.mock.yaml"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name.removesuffix(".mock.yaml"))
def test_play_plays_every_scenario_of_the_folder_without_a_violation(scenario: Path) -> None:
    result = run("play", str(scenario))
    assert result.exit_code == 0, result.output
    assert "> " in result.output


def test_play_streams_prompts_tools_and_answers() -> None:
    result = run("play", str(SCENARIOS[0].parent / "tool-call.mock.yaml"))
    assert "Which order?" in result.output
    assert "lookup_order" in result.output
    assert "Order 1042 is some status." in result.output


def test_what_a_scenario_says_cannot_command_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "evil.mock.yaml"
    file.write_text(r'sessions: [{turns: [{prompt: "\e[2J", say: "a\tb\n\e]0;title\a\u202Etxt"}]}]', encoding="utf-8")
    result = run("play", str(file))
    assert result.exit_code == 0, result.output
    assert "> \\x1b[2J\n" in result.output
    assert "a\tb\n\\x1b]0;title\\x07\\u202etxt" in result.output


def test_play_prints_every_line_of_the_wire_as_json() -> None:
    lines = run("play", "--json", str(SCENARIOS[0].parent / "hello.mock.yaml")).output.splitlines()
    messages = [json.loads(line) for line in lines]
    assert messages[0]["message"]["method"] == "initialize"
    assert {message["direction"] for message in messages} == {"in", "out"}


def test_play_exits_with_1_and_every_finding_for_a_broken_scenario(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mock.yaml"
    broken.write_text("sesions: []\nquirks: {no_such: maybe}\n")
    result = run("play", str(broken))
    assert result.exit_code == 1
    assert "sesions" in result.output
    assert "no_such" in result.output


def test_lint_counts_files_and_findings(tmp_path: Path) -> None:
    (tmp_path / "a.mock.yaml").write_text("sessions: [{turns: [{say: 1}]}]\n")
    result = run("lint", str(tmp_path))
    assert result.exit_code == 1
    assert "1 file, 1 finding" in result.output


def test_lint_of_a_folder_without_scenarios_is_wrong_use(tmp_path: Path) -> None:
    result = run("lint", str(tmp_path))
    assert result.exit_code == 2
    assert "no scenario" in result.output


def test_schema_prints_a_json_schema() -> None:
    assert "sessions" in json.loads(run("schema").output)["properties"]


def test_quirks_prints_the_table_in_both_forms() -> None:
    assert "null_id_on_bad_params" in run("quirks", "--json").output
    assert run("quirks").exit_code == 0


@pytest.mark.parametrize("columns", [30, 80, 140])
def test_the_names_of_quirks_stay_whole_in_a_terminal_of_any_width(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    said = run("quirks").output
    assert all(name in said for name in QUIRKS)
    assert "…" not in said


def test_an_unknown_verb_is_told_the_nearest() -> None:
    result = run("plya")
    assert result.exit_code == 2
    assert "did you mean 'play'?" in result.output


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert f"meerkat-mock {verb}" in result.output


def chat(typed: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["chat", *arguments], input=typed)


def test_chat_goes_on_in_one_session_until_an_empty_line() -> None:
    result = chat('one @script[{"say": ["Uno"]}]\ntwo @script[{"say": ["Dos"]}]\n\nthree\n')
    assert result.exit_code == 0, result.output
    assert result.output.index("Uno") < result.output.index("Dos")
    assert "three" not in result.output


def test_chat_shows_a_turn_that_fails_and_goes_on() -> None:
    result = chat('one @script[{"fail": {"kind": "auth"}}]\ntwo @script[{"say": ["Dos"]}]\n')
    assert "Dos" in result.output
    assert "failed: Terminal failure" in result.output


def test_chat_plays_a_scenario_and_tells_what_it_does_not_know() -> None:
    result = chat("hi\nmore\n", str(SCENARIOS[0].parent / "hello.mock.yaml"))
    assert result.exit_code == 1
    assert "Hello" in result.output
    assert "hello.mock.yaml" in result.output.partition("Hello")[2]


def test_chat_with_a_broken_scenario_shows_every_finding(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mock.yaml"
    broken.write_text("sesions: []\n")
    result = chat("hi\n", str(broken))
    assert result.exit_code == 1
    assert "unknown key `sesions`" in result.output


def test_play_takes_variables_as_name_and_value() -> None:
    scenario = str(SCENARIOS[0].parent / "hello.mock.yaml")
    result = run("play", "--var", "nonsense", scenario)
    assert result.exit_code == 2
    assert "'nonsense' is no NAME=VALUE" in result.output


def test_model_with_a_broken_scenario_shows_every_finding(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mock.yaml"
    broken.write_text("sesions: []\n")
    result = run("model", str(broken))
    assert result.exit_code == 1
    assert "unknown key `sesions`" in result.output


def test_model_serves_the_model_of_a_scenario_until_ctrl_c() -> None:
    command = [sys.executable, "-m", "meerkat_mock.cli", "model", str(SCENARIOS[0].parent / "hello.mock.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().split(" at ")[1].strip()
        body = json.dumps({"model": "any", "messages": [{"role": "user", "content": "hi"}]}).encode()
        asked = Request(url, body, {"content-type": "application/json"})
        with urlopen(asked, timeout=20) as answer:
            assert json.load(answer)["choices"][0]["message"]["content"] == "Hello"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, b"")


def test_chat_ends_at_once_when_ctrl_c_is_pressed_at_its_prompt() -> None:
    screen, keyboard = os.openpty()
    command = [sys.executable, "-m", "meerkat_mock.cli", "chat", str(SCENARIOS[0].parent / "hello.mock.yaml")]
    with subprocess.Popen(command, stdin=keyboard, stdout=keyboard, stderr=subprocess.PIPE) as process:
        shown = b""
        while not shown.endswith(b"> \x1b[0m"):
            shown += os.read(screen, 1)
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 130
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    os.close(screen)
    os.close(keyboard)


def test_chat_ends_when_its_input_cannot_be_read() -> None:
    with open(os.devnull, "w") as unreadable:
        done = subprocess.run(
            [sys.executable, "-m", "meerkat_mock.cli", "chat"], stdin=unreadable, capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: standard input cannot be read (Bad file descriptor); type at a terminal, or pipe lines in\n"


def test_an_interrupt_that_a_verb_leaves_to_others_ends_the_program_with_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("meerkat_mock.cli.coverage._read", pressed)
    (tmp_path / "a.jsonl").touch()
    done = CliRunner().invoke(main, ["coverage", str(tmp_path)])
    assert (done.exit_code, done.output) == (130, "")
