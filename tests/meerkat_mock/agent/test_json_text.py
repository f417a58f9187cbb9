"""JSON with the server's words for its faults."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat_mock.agent.json_text import BadJson, read_json

FAULTS = {
    "": "EOF while parsing a value at line 1 column 0",
    "  \n ": "EOF while parsing a value at line 2 column 1",
    "nope": "expected ident at line 1 column 2",
    "tru": "EOF while parsing a value at line 1 column 3",
    "Paris": "expected value at line 1 column 1",
    "{": "EOF while parsing an object at line 1 column 1",
    '{"a"': "EOF while parsing an object at line 1 column 4",
    '{"a" 1}': "expected `:` at line 1 column 6",
    '{"a":1,}': "trailing comma at line 1 column 8",
    '{"a":1 "b"}': "expected `,` or `}` at line 1 column 8",
    "{a:1}": "key must be a string at line 1 column 2",
    '{"a":1,': "EOF while parsing a value at line 1 column 7",
    "[1 2]": "expected `,` or `]` at line 1 column 4",
    "[1,]": "trailing comma at line 1 column 4",
    "[": "EOF while parsing a list at line 1 column 1",
    "[1,": "EOF while parsing a value at line 1 column 3",
    "[,1]": "expected value at line 1 column 2",
    "{} x": "trailing characters at line 1 column 4",
    "{}\nHere you are": "trailing characters at line 2 column 1",
    '"abc': "EOF while parsing a string at line 1 column 4",
    '"é': "EOF while parsing a string at line 1 column 3",
    '"a\nb"': "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
    '"\\x"': "invalid escape at line 1 column 3",
    '"\\u12"': "EOF while parsing a string at line 1 column 6",
    '"\\uD800"': "unexpected end of hex escape at line 1 column 8",
    '"\\uDC00"': "lone leading surrogate in hex escape at line 1 column 7",
    "01": "invalid number at line 1 column 2",
    "-": "EOF while parsing a value at line 1 column 1",
    "-x": "invalid number at line 1 column 2",
    "1.": "EOF while parsing a value at line 1 column 2",
    "1.x": "invalid number at line 1 column 3",
    "1e": "EOF while parsing a value at line 1 column 2",
    "1e999": "number out of range at line 1 column 5",
    "NaN": "expected value at line 1 column 1",
    "[" * 128: "recursion limit exceeded at line 1 column 128",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_named_with_its_place(text: str) -> None:
    with pytest.raises(BadJson) as bad:
        read_json(text)
    assert str(bad.value) == FAULTS[text]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 2]))
def test_what_is_json_is_read(value: object, indent: int | None) -> None:
    assert read_json(json.dumps(value, indent=indent)) == value


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:1-.eE+tnu\\ d8'))
def test_a_text_is_read_or_named_as_bad(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(BadJson, match=r" at line 1 column \d+$"):
            read_json(text)
    else:
        assert read_json(text) == expected
