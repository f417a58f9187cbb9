"""What is well formed but cannot mean what its author wanted."""

from __future__ import annotations

from meerkat_mock.scenario.lint import lint_document
from meerkat_mock.scenario.reader import read_text


def codes(text: str) -> list[str]:
    return [item.code for item in lint_document(read_text(text, "a.yaml"))]


def test_scripts_that_match_the_same_conversations_tie_and_both_lines_are_named() -> None:
    text = "sessions:\n - {match: {prompt: a}, turns: [{say: x}]}\n - {match: {prompt: a}, turns: [{say: y}]}"
    (finding,) = lint_document(read_text(text, "a.yaml"))
    assert (finding.code, finding.line) == ("tie", 3)
    assert "a.yaml:2" in finding.message


def test_a_script_that_another_always_beats_is_unreachable() -> None:
    wide = "{reuse: true, match: {prompt: refund}, turns: [{say: x}]}"
    narrow = "{match: {prompt: {one_of: [refund]}}, turns: [{say: y}]}"
    assert codes(f"sessions: [{wide}, {narrow}]") == ["unreachable"]
    assert codes(f"sessions: [{wide.replace('reuse: true, ', '')}, {narrow}]") == []


def test_different_needles_are_no_tie() -> None:
    assert (
        codes("sessions: [{match: {prompt: {contains: a}}, turns: [{say: x}]}, {match: {prompt: {contains: b}}, turns: [{say: y}]}]") == []
    )


def test_rounds_behind_the_end_of_a_turn_are_found_unless_they_answer_a_schema() -> None:
    assert codes("sessions: [{turns: [{rounds: [{say: a}, {say: b}]}]}]") == ["after_end"]
    assert codes("sessions: [{turns: [{rounds: [{say: a}, {json: {}}]}]}]") == []
    assert codes("sessions: [{turns: [{expect: {output_schema: present}, rounds: [{say: a}, {say: b}]}]}]") == []


def test_names_and_places_of_faults_are_checked() -> None:
    assert codes("sessions: [{name: a, match: {prompt: x}, turns: [{say: x}]}, {name: a, turns: [{say: x}]}]") == ["duplicate_name"]
    text = "sessions: [{name: refund, turns: [{say: x}]}]\nfaults: {f: {when: {session: refnd}, overflow: 3}}"
    (finding,) = lint_document(read_text(text))
    assert (finding.code, finding.hint) == ("unknown_session", "did you mean `refund`?")


def test_an_image_outside_the_folder_is_found() -> None:
    assert codes("sessions: [{turns: [{say: x, image: {path: ../../etc/passwd}}]}]") == ["image"]
