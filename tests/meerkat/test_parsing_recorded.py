"""Every recorded answer of the real server is read without complaint by the function of its method."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from meerkat.parsing import core, history, live, mcp, mob_members, mobs, models, runs, schedules, sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDED = sorted((Path(__file__).parents[2] / "meerkat_mock" / "conform" / "goldens").glob("*/*.jsonl"))

READERS: dict[str, Callable[[Any], object]] = {
    "blob/get": sessions.parse_blob,
    "capabilities/get": core.parse_capabilities,
    "help/ask": runs.parse_run_result,
    "initialize": core.parse_initialize,
    "live/open": live.parse_live_channel,
    "live/refresh": live.parse_live_refresh,
    "mcp/add": mcp.parse_mcp_response,
    "mcp/reload": mcp.parse_mcp_response,
    "mcp/remove": mcp.parse_mcp_response,
    "mob/append_system_context": mobs.parse_append_system_context,
    "mob/create": mobs.parse_mob_create,
    "mob/events": mobs.parse_mob_events,
    "mob/flow_run": mobs.parse_mob_flow_run,
    "mob/flow_status": mobs.parse_mob_flow_status,
    "mob/flows": mobs.parse_mob_flows,
    "mob/fork_helper": partial(mob_members.parse_mob_helper, method="mob/fork_helper"),
    "mob/list": mobs.parse_mob_list,
    "mob/list_members_matching": mob_members.parse_matching_members,
    "mob/member_send": mob_members.parse_member_send,
    "mob/member_status": mob_members.parse_member_status,
    "mob/members": mob_members.parse_mob_members,
    "mob/profile/create": mobs.parse_mob_profile,
    "mob/profile/get": mobs.parse_mob_profile,
    "mob/profile/list": mobs.parse_mob_profiles,
    "mob/profile/update": mobs.parse_mob_profile,
    "mob/respawn": mob_members.parse_mob_respawn,
    "mob/spawn": mob_members.parse_mob_spawn,
    "mob/spawn_helper": partial(mob_members.parse_mob_helper, method="mob/spawn_helper"),
    "mob/spawn_many": mob_members.parse_mob_spawn_many,
    "mob/status": mobs.parse_mob_status,
    "mob/stream_open": partial(core.parse_stream_open, method="mob/stream_open"),
    "mob/wait_kickoff": partial(mob_members.parse_waited_members, method="mob/wait_kickoff"),
    "mob/wait_ready": partial(mob_members.parse_waited_members, method="mob/wait_ready"),
    "models/catalog": models.parse_models_catalog,
    "schedule/create": schedules.parse_schedule,
    "schedule/get": schedules.parse_schedule,
    "schedule/list": schedules.parse_schedule_list,
    "schedule/occurrences": schedules.parse_schedule_occurrences,
    "schedule/pause": schedules.parse_schedule,
    "schedule/resume": schedules.parse_schedule,
    "schedule/tools": schedules.parse_schedule_tools,
    "schedule/update": schedules.parse_schedule,
    "session/create": runs.parse_run_result,
    "session/fork_at": sessions.parse_fork_result,
    "session/fork_replace": sessions.parse_fork_result,
    "session/history": history.parse_history,
    "session/list": sessions.parse_session_list,
    "session/read": sessions.parse_session_details,
    "session/stream_open": partial(core.parse_stream_open, method="session/stream_open"),
    "turn/start": runs.parse_run_result,
}


def reader(request: dict[str, Any]) -> Callable[[Any], object] | None:
    params = request.get("params")
    if request["method"] == "session/create" and isinstance(params, dict) and params.get("initial_turn") == "deferred":
        return sessions.parse_deferred_create
    return READERS.get(request["method"])


def answers(recording: Path) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each request with the result that answered it."""
    asked: dict[object, dict[str, Any]] = {}
    for line in recording.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        message = entry.get("msg")
        if not isinstance(message, dict) or not isinstance(message.get("id"), (int, str)):
            continue
        if entry["dir"] == ">" and "method" in message:
            asked[message["id"]] = message
        elif entry["dir"] == "<" and "result" in message and message["id"] in asked:
            yield asked[message["id"]], message["result"]


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_recorded_answers_are_read(recording: Path) -> None:
    for request, result in answers(recording):
        read = reader(request)
        assert read is None or read(result) is not None or result == {"run": None} or "not_found" in result


def test_the_recordings_show_an_answer_for_almost_every_reader() -> None:
    seen = {request["method"] for recording in RECORDED for request, _ in answers(recording)}
    assert set(READERS) - seen <= {"help/ask"}
