"""Reading params: what is accepted, what is dropped, and the server's words for what is refused."""

from __future__ import annotations

from typing import Any, Literal, Optional, TypedDict, Union

import pytest

from meerkat.wire.methods import METHODS
from meerkat_mock.contract.params import InvalidParams, decode_params, decode_value


def refusal(method: str, params: object, *, present: bool = True) -> str:
    with pytest.raises(InvalidParams) as caught:
        decode_params(METHODS[method], params, present)
    return caught.value.message


def read(method: str, params: object, *, present: bool = True) -> dict[str, object]:
    return dict(decode_params(METHODS[method], params, present))


NO_UUID = "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]"
NO_TRANSPORT = "data did not match any variant of untagged enum McpTransportConfig"

REFUSALS = [
    ("session/create", {}, "missing field `prompt` at line 1 column 2"),
    ("session/create", {"prompt": 5}, "data did not match any variant of untagged enum ContentInput at line 1 column 12"),
    ("session/create", {"prompt": 5, "shell_env": {}}, "data did not match any variant of untagged enum ContentInput at line 1 column 11"),
    ("session/create", "x", 'invalid type: string "x", expected struct CreateSessionParams at line 1 column 3'),
    ("session/create", [], "invalid length 0, expected struct CreateSessionParams with 27 elements at line 1 column 2"),
    ("turn/start", [], "invalid length 0, expected struct StartTurnParams with 17 elements at line 1 column 2"),
    ("session/read", [], "invalid length 0, expected struct ReadSessionParams with 1 element at line 1 column 2"),
    ("session/read", {"session_id": 5}, "invalid type: integer `5`, expected a string at line 1 column 15"),
    ("session/list", {"limit": -1}, "invalid value: integer `-1`, expected usize at line 1 column 11"),
    ("session/list", {"limit": 1.5}, "invalid type: floating point `1.5`, expected usize at line 1 column 12"),
    ("session/list", {"limit": 10**20}, "invalid type: floating point `1e+20`, expected usize at line 1 column 14"),
    ("session/list", {"limit": True}, "invalid type: boolean `true`, expected usize at line 1 column 13"),
    ("session/create", {"prompt": "", "max_tokens": -1}, "invalid value: integer `-1`, expected u32 at line 1 column 16"),
    ("session/create", {"prompt": "", "keep_alive": None}, "invalid type: null, expected a boolean at line 1 column 18"),
    (
        "session/create",
        {"prompt": "", "initial_turn": "later"},
        "unknown variant `later`, expected `run_immediately` or `deferred` at line 1 column 23",
    ),
    (
        "session/create",
        {"prompt": "", "skill_references": []},
        "skill_references is retired; use structured skill_refs at line 1 column 35",
    ),
    (
        "session/create",
        {"prompt": "", "auth_binding": {"realm": "a b", "binding": "c"}},
        "identity slug contains invalid character ' '; must be ASCII alphanumeric or one of '-', '_', '.' at line 1 column 45",
    ),
    ("schedule/list", {"limit": -1}, "invalid value: integer `-1`, expected usize at line 1 column 11"),
    ("schedule/create", [], "invalid length 2, expected struct CreateScheduleRequest with 10 elements at line 1 column 2"),
    ("session/read", ["s", 1], "trailing characters at line 1 column 5"),
    ("schedule/list", [], "invalid length 0, expected struct ListSchedulesParams with 3 elements at line 1 column 2"),
    ("comms/send", {"kind": "input", "session_id": "s"}, "missing field `body`"),
    ("comms/send", {"session_id": "s"}, "missing field `kind` at line 1 column 18"),
    (
        "comms/send",
        {"kind": "peer_message", "session_id": "s", "to": "bob", "body": "b"},
        f"UUID parsing failed: {NO_UUID}, found `o` at 2",
    ),
    ("session/external_event", {"session_id": "s", "kind": "generic_json"}, "missing field `event_type` at line 1 column 40"),
    ("session/external_event", "x", 'invalid type: string "x", expected struct ExternalEventParams at line 1 column 3'),
    (
        "approval/get",
        {"approval_id": "nope"},
        f"UUID parsing failed: {NO_UUID}, found `n` at 1 at line 1 column 21",
    ),
    ("artifact/get", {"artifact_id": "a/b"}, "invalid artifact id: a/b at line 1 column 21"),
]


@pytest.mark.parametrize(("method", "params", "text"), REFUSALS)
def test_a_refusal_is_worded_and_placed_as_the_server_does(method: str, params: object, text: str) -> None:
    spelling = "invalid params: " if method == "schedule/list" else "Invalid params: "
    assert refusal(method, params) == spelling + text


@pytest.mark.parametrize(
    ("method", "params", "beginning"),
    [
        ("session/fork_at", {"session_id": "s", "message_index": 0, "x": 1}, "unknown field `x`, expected one of `session_id`, "),
        ("mob/create", {"definition": {"id": "m", "profiles": {}}, "zzz": 1}, "unknown field `zzz`, expected `definition` at line 1 "),
        (
            "mob/wire",
            {"mob_id": "m", "member": "a", "peer": {"far": "b"}},
            "unknown variant `far`, expected one of `local`, `external_name`, `external_binding`, `external`",
        ),
        ("mob/cancel_work", {"mob_id": "m", "work_ref": "w", "bogus": 1}, "unknown field `bogus`, expected `mob_id` or `work_ref`"),
    ],
)
def test_unknown_names_are_answered_with_the_known_ones(method: str, params: object, beginning: str) -> None:
    assert refusal(method, params).startswith("Invalid params: " + beginning)


