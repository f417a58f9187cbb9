"""Whatever is sent to a method of sessions about one that is there, it gets one answer of the contract, and the mock stays well."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meerkat.wire.methods import METHODS
from meerkat_mock.strategies.methods import damaged_params
from meerkat_mock.strategies.values import from_type
from tests.meerkat_mock.talk import MODEL, Refused, Talk, talking
from tests.properties.profiles import examples

SURFACES = ("sessions", "turns", "streams", "tools")
NAMES = sorted(row.name for row in METHODS.values() if row.surface in SURFACES)
ENVELOPE_CODES = {-32700, -32600, -32601, -32602, -32603}


async def _conversation(name: str, params: Any, *, aimed: bool) -> None:
    async with talking() as talk:
        session = await talk.create()
        if aimed and isinstance(params, dict):
            params = _aimed(params, session)
        await _one_answer(talk, name, params)
        assert (await talk.call("runtime/health"))["status"] == "ok"


def _aimed(params: dict[str, Any], session: str) -> dict[str, Any]:
    """Let the params mean a session that exists, and the model that plays."""
    aimed = dict(params)
    if isinstance(aimed.get("session_id"), str):
        aimed["session_id"] = session
    if isinstance(aimed.get("scope"), dict) and "session_id" in aimed["scope"]:
        aimed["scope"] = {"type": "session", "session_id": session}
    if isinstance(aimed.get("model"), str):
        aimed["model"] = MODEL
    return aimed


async def _one_answer(talk: Talk, name: str, params: Any) -> None:
    _, answer = await talk.ask(name, params)
    for _ in range(200):
        if answer.done() or talk.lost:
            break
        await asyncio.sleep(0.001)
    if talk.lost:
        assert [error.code for error in talk.lost] == [-32602]
        assert not answer.done()
        return
    assert answer.done(), f"{name} {params} was never answered"
    error = answer.exception()
    if error is not None:
        assert isinstance(error, Refused)
        assert error.code in ENVELOPE_CODES | set(METHODS[name].errors)
        assert error.message


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_valid_params_are_answered(name: str, data: st.DataObject) -> None:
    params = data.draw(from_type(METHODS[name].params))
    asyncio.run(_conversation(name, params, aimed=data.draw(st.booleans())))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_bad_params_for_a_session_that_exists_are_refused_and_harm_nothing(name: str, data: st.DataObject) -> None:
    asyncio.run(_conversation(name, data.draw(damaged_params(name)), aimed=True))
