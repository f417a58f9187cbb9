"""Sessions under any order of turns, failures, interrupts, forks, streams and archives, against a model that fits on a page.

The model knows nothing of incarnations, queues or channels: it counts committed rounds, keeps labels, and says who may be asked what.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from meerkat_mock.quirks import Quirks
from meerkat_mock.server import Server, World
from tests.meerkat_mock.talk import ALIAS, MODEL, Refused, Talk, moments, script

if TYPE_CHECKING:
    from collections.abc import Awaitable

T = TypeVar("T")
FAILS = script({"fail": {"status": 400}}, say="fails")
SLOW = script({"say": ["never"], "pace": {"first": 3600}}, say="slow")
TOKENS_PER_ROUND = 15


@dataclass
class Expected:
    """What the model knows of a session."""

    id: str
    labels: dict[str, str]
    staged: bool = False
    archived: bool = False
    messages: int = 0
    rounds: int = 0
    last_text: str = ""
    stored_events: int = 0
    """External events that wait for the next prompt."""
    live: bool = False
    streams: list[str] = field(default_factory=list)

    def committed(self, texts: list[str]) -> None:
        self.messages += (1 if self.messages == 0 else 0) + 2 * len(texts)
        self.rounds += len(texts)
        self.last_text = texts[-1]


class SessionsMachine(RuleBasedStateMachine):
    """One client of one server."""

    fidelity: Any = "server"
    sessions = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.book: dict[str, Expected] = {}
        self.heard_events = 0

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    @initialize()
    def connect(self) -> None:
        async def start() -> Talk:
            self.server = Server(World(quirks=Quirks(self.fidelity)))
            talk = Talk(self.server.connect())
            await talk.call("config/patch", patch=ALIAS)
            return talk

        self.talk = self.run(start())

    def teardown(self) -> None:
        async def stop() -> None:
            if hasattr(self, "talk"):
                await self.talk.hang_up()
                await self.server.close()

        self.run(stop())
        assert asyncio.all_tasks(self.loop) == set(), "a task outlived the server"
        self.loop.close()
        if hasattr(self, "server"):
            assert self.server.runtime.violations == []

    # ---- what a client does ----------------------------------------------------------------------------------------------------------

    @rule(target=sessions, deferred=st.booleans(), labels=st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2))
    def create(self, deferred: bool, labels: dict[str, str]) -> str:
        params: dict[str, Any] = {"prompt": script({"say": ["made"]}), "model": MODEL, "labels": labels}
        if deferred:
            params.update(prompt="first", initial_turn="deferred")  # a script there would govern the first turn, too
        session = self.run(self.talk.call("session/create", **params))["session_id"]
        expected = self.book[session] = Expected(session, labels, staged=deferred)
        if not deferred:
            expected.committed(["made"])
            expected.live = True
        return str(session)

    @rule(session=sessions, text=st.sampled_from(["one", "two", ""]), tools=st.integers(0, 2))
    def turn(self, session: str, text: str, tools: int) -> None:
        expected = self.book[session]
        calls = [{"call": [{"tool": "datetime", "args": {}}]} for _ in range(tools)]
        prompt = script(*calls, {"say": [text]})
        if expected.archived:
            assert "-32001" in self.run(self.talk.refusal("turn/start", session_id=session, prompt=prompt))
            return
        result = self.run(self.talk.turn(session, prompt))
        expected.staged = False
        expected.live = True
        expected.stored_events = 0
        expected.messages += (1 if expected.messages == 0 else 0) + 2 + 2 * tools
        expected.rounds += 1 + tools
        expected.last_text = text or expected.last_text
        assert (result["text"], result["turns"], result["tool_calls"]) == (text, 1 + tools, tools)
        assert result["usage"]["total_tokens"] == TOKENS_PER_ROUND * expected.rounds

    @rule(session=sessions)
    def failing_turn(self, session: str) -> None:
        """Let a turn fail, and the next one clear away what it leaves behind."""
        expected = self.book[session]
        if expected.archived:
            return
        before = len(self.talk.events(session, "run_failed"))
        refusal = self.run(self.talk.refusal("turn/start", session_id=session, prompt=FAILS))
        assert refusal.endswith("LLM failure terminal turn")
        self._agent_lost(expected)
        self.turn(session, "after", 0)
        if self.fidelity == "server":
            self.run(self.talk.hear("run_failed", session_id=session, count=before + 3))
            self._agent_lost(expected)

    @rule(session=sessions, how=st.sampled_from(["interrupt", "cancel"]))
    def stopped_turn(self, session: str, how: str) -> None:
        expected = self.book[session]
        if expected.archived:
            return
        refusal = self.run(self._stop_a_turn(session, how))
        assert refusal == "-32005 request cancelled" + (" before response publish" if how == "cancel" else "")
        expected.stored_events = 0
        self._agent_lost(expected)

    async def _stop_a_turn(self, session: str, how: str) -> str:
        started = len(self.talk.events(session, "turn_started"))
        request_id, answer = await self.talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await self.talk.hear("turn_started", session_id=session, count=started + 1)
        if how == "cancel":
            await self.talk.tell("cancel", request_id=request_id)
        else:
            await self.talk.call("turn/interrupt", session_id=session)
        try:
            await answer
        except Refused as refused:
            await moments()
            return str(refused)
        raise AssertionError("a stopped turn was answered")

    def _agent_lost(self, expected: Expected) -> None:
        expected.staged = False
        expected.messages = expected.messages or 1
        expected.live = False
        self._streams_ended(expected)

    def _streams_ended(self, expected: Expected) -> None:
        ended = {params["stream_id"] for method, params in self.talk.heard if method == "session/stream_end"}
        assert set(expected.streams) <= ended
        expected.streams.clear()

    @rule(target=sessions, session=sessions, data=st.data())
    def fork(self, session: str, data: st.DataObject) -> Any:
        expected = self.book[session]
        index = data.draw(st.integers(0, expected.messages + 1))
        ask = {"session_id": session, "message_index": index}
        if expected.archived or expected.staged or expected.stored_events or index > expected.messages:
            self.run(self.talk.refusal("session/fork_at", **ask))
            return multiple()
        fork = self.run(self.talk.call("session/fork_at", **ask))["session_id"]
        copy = self.book[fork] = Expected(fork, expected.labels, messages=index, rounds=expected.rounds)
        copy.last_text = self._last_text(fork)
        return fork

    def _last_text(self, session: str) -> str:
        messages = self.run(self.talk.call("session/history", session_id=session))["messages"]
        texts = ["".join(b["data"]["text"] for b in m["blocks"] if b["block_type"] == "text") for m in messages if "blocks" in m]
        return next((text for text in reversed(texts) if text), "")

    @rule(session=consumes(sessions))
    def archive(self, session: str) -> None:
        expected = self.book[session]
        if expected.archived:
            return
        assert self.run(self.talk.call("session/archive", session_id=session)) == {"archived": True}
        expected.archived = True
        self._streams_ended(expected)

    @rule(session=sessions)
    def event(self, session: str) -> None:
        expected = self.book[session]
        params = {"session_id": session, "kind": "generic_json", "event_type": "e", "payload": {}}
        self.run(self.talk.call("session/external_event", **params))
        expected.stored_events += 1

    @rule(session=sessions)
    def open_stream(self, session: str) -> None:
        expected = self.book[session]
        if not expected.staged and not expected.live:
            assert "stream not found" in self.run(self.talk.refusal("session/stream_open", session_id=session))
            return
        expected.streams.append(self.run(self.talk.call("session/stream_open", session_id=session))["stream_id"])

    @rule(session=sessions)
    def close_stream(self, session: str) -> None:
        streams = self.book[session].streams
        if streams:
            closed = self.run(self.talk.call("session/stream_close", stream_id=streams.pop()))
            assert closed["already_closed"] is False

    # ---- what must always hold -------------------------------------------------------------------------------------------------------

    @invariant()
    def every_session_shows_what_was_committed(self) -> None:
        for session, expected in self.book.items():
            if expected.archived:
                continue
            info = self.run(self.talk.call("session/read", session_id=session))
            assert info["message_count"] == expected.messages
            assert info.get("last_assistant_text", "") == expected.last_text
            history = self.run(self.talk.call("session/history", session_id=session))
            assert len(history["messages"]) == history["message_count"] == expected.messages

    @invariant()
    def the_list_is_complete(self) -> None:
        if not self.book:
            return
        rows = {row["session_id"]: row for row in self.run(self.talk.call("session/list"))["sessions"]}
        assert rows.keys() == {session for session, expected in self.book.items() if not expected.archived}
        for session, row in rows.items():
            assert row["total_tokens"] == TOKENS_PER_ROUND * self.book[session].rounds
            assert row.get("labels", self.book[session].labels) == self.book[session].labels

    @invariant()
    def the_log_holds_every_event_once(self) -> None:
        for session, expected in self.book.items():
            if expected.archived and not self.talk.events(session):
                continue
            events = self.talk.events(session)
            cursor = self.run(self.talk.call("events/latest_cursor", scope={"type": "session", "session_id": session}))
            assert cursor["cursor"]["sequence"] == len(events)
            assert len({event["event_id"] for event in events}) == len(events)

    @invariant()
    def numbers_have_no_holes(self) -> None:
        if not self.book:
            return
        for session in self.book:
            last = 0
            for event in self.talk.events(session):
                restarted = self.fidelity == "server" and event["seq"] == 1
                assert restarted or event["seq"] == last + 1
                last = event["seq"]
        streams: dict[str, int] = {}
        for method, params in self.talk.heard:
            if method == "session/stream_event":
                assert params["sequence"] == streams.get(params["stream_id"], 0) + 1
                streams[params["stream_id"]] = params["sequence"]


class ContractMachine(SessionsMachine):
    """The same with everything as documented."""

    fidelity = "contract"


_SETTINGS = settings(
    max_examples=50, report_multiple_bugs=False, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSessionsAsShipped = SessionsMachine.TestCase
TestSessionsAsShipped.settings = _SETTINGS
TestSessionsAsDocumented = ContractMachine.TestCase
TestSessionsAsDocumented.settings = _SETTINGS
