"""The reference SDK, unchanged and unread, works against the executable mock as it does against the real server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.interop.reference import FOUND, PYTHONS

if TYPE_CHECKING:
    from tests.interop.conftest import Converse


def test_there_is_a_python_that_the_reference_works_on() -> None:
    assert list(PYTHONS) == FOUND if os.environ.get("CI") else FOUND, f"of {PYTHONS} these are on PATH: {FOUND}"


def test_it_connects(converse: Converse) -> None:
    answer = converse("connect")
    assert answer["mob"]
    assert answer["methods"]
    assert answer["capabilities"] > 5


def test_it_creates_a_session(converse: Converse) -> None:
    assert converse("create") == {"text": "Hello", "turns": 1, "output_tokens": 5, "ref": True}


def test_it_starts_a_deferred_session(converse: Converse) -> None:
    assert converse("deferred") == {"same": True, "text": "started"}


def test_it_takes_turns(converse: Converse) -> None:
    # three exchanges after the system prompt
    assert converse("turns") == {"texts": ["second", "third", "third"], "messages": 7}


def test_its_tools_are_called(converse: Converse) -> None:
    answer = converse("tools")
    assert answer["seen"] == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
    assert answer["results"] == ["3", "7", "Tool error: no such order"]
    assert (answer["text"], answer["tool_calls"]) == ("done", 3)


def test_it_gets_structured_output_after_a_retry(converse: Converse) -> None:
    assert converse("structured") == {"value": {"n": 7}, "error": None}


def test_it_reads_typed_events_by_subscription(converse: Converse) -> None:
    answer = converse("subscription")
    assert answer["types"][0] == "RunStarted"
    assert answer["types"][-1] == "RunCompleted"
    assert (answer["text"], answer["result"], answer["rising"]) == ("abc", "abc", True)


def test_it_reads_history(converse: Converse) -> None:
    answer = converse("history")
    assert [role for role in answer["roles"] if role != "system"] == ["user", "block_assistant"] * 2
    assert answer["page"] == answer["roles"][1:2]
    assert answer["more"]


def test_it_lists_and_reads_sessions(converse: Converse) -> None:
    answer = converse("listing")
    assert answer["listed"]
    assert answer["last"] == "OK"


def test_it_archives_a_session(converse: Converse) -> None:
    assert converse("archive") == {"listed": 0, "code": "-32001", "said": True}


def test_it_learns_that_a_session_is_unknown(converse: Converse) -> None:
    assert converse("unknown_session") == {"code": "-32001"}


def test_it_changes_the_configuration_unless_somebody_was_faster(converse: Converse) -> None:
    answer = converse("config")
    assert (answer["step"], answer["value"]) == (1, 1234)
    assert answer["late"].startswith("-32")


def test_it_reads_the_catalogue_of_models(converse: Converse) -> None:
    answer = converse("models")
    assert answer["version"] == {"major": 0, "minor": 6, "patch": 5}
    assert {"anthropic", "openai", "gemini"} <= set(answer["providers"])


def test_it_interrupts_a_turn_and_goes_on(converse: Converse) -> None:
    assert converse("interrupt") == {"error": True, "next": "OK"}


def test_it_closes(converse: Converse) -> None:
    assert converse("close") == {"prompt": True}


def test_it_closes_in_the_middle_of_a_turn(converse: Converse) -> None:
    assert converse("close_in_mid_turn") == {"prompt": True, "turn": "CLIENT_CLOSED"}


def test_it_configures_a_model_of_its_own_and_uses_it(converse: Converse) -> None:
    assert converse("merging") == {"tokens": 77, "hosted": ["scripted"], "text": "local"}


def test_it_lists_skills(converse: Converse) -> None:
    assert converse("skills") == {"some": True, "keys": ["key", "name"], "named": True}


def test_its_sessions_call_tools_of_a_real_mcp_server(converse: Converse) -> None:
    assert converse("mcp") == {"added": "staged", "heard": True, "text": "done", "removed": "remove"}


def test_it_requests_and_decides_approvals(converse: Converse) -> None:
    assert converse("approvals") == {"asked": "pending", "waiting": [True], "decided": "approved", "read": "approved"}


def test_it_lists_artifacts_and_learns_that_one_is_unknown(converse: Converse) -> None:
    assert converse("artifacts") == {"listed": [], "code": "-32602"}


def test_it_plans_pauses_resumes_and_deletes_schedules(converse: Converse) -> None:
    answer = converse("schedules")
    assert (answer["listed"], answer["planned"], answer["tools"]) == (["tick"], True, True)
    assert answer["phases"] == ["active", "paused", "active", "deleted"]


def test_it_keeps_a_key_without_being_shown_it_again(converse: Converse) -> None:
    assert converse("auth") == {"realms": ["lab"], "told": False, "valid": [False, True, False]}


def test_it_makes_a_mob_and_drives_its_members(converse: Converse) -> None:
    assert converse("mobs") == {"mobs": ["demo"], "members": ["w1", "w2"], "left": ["w1"], "said": "gone", "after": []}


def test_it_changes_a_profile_unless_somebody_was_faster(converse: Converse) -> None:
    assert converse("profiles") == {"step": 1, "late": "-32602", "left": []}


def test_it_sends_into_a_session(converse: Converse) -> None:
    assert converse("comms") == {"peers": [], "kind": "input_accepted"}
