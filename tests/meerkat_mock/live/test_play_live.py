"""`meerkat-mock play` for scenarios with live channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from meerkat_mock.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
live:
  - name: desk
    match: {system_prompt: {contains: polite}}
    steps:
      - {hear: "Where is it?"}
      - {call: {lookup: {id: 7}}}
      - {speak: ["It left ", "on Monday."]}
      - {barge_in: {played: 200ms}}
      - {hear: "Stop."}
      - {write: "Sorry."}
      - {hear: audio}
      - {wait: 1s}
      - {close: 1000}
  - steps: [{speak: "Hi."}]
  - refuse: unreachable
"""


def test_a_live_script_is_talked_through_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "live.mock.yaml"
    file.write_text(SCRIPT)
    result = CliRunner().invoke(main, ["play", str(file)])
    assert result.output.splitlines() == [
        "== desk ==",
        "> Where is it?",
        "  lookup {'id': 7}",
        "It left ",
        "  the user barges in",
        "> Stop.",
        "Sorry.",
        "> audio",
        "== live-2 ==",
        "> Hello",
        "Hi.",
        "== live-3 ==",
        "failed to open provider session: Network timeout after 0ms",
    ]
    assert result.exit_code == 0
