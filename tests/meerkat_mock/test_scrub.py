"""Secrets do not get into what is kept: the text of members that hold one is replaced, and nothing else is touched."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
from typing import Any

import pytest

from meerkat import MeerkatError
from meerkat_mock.journal import Line
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.scrub import HIDDEN, scrub


def scrubbed(value: Any, **style: Any) -> Any:
    return json.loads(scrub(json.dumps(value, **style).encode()))


@pytest.mark.parametrize("name", ["secret", "access_token", "refresh_token", "api_key", "bearer_token", "password"])
@pytest.mark.parametrize("style", [{}, {"separators": (",", ":")}, {"indent": 1}])
def test_the_text_of_a_secret_member_is_replaced_wherever_it_stands(name: str, style: dict[str, Any]) -> None:
    secret = 's3cr"et\\ \u00e9 "'
    found = scrubbed({"params": [{"deep": {name: secret, "other": secret}}]}, **style)
    assert found == {"params": [{"deep": {name: HIDDEN.decode(), "other": secret}}]}


@pytest.mark.parametrize(
    "value",
    [
        {"method": "session/create", "params": {"prompt": "what is an api_key and a password?"}},
        {"secret_ref": "vault", "token_kind": "bearer_token", "my_password_hint": "blue"},
        {"api_key": None, "secret": {"kind": "env"}, "input_tokens": 5},
    ],
)
def test_what_is_no_text_of_a_secret_member_stays(value: Any) -> None:
    line = json.dumps(value).encode()
    assert scrub(line) == line


def test_a_line_without_any_secret_is_the_same_object() -> None:
    line = b'{"jsonrpc":"2.0"}\n'
    assert scrub(line) is line


async def test_a_secret_that_crosses_does_not_reach_the_journal() -> None:
    mock = MeerkatMock()
    async with mock.client() as client:
        with contextlib.suppress(MeerkatError):
            await client.patch_config({"realm": {"dev": {"auth_profile": {"main": {"secret": "hunter2"}}}}})
    lines = "".join(line.text for line in mock.journal)
    assert "hunter2" not in lines
    assert HIDDEN.decode() in lines


def test_a_line_that_nobody_has_looked_at_is_copied_and_pickled_without_its_secret() -> None:
    line = Line(1, 2.5, 3, "in", b'{"api_key":"hunter2"}\n', "stub")
    for again in (copy.copy(line), pickle.loads(pickle.dumps(line))):
        assert b"hunter2" not in pickle.dumps(again)
        assert (again.number, again.at, again.connection, again.direction, again.mark) == (1, 2.5, 3, "in", "stub")
        assert again.message == {"api_key": HIDDEN.decode()}
    assert b"hunter2" not in pickle.dumps(line)
