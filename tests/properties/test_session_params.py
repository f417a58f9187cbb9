"""Whatever a client sends to a method of sessions, it gets one answer of the contract, and the mock stays well."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meerkat.wire.methods import METHODS
from meerkat_mock.strategies.values import from_type
from tests.meerkat_mock.talk import MODEL, Refused, Talk, talking

SURFACES = ("sessions", "turns", "streams", "tools")
NAMES = sorted(row.name for row in METHODS.values() if row.surface in SURFACES)
ENVELOPE_CODES = {-32700, -32600, -32601, -32602, -32603}

junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, valid: st.SearchStrategy[Any]) -> Any:
    """Params that were valid until one of their members, at any depth, was replaced, removed or added."""
    value = json.loads(json.dumps(draw(valid)))
    if draw(st.booleans()) or not isinstance(value, dict):
        return draw(junk) if not isinstance(value, dict) else _damage(draw, value)
    return _damage(draw, _damage(draw, value))


def _damage(draw: st.DrawFn, value: dict[str, Any]) -> dict[str, Any]:
    target: Any = value
    while isinstance(target, dict) and target:
        key = draw(st.sampled_from(sorted(target)))
        if isinstance(target[key], dict) and target[key] and draw(st.booleans()):
            target = target[key]
            continue
        if draw(st.integers(0, 3)) == 0:
            del target[key]
        else:
            target[key] = draw(junk)
        return value
    value[draw(st.text(max_size=6))] = draw(junk)
    return value


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
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_valid_params_are_answered(name: str, data: st.DataObject) -> None:
    params = data.draw(from_type(METHODS[name].params))
    asyncio.run(_conversation(name, params, aimed=data.draw(st.booleans())))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_bad_params_are_refused_and_harm_nothing(name: str, data: st.DataObject) -> None:
    params = data.draw(damaged(from_type(METHODS[name].params)))
    asyncio.run(_conversation(name, params, aimed=data.draw(st.booleans())))
