"""Every example of README and of the documentation is run as a reader would run it.

How a fenced block is read, by the words after its three backticks:

* `python`: a script; with a `def test_` in it, a test file for pytest, which is set up as README says;
* `console`: each line after `$ ` is a command of `sh`; the lines below it are what it must print, where a line `...` stands for any lines
  and `...` within a line for any text; with nothing below, it need only succeed;
* any language with `title="NAME"`: a file of that name beside the examples of its page (a scenario among them is linted);
* `yaml` without a title: a scenario, linted; every other language is for reading only.

Each block runs in a fresh folder that holds the titled files of its page and the scenarios of the project.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)(?:[^\n`]*?title=\"(?P<title>[^\"]+)\")?[^\n`]*\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
RUN = ("python", "console", "yaml")
LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Block:
    """One fenced block of a page, with the line its text starts at."""

    page: pathlib.Path
    line: int
    language: str
    title: str | None
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def blocks_of(page: pathlib.Path) -> list[Block]:
    """Return the fenced blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for m in FENCE.finditer(text):
        body = re.sub(f"^{m['indent']}", "", m["text"], flags=re.MULTILINE)
        found.append(Block(page, text.count("\n", 0, m.start("text")) + 1, m["language"], m["title"], body))
    return found


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
EXAMPLES = [block for block in BLOCKS if block.language in RUN]


def call(folder: pathlib.Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder, with the mock in the place of the real server and our own scripts first on PATH."""
    scripts = pathlib.Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "MEERKAT_BIN_PATH": str(scripts / "rkat-rpc-mock"),
        "NO_COLOR": "1",
    }
    return subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )


def succeed(folder: pathlib.Path, *command: str) -> str:
    """Run a command that must succeed; return what it printed."""
    done = call(folder, *command)
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def folder(tmp_path: pathlib.Path, block: Block) -> pathlib.Path:
    """Return the folder that a reader of this page would be in."""
    (set_up,) = (each for each in BLOCKS if each.page.name == "README.md" and each.title == "pytest.ini")
    (tmp_path / "pytest.ini").write_text(set_up.text, encoding="utf-8")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    for other in BLOCKS:
        if other.page == block.page and other.title:
            path = tmp_path / other.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(other.text, encoding="utf-8")
    return tmp_path


def run_python(folder: pathlib.Path, block: Block) -> None:
    is_test = re.search(r"^(async )?def test_", block.text, re.MULTILINE)
    path = folder / (block.title or ("test_example.py" if is_test else "example.py"))
    path.write_text(block.text, encoding="utf-8")
    if is_test:
        succeed(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path))
    else:
        succeed(folder, sys.executable, "-W", "error", str(path))


def run_console(folder: pathlib.Path, block: Block) -> None:
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)
    assert commands, "a console block needs a line that starts with '$ '"
    for command, expected in commands:
        done = call(folder, "sh", "-c", command)
        if expected.strip():
            assert re.fullmatch(pattern(expected), done.stdout.strip()), (
                f"$ {command}\nexpected:\n{expected}\nprinted:\n{done.stdout}{done.stderr}"
            )
        else:
            assert done.returncode == 0, f"$ {command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"


def pattern(expected: str) -> str:
    """Return the regular expression for an expected output with its `...`."""
    lines = [
        r"[\s\S]*?" if line.strip() == "..." else re.escape(line.rstrip()).replace(re.escape("..."), ".*") + r"\s*?\n?"
        for line in expected.strip().splitlines()
    ]
    return "".join(lines)


def run_yaml(folder: pathlib.Path, block: Block) -> None:
    path = folder / (block.title or "example.mock.yaml")
    path.write_text(block.text, encoding="utf-8")
    if path.name.endswith(".mock.yaml"):
        succeed(folder, "meerkat-mock", "lint", str(path))


@pytest.mark.parametrize("block", EXAMPLES, ids=[block.name for block in EXAMPLES])
def test_the_example_works(block: Block, folder: pathlib.Path) -> None:
    {"python": run_python, "console": run_console, "yaml": run_yaml}[block.language](folder, block)


def test_readme_has_examples() -> None:
    assert any(block.page.name == "README.md" for block in EXAMPLES)


def test_readme_gives_the_commands_that_are_run_for_every_change() -> None:
    readme, script = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run"))
    (command,) = re.findall(r"^test_command='(.*)'$", script, re.MULTILINE)
    assert command in readme.splitlines()