@pytest.mark.parametrize("params", [None, {}], ids=["null", "absent"])
def test_a_method_that_needs_params_says_when_there_are_none(params: object) -> None:
    assert refusal("session/read", params, present=params is None) == "Missing params"


@pytest.mark.parametrize("method", ["session/list", "artifact/list", "approval/list", "schedule/list"])
def test_a_method_whose_params_are_all_optional_takes_none(method: str) -> None:
    assert read(method, None) == read(method, None, present=False) == {}


@pytest.mark.parametrize("params", [5, "x", [1], {"a": 1}, None])
def test_a_method_that_never_looks_takes_anything(params: object) -> None:
    assert read("runtime/health", params) == {}


def test_unknown_fields_are_dropped_where_the_server_ignores_them() -> None:
    assert read("session/read", {"session_id": "s", "more": {"any": 1}}) == {"session_id": "s"}


def test_a_null_option_counts_as_absent() -> None:
    assert read("session/history", {"session_id": "s", "limit": None, "offset": 2}) == {"session_id": "s", "offset": 2}


def test_null_stays_where_any_json_may_stand() -> None:
    assert read("schedule/call", {"name": "n", "arguments": None}) == {"name": "n", "arguments": None}


def test_positional_params_are_read_in_the_order_of_the_fields() -> None:
    assert read("session/list", [None, 1, 2]) == {"limit": 1, "offset": 2}
    assert read("session/list", []) == {}


def test_a_second_name_is_read_as_the_first() -> None:
    spec = {"mob_id": "m", "profile": "p", "agent_identity": "a", "launch_mode": {"mode": "resume", "session_id": "0" * 32}}
    assert read("mob/spawn", spec)["launch_mode"] == {"mode": "resume", "bridge_session_id": "0" * 32}


def test_an_unknown_block_in_an_event_is_read_as_unknown() -> None:
    event = {"session_id": "s", "kind": "generic_json", "event_type": "e", "payload": None, "blocks": [{"type": "smell", "of": "tea"}]}
    assert read("session/external_event", event)["blocks"] == [{"type": "unknown"}]


@pytest.mark.parametrize("params", [{"anything": 1}, [], "x", 3])
def test_config_methods_are_handed_what_was_sent(params: object) -> None:
    assert decode_params(METHODS["config/patch"], params, present=True) == params
    assert refusal("config/set", None) == "Missing params"


def test_params_that_are_collected_first_take_no_array_and_lose_the_place_of_a_fault() -> None:
    assert refusal("approval/request", []).endswith("invalid type: sequence, expected struct ApprovalRequestParams at line 1 column 0")
    assert refusal("approval/request", {"owner": 5, "z": ""}).endswith(" at line 1 column 18")


def test_the_field_that_tells_variants_apart_is_not_offered_as_a_field() -> None:
    text = refusal("comms/send", {"kind": "peer_message", "session_id": "s", "to": "p", "body": "b", "extra": 1})
    assert "unknown field `extra`" in text
    assert "`kind`" not in text


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (None, "invalid type: null, expected struct McpServerConfig at line 1 column 21"),
        ({"command": "c"}, "missing field `name` at line 1 column 32"),
        ({"name": "n", "connect_timeout_secs": -1}, "invalid value: integer `-1`, expected u32 at line 1 column 43"),
        ({"name": "n"}, f"{NO_TRANSPORT} at line 1 column 29"),
        (
            {"name": "n", "command": "c", "url": "u"},
            f"{NO_TRANSPORT} at line 1 column 53",
        ),
    ],
)
def test_an_mcp_server_is_read_as_a_record_around_one_of_two_transports(config: object, text: str) -> None:
    assert refusal("mcp/add", {"server_config": config, "session_id": "s"}) == "Invalid params: " + text


class Point(TypedDict):
    x: int


@pytest.mark.parametrize(
    ("wire_type", "value", "says"),
    [
        (float, "x", 'invalid type: string "x", expected f64'),
        (type(None), 1, "invalid type: integer `1`, expected unit"),
        (Optional[int], "x", 'invalid type: string "x", expected i64'),  # noqa: UP045
        (Literal[1, 2], "x", "unknown variant `x`, expected `1` or `2`"),
        (Literal[1, 2], 3, "invalid type: integer `3`, expected `1` or `2`"),
        (Literal["a", "b"], 5, "expected value"),
        (Union[int, str], [], "data did not match any variant of untagged enum i64 | a string"),  # noqa: UP007
        (dict[str, int], 5, "invalid type: integer `5`, expected a map"),
        (list[int], 5, "invalid type: integer `5`, expected a sequence"),
        (bool, 1, "invalid type: integer `1`, expected a boolean"),
        (Point, 5, "invalid type: integer `5`, expected struct Point"),
        (Point, [1, 2], "invalid length 2, expected fewer elements in array"),
        (Point, {"x": None}, "invalid type: null, expected i64"),
    ],
)
def test_a_value_of_another_type_is_named_as_the_server_names_it(wire_type: object, value: Any, says: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        decode_value(wire_type, value)
    assert caught.value.message == says


@pytest.mark.parametrize(
    ("wire_type", "value", "read_as"), [(float, 1, 1), (float, 1.5, 1.5), (type(None), None, None), (Point, [1], {"x": 1})]
)
def test_a_value_of_a_type_is_read(wire_type: object, value: Any, read_as: object) -> None:
    assert decode_value(wire_type, value) == read_as


def test_a_hint_that_no_wire_type_uses_is_named() -> None:
    with pytest.raises(TypeError, match=r"set\[int\] is no wire type: use TypedDict"):
        decode_value(set[int], [1])
