"""A server that is the mock but for one planted deviation, named on its command line or given to `wrong`.

Every deviation is a function of one message of the mock: it returns the messages that go out in its place.
"""

from __future__ import annotations

import asyncio
import copy
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from meerkat_mock.clock import VirtualClock
from meerkat_mock.conform.rehearsal import Simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat_mock.conform.golden import Golden
    from meerkat_mock.conform.roads import Connect, Road, Start

Message = dict[str, Any]


class WrongRoad:
    """A mock in memory whose lines pass through a deviation."""

    def __init__(self, road: Road, deviation: Callable[[WrongRoad, Message], list[Any]]) -> None:
        self.road, self.deviation = road, deviation
        self.methods: dict[str, str] = {}
        self.kept: list[Message] = []
        self.fired = False
        self.out: list[bytes] = []

    async def send(self, line: bytes) -> None:
        message = json.loads(line)
        if "method" in message and "id" in message:
            self.methods[json.dumps(message["id"])] = message["method"]
        await self.road.send(line)

    async def receive(self) -> bytes:
        while not self.out:
            line = await self.road.receive()
            if not line:
                return b""
            message = json.loads(line)
            instead = self.deviation(self, message)
            self.fired = self.fired or json.dumps(instead) != json.dumps([json.loads(line)])
            self.out = [(one if isinstance(one, str) else json.dumps(one)).encode() + b"\n" for one in instead]
        return self.out.pop(0)

    def answers(self, message: Message) -> str:
        """Return the method that a message answers, if it is an answer."""
        return "" if "method" in message else self.methods.get(json.dumps(message.get("id")), "")

    async def end_input(self) -> None:
        await self.road.end_input()

    async def close(self) -> list[str]:
        await self.road.close()
        return []

    def last_words(self) -> str:
        return ""


def result(message: Message) -> Any:
    return message.get("result") or {}


def event(message: Message) -> Message:
    return message["params"]["event"] if message.get("method") == "session/event" else {}


def kind(message: Message) -> str:
    return str(event(message).get("payload", {}).get("type", ""))


# ---- events ------------------------------------------------------------------------------------------------------------------------


def drops_an_event(road: WrongRoad, message: Message) -> list[Any]:
    return [] if kind(message) == "turn_started" else [message]


def ends_a_run_twice(road: WrongRoad, message: Message) -> list[Any]:
    return [message, message] if kind(message) in ("run_completed", "run_failed") else [message]


def swaps_two_events(road: WrongRoad, message: Message) -> list[Any]:
    if kind(message) == "run_started":
        road.kept.append(message)
        return []
    return [message, road.kept.pop()] if kind(message) == "turn_started" and road.kept else [message]


def counts_events_wrong(road: WrongRoad, message: Message) -> list[Any]:
    if event(message):
        event(message)["seq"] += 1
    return [message]


def repeats_an_event_id(road: WrongRoad, message: Message) -> list[Any]:
    if event(message):
        road.kept.append(message)
        event(message)["event_id"] = event(road.kept[0])["event_id"]
    return [message]


def tells_a_wrong_usage(road: WrongRoad, message: Message) -> list[Any]:
    if kind(message) == "turn_completed":
        event(message)["payload"]["usage"]["output_tokens"] += 1
    return [message]


def splits_no_text(road: WrongRoad, message: Message) -> list[Any]:
    if kind(message) == "text_complete":
        event(message)["payload"]["content"] += " "
    return [message]


def never_ends_a_stream(road: WrongRoad, message: Message) -> list[Any]:
    return [] if message.get("method") == "session/stream_end" else [message]


def speaks_after_the_archive(road: WrongRoad, message: Message) -> list[Any]:
    if event(message):
        road.kept.append(message)
    return [message, road.kept[-1]] if road.answers(message) == "session/archive" and road.kept else [message]


def renames_a_notification(road: WrongRoad, message: Message) -> list[Any]:
    if message.get("method") == "session/stream_event":
        message["method"] = "session/streamEvent"
    return [message]


# ---- the envelope ------------------------------------------------------------------------------------------------------------------


def answers_with_a_text_id(road: WrongRoad, message: Message) -> list[Any]:
    return [{**message, "id": str(message["id"])}] if road.answers(message) == "models/catalog" else [message]


def answers_twice(road: WrongRoad, message: Message) -> list[Any]:
    return [message, message] if road.answers(message) == "session/create" else [message]


def swallows_a_request(road: WrongRoad, message: Message) -> list[Any]:
    return [] if road.answers(message) == "session/list" else [message]


def writes_a_log_line(road: WrongRoad, message: Message) -> list[Any]:
    return ["INFO registered", message] if road.answers(message) == "tools/register" else [message]


def uses_another_code(road: WrongRoad, message: Message) -> list[Any]:
    if "error" in message and message["error"]["code"] in (-32001, -32602):
        message["error"]["code"] -= 1
    return [message]


def words_an_error_otherwise(road: WrongRoad, message: Message) -> list[Any]:
    if "not found" in message.get("error", {}).get("message", ""):
        message["error"]["message"] = message["error"]["message"].replace("not found", "unknown")
    return [message]


