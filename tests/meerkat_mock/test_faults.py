"""Faults: named, off until they are turned on, and placed by meaning."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import LiveChannel, MeerkatClient, MeerkatError
from meerkat.rpc import Peer
from meerkat_mock.faults import UnknownFault
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.scenario.document import ScenarioError
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from meerkat import Mob
    from meerkat.transports.memory import MemoryTransport

STORY = Path(__file__).parents[2] / "scenarios" / "faults.mock.yaml"
WORDS = ["Once", " upon", " a", " time."]


class Wire:
    """A client that sees bytes."""

    def __init__(self, mock: MeerkatMock) -> None:
        self.transport: MemoryTransport = mock.start().connect()
        self.reads: list[bytes] = []

    async def ask(self, method: str, params: dict[str, Any], number: int = 1) -> None:
        line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"
        await self.transport.send(line)

    async def until(self, mark: bytes) -> bytes:
        """Read until `mark` was seen, or the end."""
        while mark not in (data := b"".join(self.reads)):
            read = await asyncio.wait_for(self.transport.receive(), 5)
            if not read:
                return data
            self.reads.append(read)
        return b"".join(self.reads)


def story(when: dict[str, Any] | None = None, **fault: Any) -> MeerkatMock:
    """Return a mock that tells a story, with one fault on."""
    mock = MeerkatMock()
    mock.session(name="story").turn(say=WORDS).turn(say="The end.", optional=True)
    mock.fault("it", when={"session": "story", "turn": 1, "after": {"text_delta": 3}} if when is None else when, **fault)
    return mock


async def told(mock: MeerkatMock) -> bytes:
    """Return every byte of the first turn."""
    wire = Wire(mock)
    await wire.ask("session/create", {"prompt": "Tell me"})
    data = await wire.until(b'"id":1')
    await wire.transport.close()
    return data


async def test_a_fault_of_the_file_is_off_until_it_is_named() -> None:
    for names, outcome in (((), "Once upon a time."), (("cut-mid-word",), None)):
        async with MeerkatMock(STORY, faults=names) as mock:
            if outcome is not None:
                async with mock.client() as client:
                    assert (await client.create_session("go")).text == outcome
            else:
                client = MeerkatClient()
                await client.connect()
                with pytest.raises(MeerkatError):
                    await client.create_session("go")
                await client.close()


async def test_a_line_is_cut_in_its_middle_and_nothing_follows() -> None:
    mock = story(wire={"close": "mid_line"})
    data = await told(mock)
    *whole, cut = data.split(b"\n")
    assert [json.loads(line)["params"]["event"]["payload"].get("delta") for line in whole][-3:] == WORDS[:3]
    assert cut
    with pytest.raises(ValueError, match=r"Unterminated|delimiter|Expecting"):
        json.loads(cut)
    mock.assert_clean()


async def test_a_line_is_cut_at_a_given_byte() -> None:
    data = await told(story(wire={"close": "mid_line", "at": 5}))
    assert data.split(b"\n")[-1] == b'{"jso'


async def test_a_reset_takes_what_was_not_read_and_is_an_error() -> None:
    mock = story(wire={"close": "reset"})
    wire = Wire(mock)
    await wire.ask("session/create", {"prompt": "Tell me"})
    with pytest.raises(ConnectionResetError):
        await wire.until(b'"id":1')
    mock.assert_clean()


async def test_a_stall_sends_nothing_and_keeps_the_connection() -> None:
    mock = story(wire={"close": "stall"})
    wire = Wire(mock)
    await wire.ask("session/create", {"prompt": "Tell me"})
    assert WORDS[2].encode() in await wire.until(b'" a"')
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(wire.transport.receive(), 0.05)
    await wire.transport.close()
    mock.assert_clean()


async def test_a_split_line_comes_in_two_reads() -> None:
    mock = story(wire={"close": "split", "at": 10})
    wire = Wire(mock)
    await wire.ask("session/create", {"prompt": "Tell me"})
    await wire.until(b'"id":1')
    ends = [read.rpartition(b"\n")[2] for read in wire.reads]
    assert b'{"jsonrpc"' in ends
    await wire.transport.close()
    mock.assert_clean()


async def test_two_lines_are_joined_and_a_last_one_is_not_kept_back_for_ever() -> None:
    for when in ({"turn": 1, "after": {"text_delta": 1}}, {"turn": 1, "after": {"run_completed": 1}}):
        mock = story(when=when, wire={"close": "coalesce"})
        assert b'"id":1' in await told(mock)
        mock.assert_clean()


async def test_a_line_comes_twice() -> None:
    mock = story(wire={"close": "duplicate"})
    assert (await told(mock)).count(b'" time."') == 2
    mock.assert_clean()


async def test_junk_stands_before_a_line_and_an_sdk_client_passes_over_it() -> None:
    async with story(wire={"close": "junk"}) as mock:
        async with mock.client() as client:
            assert (await client.create_session("Tell me")).text == "".join(WORDS)
        assert [line.mark for line in mock.journal if not line.message] == ["fault it"]


async def test_events_are_lost_and_the_session_knows_them_all() -> None:
    mock = story(when={"turn": 1, "after": {"text_delta": 1}}, overflow=2)
    data = await told(mock)
    assert [word for word in WORDS if json.dumps(word).encode() in data] == ["Once", " time."]
    assert mock.history()[-1]["blocks"] == [{"block_type": "text", "data": {"text": "".join(WORDS)}}]


async def test_a_slow_reader_takes_its_time_on_the_clock() -> None:
    mock = story(when={"turn": 1}, slow_reader="2s")
    before = mock.clock.now()
    await told(mock)
    assert mock.clock.now() - before >= 2 * 6


async def test_an_event_of_its_own_is_published_with_the_sessions_stamp() -> None:
    mock = story(when={"turn": 1, "after": {"text_delta": 2}}, emit={"type": "text_delta", "delta": "!"})
    await told(mock)
    events = mock.journal.envelopes(type="text_delta")
    assert [getattr(event.payload, "delta", None) for event in events] == ["Once", " upon", "!", " a", " time."]
    numbers = [event.seq for event in events]
    assert numbers == list(range(numbers[0], numbers[0] + 5))


async def test_a_notification_of_its_own_goes_out_as_it_stands() -> None:
    mock = story(emit={"method": "session/unheard_of", "params": {"a": 1}})
    await told(mock)
    assert mock.journal.notifications("session/unheard_of") == [{"a": 1}]


async def test_a_request_is_answered_with_an_error_as_often_as_the_fault_says() -> None:
    mock = story(when={"request": "session/list"}, error={"code": -32000, "message": "not now"}, times=2)
    async with mock, mock.client() as client:
        for _ in range(2):
            with pytest.raises(MeerkatError, match="not now"):
                await client.list_sessions()
        assert (await client.create_session("go")).text
        assert len(await client.list_sessions()) == 1


async def test_an_error_placed_by_turn_answers_the_start_of_that_turn() -> None:
    async with (
        story(when={"session": "story", "turn": 2}, error={"code": -32603, "message": "out of luck"}) as mock,
        mock.client() as client,
    ):
        session = await client.create_session("go")
        with pytest.raises(MeerkatError, match="out of luck"):
            await session.turn("and then?")


async def test_the_answer_of_a_request_can_be_struck_on_the_wire() -> None:
    mock = story(when={"request": "session/create"}, wire={"close": "duplicate"})
    wire = Wire(mock)
    await wire.ask("session/create", {"prompt": "Tell me"})
    await wire.until(b'"id":1')
    await wire.ask("session/list", {}, 2)
    assert (await wire.until(b'"id":2')).count(b'"id":1') == 2
    await wire.transport.close()
    mock.assert_clean()


@pytest.mark.parametrize("restart", [True, False])
async def test_a_server_that_dies_keeps_what_was_saved_and_comes_back_only_if_told(restart: bool) -> None:
    mock = MeerkatMock()
    mock.session(name="story").turn(say="One.").turn(say=["Two", "..."]).turn(say="Three.", optional=True)
    mock.fault("dies", when={"session": "story", "turn": 2, "after": {"text_delta": 1}}, crash={"restart": restart})
    mock.script.set(quirks={"failed_prompt_returns": False})
    with mock.intercepting():
        client = MeerkatClient()
        await client.connect(realm_id="shop")
        session = await client.create_session("first")
        with pytest.raises(MeerkatError):
            await session.turn("second")
        await client.close()
        other = MeerkatClient()
        if restart:
            await other.connect(realm_id="shop")
            assert [each.session_id for each in await other.list_sessions()] == [session.id]
            await other.close()
        else:
            with pytest.raises(MeerkatError, match="the fault 'dies' killed the server"):
                await other.connect(realm_id="shop")
    mock.assert_clean()


async def test_a_race_holds_the_second_back_until_the_first_has_come() -> None:
    mock = MeerkatMock()
    mock.session(name="story").turn(call={"look": {}}).then(say="Seen.")
    mock.fault("late", race=["session/list", "tool_result"])
    wire = Wire(mock)
    await wire.ask("tools/register", {"tools": [{"name": "look", "description": "", "input_schema": {"type": "object"}}]})
    await wire.ask("session/create", {"prompt": "go"}, 2)
    asked = await wire.until(b"tool/execute")
    request = next(json.loads(line)["id"] for line in asked.splitlines() if b"tool/execute" in line)
    await wire.transport.send(Peer.result(request, {"content": "x", "is_error": False}))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not mock.journal.events(type="tool_execution_completed")
    await wire.ask("session/list", {}, 3)
    await wire.until(b'"id":2')
    assert len(mock.journal.events(type="tool_execution_completed")) == 1
    await wire.transport.close()
    mock.assert_clean()


async def test_a_fault_can_come_late_on_the_clock() -> None:
    mock = story(when={"turn": 1, "after": {"run_completed": 1}, "delay": "10s"}, emit={"method": "session/late", "params": {}})
    before = mock.clock.now()
    wire = Wire(mock)
    await wire.ask("session/create", {"prompt": "Tell me"})
    await wire.until(b"session/late")
    assert mock.clock.now() - before == pytest.approx(10)


def test_a_name_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownFault, match="no fault 'cut-mid-wrd'; did you mean 'cut-mid-word'"):
        MeerkatMock(STORY, faults=["cut-mid-wrd"])


async def test_a_name_without_any_fault_is_told_at_the_first_connection() -> None:
    mock = MeerkatMock(faults=["nothing"])
    with pytest.raises(UnknownFault, match="it has no `faults`"):
        mock.start()


async def test_a_fault_that_is_on_and_never_strikes_is_a_violation_that_says_how_far_the_session_came() -> None:
    mock = story(when={"session": "story", "turn": 3}, wire={"close": "junk"})
    await told(mock)
    with pytest.raises(MockViolations, match="the fault 'it' is on and never struck") as failure:
        mock.assert_clean()
    assert "turn 1, round 1" in str(failure.value)
    assert "test_faults.py:" in failure.value.violations[0].where


async def test_a_fault_of_two_kinds_is_refused_with_its_line() -> None:
    mock = story(wire={"close": "junk"}, overflow=1)
    with pytest.raises(ScenarioError, match="exactly one of"):
        mock.start()


def desk() -> MeerkatMock:
    mock = MeerkatMock()
    lead, other = {"turns": [{"say": ["a", "b", "c"]}], "optional": True}, {"turns": [{"say": "I am other."}], "optional": True}
    mock.script.mob(members={"lead": lead, "other": other})
    return mock


async def a_member(client: MeerkatClient, identity: str = "lead", mob_id: str = "desk") -> Mob:
    profile = {"model": "gpt-5.4", "tools": {"comms": True}, "external_addressable": True}
    mob = await client.create_mob(definition={"id": mob_id, "profiles": {"lead": profile}})
    await mob.spawn(profile="lead", agent_identity=identity, runtime_mode="turn_driven")
    return mob


async def ask_member(client: MeerkatClient, identity: str = "lead", mob_id: str = "desk") -> str:
    answer = await client._request("mob/turn_start", {"mob_id": mob_id, "agent_identity": identity, "prompt": "go"})
    return str(answer["text"])


async def test_a_fault_is_placed_at_a_member_by_the_events_of_its_streams() -> None:
    mock = desk()
    mock.fault("gone", when={"mob": "desk", "member": "lead", "turn": 1, "after": {"text_delta": 2}}, crash={})
    async with mock.client() as client:
        mob = await a_member(client)
        await mob.subscribe_events()
        await mob.subscribe_member_events("lead")
        with pytest.raises(MeerkatError):
            await ask_member(client)
    shown = [line.text for line in mock.journal if '"text_delta"' in line.text]
    assert [json.loads(text)["params"]["sequence"] for text in shown] == [4, 4, 5]
    mock.assert_clean()


async def test_a_request_about_a_member_is_refused_by_a_fault_of_that_member_alone() -> None:
    mock = desk()
    mock.fault("no", when={"member": "lead"}, error={"code": -32000, "message": "not today"})
    async with mock.client() as client:
        mob = await a_member(client)
        await mob.spawn(profile="lead", agent_identity="other", runtime_mode="turn_driven")
        assert await ask_member(client, "other") == "I am other."
        with pytest.raises(MeerkatError, match="not today"):
            await ask_member(client)
        assert await ask_member(client) == "abc"


async def test_a_fault_is_placed_at_a_mob_whatever_the_request_says_of_members() -> None:
    mock = desk()
    mock.fault("full", when={"mob": "second", "request": "mob/spawn"}, error={"code": -32000, "message": "the mob is full"})
    async with mock.client() as client:
        await a_member(client)
        with pytest.raises(MeerkatError, match="the mob is full"):
            await a_member(client, mob_id="second")


async def test_a_fault_is_placed_at_a_live_channel_by_the_name_of_its_script() -> None:
    mock = MeerkatMock()
    for name in ("first", "second"):
        mock.script.live({"hear": "hi"}, {"write": "Hello."}, name=name, optional=True)
    mock.fault("deaf", when={"channel": "second", "request": "live/send_input"}, error={"code": -32000, "message": "cannot hear"})
    async with mock, mock.client(live_ws=True) as client:
        for outcome in (contextlib.nullcontext(), pytest.raises(MeerkatError, match="cannot hear")):
            session = await client.create_deferred_session("Talk.", model="gpt-realtime-2")
            channel = LiveChannel.session(client, session.id)
            async with channel.connect():
                with outcome:
                    await channel.send_input_text("hi")
    mock.assert_clean()
