"""Live channels under any order of talking, cutting in, closing and passing time, against a model that fits on a page.

The model knows nothing of items, links or lanes: it keeps what was said, who may be asked what, and how each socket must end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from meerkat_mock.flags import Flags
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.server import Server
from tests.meerkat_mock.live.on_air import MODEL, OnAir, Studio
from tests.meerkat_mock.talk import ALIAS, Talk, moments

if TYPE_CHECKING:
    from collections.abc import Awaitable

T = TypeVar("T")
HOUR = {"pace": {"each": 3600}}


@dataclass
class Expected:
    """What the model knows of a session."""

    channel: OnAir | None = None
    explicit: bool = False
    connected: bool = False
    archived: bool = False
    said: list[tuple[str, str]] = field(default_factory=list)
    closed_at: dict[str, float] = field(default_factory=dict)


class LiveMachine(RuleBasedStateMachine):
    """One client of one server."""

    fidelity: Any = "server"
    sessions = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.book: dict[str, Expected] = {}
        self.turns = 0

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    @initialize()
    def start(self) -> None:
        async def begin() -> Studio:
            server = Server(World(quirks=Quirks(self.fidelity), flags=Flags(live_ws="127.0.0.1:0")))
            talk = Talk(server.connect())
            await talk.call("config/patch", patch=ALIAS)
            return Studio(server, talk)

        self.studio = self.run(begin())

    def teardown(self) -> None:
        async def stop() -> None:
            if hasattr(self, "studio"):
                await self.studio.talk.hang_up()
                await self.studio.server.close()

        self.run(stop())
        assert asyncio.all_tasks(self.loop) == set(), "a task outlived the server"
        self.loop.close()
        if hasattr(self, "studio"):
            assert self.studio.server.runtime.violations == []

    # ---- opening and closing ---------------------------------------------------------------------------------------------------------

    @rule(target=sessions)
    def create(self) -> str:
        made = self.run(self.studio.talk.call("session/create", prompt="wait", initial_turn="deferred", model=MODEL))
        self.book[made["session_id"]] = Expected()
        return str(made["session_id"])

    @rule(session=sessions, explicit=st.booleans(), connect=st.booleans())
    def open(self, session: str, explicit: bool, connect: bool) -> None:
        expected = self.book[session]
        if expected.archived or expected.channel is not None:
            refusal = self.run(self.studio.talk.refusal("live/open", session_id=session))
            assert refusal.endswith("not found" if expected.archived else "already has an active live channel")
            return
        mode = "explicit_commit" if explicit else "provider_managed"
        expected.channel = self.run(self.studio.open(session, mode=mode, connect=connect))
        expected.explicit, expected.connected = explicit, connect

    @rule(session=sessions, how=st.sampled_from(["close", "client", "frame", "commit", "truncate"]))
    def end(self, session: str, how: str) -> None:
        """End a channel in one of the ways that a client has."""
        expected, channel = self.book[session], self.book[session].channel
        if channel is None or not (expected.connected or how == "close"):
            return
        self.run(self._end(channel, how))
        if expected.connected:
            assert (
                self.run(channel.ended())
                == {
                    "close": (1006, ""),
                    "client": (1006, ""),
                    "frame": (1007, "invalid_frame"),
                    "commit": (1008, "terminal:config_rejected"),
                    "truncate": (1008, "terminal:provider_error"),
                }[how]
            )
        self._forgotten(expected, channel)

    async def _end(self, channel: OnAir, how: str) -> None:
        if how == "client":
            assert channel.socket is not None
            await channel.socket.close(1001)
        elif how == "frame":
            await channel.send("[]")
        elif how == "commit":
            await channel.call("commit_input")
        elif how == "truncate":
            await channel.call("truncate", item_id="nobody", content_index=0, audio_played_ms=1)
        else:
            await channel.call("close")

    def _forgotten(self, expected: Expected, channel: OnAir) -> None:
        self.run(moments())
        expected.channel, expected.connected = None, False
        expected.closed_at[channel.id] = self.studio.clock.now()

    @rule(session=sessions)
    def archive(self, session: str) -> None:
        """Archive a session: its channel stays, and ends with the next words."""
        expected, channel = self.book[session], self.book[session].channel
        if expected.archived or (channel is None and not expected.said):
            return
        self.run(self.studio.talk.call("session/archive", session_id=session))
        expected.archived = True
        if channel is not None and expected.connected:
            assert self.run(channel.status()) == "ready"
            self.run(channel.say("anybody?"))
            assert self.run(channel.ended()) == (1006, "")
            self._forgotten(expected, channel)

    @rule(seconds=st.sampled_from([1, 59, 61]))
    def time_passes(self, seconds: int) -> None:
        self.run(self.studio.clock.advance(seconds))

    # ---- talking ---------------------------------------------------------------------------------------------------------------------

    @rule(session=sessions, chunks=st.lists(st.sampled_from(["a", "b "]), max_size=3), written=st.booleans())
    def turn(self, session: str, chunks: list[str], written: bool) -> None:
        """Say something and listen to the whole answer."""
        expected, channel = self.book[session], self.book[session].channel
        if channel is None or not expected.connected:
            return
        words = self._words()
        self.run(self._ask(channel, words, {"say": chunks}, explicit=expected.explicit, written=written))
        assert self.run(channel.until("turn_completed"))[-1]["usage"]["total_tokens"] == 15
        expected.said.append(("user", words))
        if chunks:
            expected.said.append(("end_turn", "".join(chunks)))

    @rule(session=sessions)
    def cut_in(self, session: str) -> None:
        """Interrupt a spoken answer: nothing of it stays."""
        expected, channel = self.book[session], self.book[session].channel
        if channel is None or not expected.connected:
            return
        words = self._words()
        self.run(self._ask(channel, words, {"say": ["never"], **HOUR}, explicit=expected.explicit, written=False))
        self.run(channel.until("user_transcript_final"))
        while self.run(channel.frame())["observation"] != "realtime_transcript" or _role(channel.heard[-1]) != "assistant":
            pass
        self.run(channel.call("interrupt"))
        assert self.run(channel.until("turn_completed"))[-1]["stop_reason"] == "cancelled"
        expected.said.append(("user", words))

    @rule(session=sessions)
    def show_a_picture(self, session: str) -> None:
        expected, channel = self.book[session], self.book[session].channel
        if channel is not None and expected.connected:
            self.run(channel.call("send_input", chunk={"kind": "image", "mime": "image/png", "data": ""}))
            assert self.run(channel.until("command_rejected"))[-1]["code"]["reason"]["kind"] == "image_input_not_implemented"

    async def _ask(self, channel: OnAir, words: str, answer: dict[str, Any], *, explicit: bool, written: bool) -> None:
        await channel.say(words, answer)
        if explicit:
            await channel.until("realtime_transcript")
            await channel.call("commit_input", response_modality={"modality": "text" if written else "audio"})

    def _words(self) -> str:
        self.turns += 1
        return f"turn {self.turns}"

    # ---- what always holds -----------------------------------------------------------------------------------------------------------

    @precondition(lambda self: hasattr(self, "studio"))
    @invariant()
    def channels_are_what_they_should_be(self) -> None:
        now = self.studio.clock.now()
        for expected in self.book.values():
            if expected.channel is not None:
                assert self.run(expected.channel.status()) == ("ready" if expected.connected else "opening")
            for channel_id, closed_at in expected.closed_at.items():
                if now - closed_at < 60:
                    answer = self.run(self.studio.talk.call("live/status", channel_id=channel_id))
                    assert answer["status"] == {"status": "closed"}
                else:
                    refusal = self.run(self.studio.talk.refusal("live/status", channel_id=channel_id))
                    assert refusal == f"-32602 channel {channel_id} not found"

    @precondition(lambda self: hasattr(self, "studio"))
    @invariant()
    def history_is_what_was_said(self) -> None:
        for session, expected in self.book.items():
            if expected.channel is not None or expected.said:
                channel = OnAir(self.studio, {"channel_id": "", "transport": {"url": ""}}, session)
                assert self.run(channel.history()) == expected.said


def _role(frame: dict[str, Any]) -> str:
    return str(frame["event"].get("role"))


class ContractMachine(LiveMachine):
    """The same with everything as documented."""

    fidelity = "contract"


_SETTINGS = settings(
    max_examples=40, report_multiple_bugs=False, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLiveAsShipped = LiveMachine.TestCase
TestLiveAsShipped.settings = _SETTINGS
TestLiveAsDocumented = ContractMachine.TestCase
TestLiveAsDocumented.settings = _SETTINGS
