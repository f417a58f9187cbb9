"""Stubs: answers of last resort."""

from __future__ import annotations

import pytest

from meerkat import MeerkatError
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.report.conversation import render_conversation
from meerkat_mock.violations import MockViolations

LISTED = {"sessions": []}


async def test_a_stub_answers_a_method_and_is_shown_as_one(meerkat_mock: MeerkatMock) -> None:
    meerkat_mock.stub("session/list", result=LISTED)
    async with meerkat_mock.client() as client:
        assert await client.list_sessions() == []
    assert "[stub] result" in render_conversation(meerkat_mock.journal)


async def test_a_stub_answers_as_often_as_it_says_and_then_the_server_does(meerkat_mock: MeerkatMock) -> None:
    meerkat_mock.stub("session/read", error={"code": -32001, "message": "gone for a moment"}, times=1)
    meerkat_mock.session().turn(say="Hi")
    async with meerkat_mock.client() as client:
        session = await client.create_session("Hello")
        with pytest.raises(MeerkatError, match="gone for a moment"):
            await client.read_session(session.id)
        assert (await client.read_session(session.id)).session_id == session.id


async def test_params_decide_which_stub_answers(meerkat_mock: MeerkatMock) -> None:
    meerkat_mock.stub("session/read", params={"session_id": {"glob": "a*"}}, error={"code": -32001, "message": "of a"})
    meerkat_mock.stub("session/read", params={"session_id": "b"}, error={"code": -32001, "message": "of b"})
    async with meerkat_mock.client() as client:
        with pytest.raises(MeerkatError, match="of b"):
            await client.read_session("b")
        with pytest.raises(MeerkatError, match="of a"):
            await client.read_session("abc")


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        ("session/list", {"result": {"sesions": []}}, ["breaks the contract", "sessions", "this field"]),
        ("session/list", {"error": {"code": 7, "message": "x"}}, ["breaks the contract", "error.code"]),
        ("session/lst", {"result": {}}, ["no method of the contract", "session/list"]),
    ],
)
async def test_a_stub_that_breaks_the_contract_is_a_violation_with_its_line(
    method: str, given: dict[str, object], words: list[str]
) -> None:
    mock = MeerkatMock(strict=False)
    mock.stub(method, **given)
    async with mock.client():
        pass
    with pytest.raises(MockViolations) as failure:
        mock.assert_clean()
    assert [violation.code for violation in failure.value.violations] == ["contract"]
    assert "test_stubs.py:" in failure.value.violations[0].where
    for word in words:
        assert word in str(failure.value)


async def test_a_stub_that_never_answers_is_a_violation_that_names_the_request_that_differs() -> None:
    mock = MeerkatMock()
    mock.stub("session/read", params={"session_id": "a"}, error={"code": -32001, "message": "x"})
    mock.stub("session/list", result=LISTED, times=2)
    mock.script.stub("skills/list", result={"skills": []}, optional=True)
    async with mock.client() as client:
        with pytest.raises(MeerkatError):
            await client.read_session("b")
        await client.list_sessions()
    with pytest.raises(MockViolations, match="the stub of session/read never answered") as failure:
        mock.assert_clean()
    text = str(failure.value)
    assert "wanted »a«, got »b«" in text
    assert "answered 1 of 2 times" in text
    assert "stub of skills/list never answered" not in text
