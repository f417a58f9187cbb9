"""The table of methods against what the server says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from meerkat.wire.errors import NAMES
from meerkat.wire.methods import CATALOGUE, CONTRACT_VERSION, METHODS, NOTIFICATIONS, SERVER_REQUESTS, Method, Notification, wire_type

HANDSHAKE = Path(__file__).parents[3] / "meerkat_mock" / "conform" / "goldens" / "transport" / "introspection.jsonl"


def initialize_result() -> dict[str, object]:
    for line in HANDSHAKE.read_text().splitlines():
        message = json.loads(line).get("msg")
        if isinstance(message, dict) and "contract_version" in message.get("result", {}) and "methods" in message["result"]:
            return message["result"]
    raise AssertionError("no answer to initialize recorded")


def test_the_catalogue_has_the_names_of_initialize_in_its_order() -> None:
    assert ["initialized", *CATALOGUE] == initialize_result()["methods"]


def test_the_version_is_the_one_the_server_gives() -> None:
    assert initialize_result()["contract_version"] == CONTRACT_VERSION


def test_only_registering_tools_is_served_without_being_listed() -> None:
    assert set(METHODS) - set(CATALOGUE) == {"tools/register"}


@pytest.mark.parametrize("row", [*METHODS.values(), *SERVER_REQUESTS.values()], ids=lambda row: row.name)
def test_a_row_names_types_that_exist(row: Method) -> None:
    assert row.result is not None
    assert (row.params is None) == (row.params_policy == "ignored")


@pytest.mark.parametrize("row", NOTIFICATIONS.values(), ids=lambda row: row.name)
def test_a_notification_names_a_type_that_exists(row: Notification) -> None:
    assert (row.params is None) == (row.name == "initialized")


@pytest.mark.parametrize("row", METHODS.values(), ids=lambda row: row.name)
def test_a_row_speaks_only_of_notifications_that_exist(row: Method) -> None:
    assert set(row.notifications) <= set(NOTIFICATIONS)


def test_four_methods_can_be_cancelled() -> None:
    assert {row.name for row in METHODS.values() if row.tracked} == {"turn/start", "mob/turn_start", "help/ask", "session/create"}


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        METHODS["more"] = METHODS["initialize"]  # type: ignore[index]


def test_importing_the_table_loads_no_surface() -> None:
    code = "import sys, meerkat.wire.methods; print(*sorted(name for name in sys.modules if name.startswith('meerkat.wire.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["meerkat.wire.errors", "meerkat.wire.methods"]


def test_an_unknown_type_is_named_with_its_place() -> None:
    with pytest.raises(LookupError, match=r"no wire type 'Nothing' in meerkat\.wire\.sessions"):
        wire_type("sessions", "Nothing")


def test_the_registry_has_a_name_for_each_code_but_those_of_the_envelope() -> None:
    codes = {code for row in METHODS.values() for code in row.errors}
    assert {code for code in codes if code not in NAMES} <= {-32600, -32601, -32000}
