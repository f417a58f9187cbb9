"""`meerkat-mock model`: the endpoint as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def serving(scenario: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    file = folder / "desk.mock.yaml"
    file.write_text(scenario)
    command = [sys.executable, "-m", "meerkat_mock.cli", "model", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.kill()


def asked(url: str, prompt: str) -> str:
    body = json.dumps({"model": "any", "messages": [{"role": "user", "content": prompt}]}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=10) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"])


def test_it_prints_its_address_plays_the_file_and_ends_on_an_interrupt(tmp_path: Path) -> None:
    with serving("sessions: [{turns: [{say: Hello}]}]", tmp_path) as (process, url):
        assert asked(url, "Hi") == "Hello"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130


def test_it_says_which_scripts_an_endpoint_can_never_choose(tmp_path: Path) -> None:
    with serving("sessions:\n  - {match: {labels: {app: desk}}, turns: [{say: Hello}]}\n", tmp_path) as (process, _url):
        assert process.stderr is not None
        assert "desk.mock.yaml:2: mock only: no request to a model shows labels" in process.stderr.readline()


def test_it_says_which_parts_of_an_answer_no_endpoint_can_say(tmp_path: Path) -> None:
    with serving("sessions: [{turns: [{say: A cat, image: {size: 2x2}}]}]", tmp_path) as (process, url):
        assert asked(url, "Draw") == "A cat"
        assert process.stderr is not None
        line = process.stderr.readline()
    assert "mock only: a generated image (" in line
    assert "desk.mock.yaml:1) is left out of the answer" in line


def test_a_file_that_cannot_be_played_is_refused_with_its_findings(tmp_path: Path) -> None:
    file = tmp_path / "wrong.mock.yaml"
    file.write_text("sessions: [{turns: [{sai: Hello}]}]")
    result = subprocess.run(
        [sys.executable, "-m", "meerkat_mock.cli", "model", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 1
    assert "`sai`" in result.stderr
