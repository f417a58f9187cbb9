"""The strict reader: every finding at once, each with its place and its repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat_mock.scenario.document import Finding, ScenarioError
from meerkat_mock.scenario.lint import lint_document
from meerkat_mock.scenario.reader import read, read_text
from meerkat_mock.scenario.tree import MAX_BYTES, plain_scalar

if TYPE_CHECKING:
    from pathlib import Path


def findings(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read_text(text, "a.yaml")
    assert str(caught.value).splitlines() == [str(item) for item in caught.value.findings]
    return [str(item) for item in caught.value.findings]


def test_all_findings_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        "sessions:\n  - match: {labelz: {}}\n    turns:\n      - {say: 5}\n      - {sya: hi}\n    reuse: on\ndefaults: {unmatched: eror}\n"
    )
    assert findings(text) == [
        "a.yaml:2:13: unknown key `labelz`; did you mean `labels`?",
        "a.yaml:4:15: `say`: needs a text or a list of texts (the chunks)",
        "a.yaml:5:10: unknown key `sya`; did you mean `say`?",
        'a.yaml:6:12: `reuse` needs `true` or `false`, not "on" (string); YAML 1.2 knows only `true` and `false`',
        'a.yaml:7:23: `unmatched` cannot be "eror"; allowed: error, auto; did you mean `error`?',
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sessions: []\nsessions: []", "a.yaml:2:1: the key `sessions` is here twice; it stands at line 1 already; keep one"),
        ("seed: !!python/object:os.system x", "the tag"),
        ("seed: &a [*a]", "stands inside what it repeats"),
        ("seed: *a", "nothing is called `&a`"),
        ("a: 1\n---\nb: 2", "second document"),
        ("sessions: [", "this is no YAML"),
        ("", "the file is empty"),
        ("- a", "a scenario is an object"),
        ("{[a]: 1}", "a key must be a text"),
        ("vars: {a: .nan}", "is no number that JSON knows"),
        ("sessions: [{turns: [{say: '${who}'}]}]\nvars: {whom: 1}", "nobody gives `who` a value; did you mean `whom`?"),
        ("vars: {a: " + "[" * 70 + "]" * 70 + "}", "nested deeper than 64"),
        ("sessions: [{turns: [{say: Rain, and more}]}]", "put the text before it in quotes"),
        ("sessions: [{turns: [{pace: {each: 5 minutes}}]}]", "is no duration"),
        ("sessions: [{match: {prompt: {containz: a}}, turns: [{say: a}]}]", "did you mean `contains`?"),
        ("sessions: [{match: {prompt: {regex: '(a+)+'}}, turns: [{say: a}]}]", "can take for ever"),
        ("clock: {start: 2026-03-02}", "needs a time like"),
        ("stubs: [{result: 1}]", "a.yaml:1:9: `method` is missing in `stubs`; add `method:`"),
        ("sessions: {a: 1}", '`sessions` needs a list, not {"a": 1} (object); begin each item with `- `, or write [...]'),
        ("seed: 1.5", "`seed` needs a whole number, not 1.5 (number)"),
        ("sessions: [{turns: []}]", "`turns`: is empty; give it at least one item"),
        ("models: [{id: ''}]", "a.yaml:1:15: `id` is empty; give it a text"),
        ("sessions: [{name: 5, turns: [{say: a}]}]", '`name` needs a text, not 5 (integer); write it in quotes: "5"'),
        ("sessions: [{name: true, turns: [{say: a}]}]", '`name` needs a text, not true (boolean); write it in quotes: "true"'),
        ("fidelity: 3", "`fidelity` cannot be 3; allowed: server, contract"),
        ("mobs: [{members: {a: {turns: [{sey: 1}]}}}]", "a.yaml:1:32: unknown key `sey`; did you mean `say`?"),
        ("defaults: {usage: {input: -1}}", "`input`: must be greater than or equal to 0"),
        ("include: ../x.yaml", "lies outside"),
        ("include: nowhere.yaml", "there is no file"),
        ("faults: {f: {when: {turn: 1}}}", "needs exactly one of"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    assert any(says in line for line in findings(text)), findings(text)


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "big.mock.yaml"
    file.write_text("# " + "x" * MAX_BYTES)
    with pytest.raises(ScenarioError, match="at most 1048576 are read"):
        read(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sessions: []\n---\nvars: {}", "a.yaml:2:1: a second document starts here; "),
        ("vars: &v {b: *v}", "a.yaml:1:14: `*v` stands inside what it repeats; "),
        ("vars:\n a: *b", "a.yaml:2:5: nothing is called `&b`; "),
        ("vars:\n a: " + "[" * 70 + "]" * 70, "a.yaml:2:67: nested deeper than 64; "),
        ("vars:\n  a: x\0y", "a.yaml:2:7: the character U+0000 may not stand in YAML; "),
    ],
)
def test_what_ends_the_reading_has_its_place_once(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        read_text(text, "a.yaml")
    assert str(error.value).startswith(said)
    assert "no YAML" not in str(error.value)


def test_a_few_anchors_cannot_stand_for_millions_of_values() -> None:
    lines = ["vars:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert any("more than 200000 values" in line for line in findings("\n".join(lines)))


def test_anchors_without_cycles_are_fine() -> None:
    document = read_text("sessions:\n - turns: &t [{say: a}]\n - {match: {prompt: b}, turns: *t}")
    assert document.scenario.sessions[0].turns == document.scenario.sessions[1].turns


@pytest.mark.parametrize(
    "trap", ["on", "off", "yes", "no", "y", "12:30", "1_000", "2026-03-02", "2026-03-02T01:02:03Z", "0777x", "<<", "="]
)
def test_traps_of_older_yaml_stay_text(trap: str) -> None:
    assert read_text(f"vars: {{a: {trap}}}").scenario.vars == {"a": trap}


@pytest.mark.parametrize(
    ("word", "value"),
    [("null", None), ("~", None), ("True", True), ("false", False), ("-7", -7), ("0o17", 15), ("0x1F", 31), ("1e3", 1000.0), (".5", 0.5)],
)
def test_plain_words_mean_what_the_core_schema_says(word: str, value: object) -> None:
    assert plain_scalar(word) == value


def test_a_variable_keeps_its_type_and_can_be_overridden() -> None:
    text = "vars: {n: 5, who: Ann}\nseed: '${n}'\nsessions: [{turns: [{say: 'Hi ${who}, $${who} ${n}'}]}]"
    assert read_text(text).scenario.seed == 5
    assert read_text(text, variables={"who": "Bo"}).scenario.sessions[0].turns[0].rounds[0].say == "Hi Bo, ${who} 5"


def test_included_files_are_joined_and_keep_their_positions(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.yaml").write_text("seed: 1\ndefaults: {chunk: word}\nsessions: [{name: base, turns: [{say: a}]}]\n")
    (tmp_path / "main.mock.yaml").write_text("include: parts/base.yaml\nseed: 2\nsessions: [{name: main, turns: [{say: b}]}]\n")
    document = read(tmp_path / "main.mock.yaml")
    assert [item.name for item in document.scenario.sessions] == ["base", "main"]
    assert (document.scenario.seed, document.scenario.defaults.chunk) == (2, "word")
    assert document.where("sessions", 0).endswith("base.yaml:3")
    assert document.where("sessions", 1).endswith("main.mock.yaml:3")


def test_a_file_that_includes_itself_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("include: b.yaml\n")
    (tmp_path / "b.yaml").write_text("include: a.yaml\n")
    with pytest.raises(ScenarioError, match="includes itself"):
        read(tmp_path / "a.yaml")


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(list("[]{}:,-&*!|>'\"#%@`? \n\tab1${}")), max_size=30))
def test_any_text_is_read_or_refused_with_findings(text: str) -> None:
    assert lint_text(text) is not None


def lint_text(text: str) -> list[Finding] | None:
    """Return the findings of a text; anything but findings or a document would escape as another exception."""
    try:
        document = read_text(text)
    except ScenarioError as error:
        return error.findings or None
    return lint_document(document)