def fails_where_it_should_not(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message) == "runtime/health":
        return [{"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32603, "message": "no"}}]
    return [message]


# ---- results -----------------------------------------------------------------------------------------------------------------------


def lacks_a_capability(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message) == "initialize":
        message["result"]["methods"].remove("mob/create")
    return [message]


def leaves_a_member_out(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message) in ("session/create", "turn/start"):
        result(message).pop("tool_calls", None)
    return [message]


def adds_a_member(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message) == "session/read" and "result" in message:
        message["result"]["title"] = "x"
    return [message]


def writes_null_for_nothing(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message) in ("session/create", "turn/start") and "result" in message:
        message["result"].setdefault("structured_output", None)
    return [message]


def leaves_nulls_out(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message) == "config/patch" and "result" in message:
        agent = message["result"]["config"]["agent"]
        message["result"]["config"]["agent"] = {name: value for name, value in agent.items() if value is not None}
    return [message]


def writes_numbers_for_booleans(road: WrongRoad, message: Message) -> list[Any]:
    if "archived" in result(message):
        message["result"]["archived"] = 1
    return [message]


def forks_into_the_same_session(road: WrongRoad, message: Message) -> list[Any]:
    if "source_session_id" in result(message):
        message["result"]["session_id"] = message["result"]["source_session_id"]
    return [message]


def writes_times_otherwise(road: WrongRoad, message: Message) -> list[Any]:
    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: changed(v) for k, v in value.items()}
        if isinstance(value, list):
            return [changed(v) for v in value]
        if isinstance(value, str) and value[-6:] == "+00:00":
            return value[:-6] + "Z"
        return value.removesuffix("Z") + "+00:00" if isinstance(value, str) and value[:4] == "2999" and value.endswith("Z") else value

    if road.answers(message).startswith(("schedule/", "approval/")):
        return [changed(message)]
    return [message]


def never_decides(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message) == "approval/decide" and "result" in message:
        message["result"]["status"] = "pending"
    return [message]


def keeps_the_revision(road: WrongRoad, message: Message) -> list[Any]:
    if road.answers(message).startswith("schedule/") and result(message).get("revision", 1) > 1:
        message["result"]["revision"] = 1
    return [message]


def hides_members(road: WrongRoad, message: Message) -> list[Any]:
    if result(message).get("members") and road.answers(message) in ("mob/members", "mob/snapshot"):
        message["result"]["members"].pop()
    return [message]


def numbers_mob_events_wrong(road: WrongRoad, message: Message) -> list[Any]:
    for one in result(message).get("events") or [] if road.answers(message) == "mob/events" else []:
        one["cursor"] = 0
    return [message]


# ---- tools and processes -----------------------------------------------------------------------------------------------------------


def calls_a_tool_twice(road: WrongRoad, message: Message) -> list[Any]:
    return [message, {**message, "id": f"{message['id']}-again"}] if message.get("method") == "tool/execute" else [message]


def loses_the_arguments(road: WrongRoad, message: Message) -> list[Any]:
    if message.get("method") == "tool/execute":
        message["params"]["arguments"] = {}
    return [message]


DEVIATIONS = {
    function.__name__: function
    for function in (
        drops_an_event,
        ends_a_run_twice,
        swaps_two_events,
        counts_events_wrong,
        repeats_an_event_id,
        tells_a_wrong_usage,
        splits_no_text,
        never_ends_a_stream,
        speaks_after_the_archive,
        renames_a_notification,
        answers_with_a_text_id,
        answers_twice,
        swallows_a_request,
        writes_a_log_line,
        uses_another_code,
        words_an_error_otherwise,
        fails_where_it_should_not,
        lacks_a_capability,
        leaves_a_member_out,
        adds_a_member,
        writes_null_for_nothing,
        leaves_nulls_out,
        writes_numbers_for_booleans,
        forks_into_the_same_session,
        writes_times_otherwise,
        never_decides,
        keeps_the_revision,
        hides_members,
        numbers_mob_events_wrong,
        calls_a_tool_twice,
        loses_the_arguments,
    )
}


def wrong(name: str, made: list[WrongRoad]) -> Connect:
    """Return a way to the server with this deviation; every server that is started is added to `made`."""

    async def connect(start: Start) -> Road:
        made.append(WrongRoad(Simulated(start, VirtualClock(time.time())), DEVIATIONS.get(name, answers_nothing)))
        return made[-1]

    return connect


def answers_nothing(road: WrongRoad, message: Message) -> list[Any]:
    return []


def shows(name: str, golden: Golden) -> bool:
    """Tell whether a conversation has what a deviation changes."""
    road = WrongRoad(None, DEVIATIONS[name])  # type: ignore[arg-type]
    for line in golden.lines:
        if line.sent and isinstance(line.message, dict):
            road.methods[json.dumps(line.message.get("id"))] = str(line.message.get("method"))
        elif json.dumps(road.deviation(road, copy.deepcopy(line.message))) != json.dumps([line.message]):
            return True
    return False


async def serve(name: str, arguments: list[str]) -> None:
    """Serve on the standard streams, as the process of a server does."""
    from meerkat_mock.conform.roads import InMemory, world_of
    from meerkat_mock.server import Server

    class Arguments:
        root, args, env = "", arguments, {}

        def argv(self) -> list[str]:
            return arguments

    road = WrongRoad(InMemory(Server(world_of(Arguments()))), DEVIATIONS[name])  # type: ignore[arg-type]

    async def speak() -> None:
        while line := await road.receive():
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    speaking = asyncio.create_task(speak())
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        await road.send(line)
    await road.end_input()
    await speaking


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2:]))
