"""Every wire type: its values survive the wire, the checks accept them, and reading params never lets anything else through."""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import Any, get_origin, is_typeddict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import meerkat.wire
from meerkat.wire.methods import METHODS, NOTIFICATIONS, Method, Notification
from meerkat_mock.contract.adapters import adapter, tolerant_adapter
from meerkat_mock.contract.lines import check_notification, keeps_contract
from meerkat_mock.contract.params import InvalidParams, decode_params
from meerkat_mock.strategies.values import from_type, json_values

SURFACES = sorted({module.name for module in pkgutil.iter_modules(meerkat.wire.__path__)} - {"base", "errors", "methods"})
READ_BY_TYPE = [row for row in METHODS.values() if row.params_name and row.surface != "config"]
SENT = [row for row in NOTIFICATIONS.values() if row.sender == "server" and row.params_name]

relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def types_of(surface: str) -> list[object]:
    module = importlib.import_module(f"meerkat.wire.{surface}")
    own = [value for value in vars(module).values() if is_typeddict(value) and value.__module__ == module.__name__]
    unions = [value for name, value in vars(module).items() if name[0].isupper() and get_origin(value) is not None]
    return [found for found in (*own, *unions) if not from_type(found).is_empty]


@pytest.mark.parametrize("surface", SURFACES)
def test_a_value_of_any_type_survives_the_wire_and_is_accepted(surface: str) -> None:
    @relaxed
    @given(st.data())
    def check(data: st.DataObject) -> None:
        wire_type = data.draw(st.sampled_from(types_of(surface)))
        value = data.draw(from_type(wire_type))
        back = json.loads(json.dumps(value, ensure_ascii=False).encode())
        assert back == value
        tolerant_adapter(wire_type).validate_python(back)
        adapter(wire_type).validate_python(back)

    check()


@pytest.mark.parametrize("row", READ_BY_TYPE, ids=lambda row: row.name)
def test_params_of_every_method_are_read_as_they_were_written(row: Method) -> None:
    @settings(relaxed, max_examples=15)
    @given(from_type(row.params))
    def check(params: dict[str, Any]) -> None:
        decoded = decode_params(row, params, present=True)
        assert {key: value for key, value in params.items() if value is not None}.keys() <= decoded.keys()
        assert decode_params(row, decoded, present=True) == decoded

    check()


@given(row=st.sampled_from(READ_BY_TYPE), data=st.data())
@settings(relaxed, max_examples=300)
def test_params_with_anything_put_in_anywhere_are_refused_or_read_into_what_the_type_allows(row: Method, data: st.DataObject) -> None:
    params = data.draw(from_type(row.params))
    damaged = data.draw(damages(params))
    read = read_or_refused(row, damaged)
    if isinstance(read, str):
        assert read.startswith(("Invalid params: ", "invalid params: ", "Missing params"))
    else:
        tolerant_adapter(row.params).validate_python(read)


@given(json_values)
@settings(relaxed, max_examples=200)
def test_any_json_as_params_of_any_method_is_read_or_refused(params: object) -> None:
    for row in READ_BY_TYPE:
        assert read_or_refused(row, params) != ""


@given(row=st.sampled_from(SENT), data=st.data())
@settings(relaxed, max_examples=300)
def test_a_notification_judged_while_it_is_read_is_judged_as_one_read_before(row: Notification, data: st.DataObject) -> None:
    params = data.draw(from_type(row.params))
    line = json.dumps({"jsonrpc": "2.0", "method": row.name, "params": params}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert check_notification(row.name, params) is None
    assert keeps_contract(row.name, line)
    damaged = data.draw(damages(params))
    line = json.dumps({"jsonrpc": "2.0", "method": row.name, "params": damaged}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert not keeps_contract(row.name, line) or check_notification(row.name, damaged) is None


def read_or_refused(row: Method, params: object) -> dict[str, Any] | str:
    try:
        return dict(decode_params(row, params, present=True))
    except InvalidParams as refusal:
        return refusal.message


@st.composite
def damages(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.booleans()):
            return {name: part for name, part in value.items() if name != key}
        return {**value, key: draw(damages(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], draw(damages(value[index])), *value[index + 1 :]]
    return draw(json_values)
