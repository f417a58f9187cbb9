"""The mock as an object: nested, shared by clients, left open, served over TCP, without pytest."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import unittest
import weakref
from typing import TYPE_CHECKING

import pytest

import meerkat_mock as toolkit
from meerkat import MeerkatClient
from meerkat_mock import MeerkatMock, MockViolations, contains, not_

if TYPE_CHECKING:
    from pathlib import Path


async def answer(prompt: str, **options: str) -> str:
    async with MeerkatClient() as client:
        if options:
            await client.close()
            await client.connect(**options)
        return (await client.create_session(prompt)).text


async def test_of_nested_mocks_the_innermost_answers() -> None:
    async with MeerkatMock() as outer:
        outer.session(reuse=True).turn(say="outer")
        async with MeerkatMock() as inner:
            inner.session().turn(say="inner")
            assert await answer("Hi") == "inner"
        assert await answer("Hi") == "outer"


async def test_two_nested_mocks_may_both_pause_on_their_clocks() -> None:
    async with MeerkatMock() as outer, MeerkatMock() as inner:
        for mock in (outer, inner):
            mock.session().turn(say=["a", "b"], pace={"each": "1s"})
        async with outer.client() as one, inner.client() as other:
            both = await asyncio.gather(one.create_session("x"), other.create_session("y"))
        assert [session.text for session in both] == ["ab", "ab"]


async def test_two_clients_of_one_mock_are_two_processes_with_one_scenario() -> None:
    async with MeerkatMock() as mock:
        mock.session(prompt=contains("tea")).turn(say="Green.")
        mock.session(prompt=not_(contains("tea"))).turn(say="Black.")
        async with mock.client() as one, mock.client() as other:
            tea, coffee = await asyncio.gather(one.create_session("tea?"), other.create_session("coffee?"))
            assert (tea.text, coffee.text) == ("Green.", "Black.")
            assert len(await one.list_sessions()) == 1
        assert {session.id for session in mock.sessions} == {tea.id, coffee.id}
        with pytest.raises(LookupError, match="2 sessions, so say which"):
            mock.history()
        with pytest.raises(LookupError, match="no session 'x'"):
            mock.history("x")


async def test_a_mock_that_has_ended_leaves_nothing_in_the_event_loop_that_would_keep_it() -> None:
    async def ask() -> weakref.ref[MeerkatMock]:
        async with MeerkatMock() as mock:
            mock.session().turn(call={"tea": {}}).then(say="Green.")
            client = MeerkatClient()

            @client.tool("tea", description="Make tea")
            async def made(_arguments: object) -> str:
                return "made"

            await client.connect()
            assert (await client.create_session("Tea?")).text == "Green."
            await client.close()
        return weakref.ref(mock)

    ended = await ask()
    gc.collect()
    assert ended() is None


async def test_a_client_that_comes_back_to_a_realm_finds_its_sessions() -> None:
    async with MeerkatMock() as mock:
        async with mock.client(realm_id="shop") as client:
            session = await client.create_session("Hi")
        async with mock.client(realm_id="shop") as client:
            assert [each.session_id for each in await client.list_sessions()] == [session.id]
        async with mock.client(realm_id="other") as client:
            assert await client.list_sessions() == []
        async with mock.client() as client:
            assert await client.list_sessions() == []


async def test_a_client_that_is_left_open_does_not_keep_the_mock_from_ending() -> None:
    async with MeerkatMock():
        client = MeerkatClient()
        await client.connect()
        await client.create_session("Hi")
    await client.close()


async def test_a_client_in_any_language_is_served_over_loopback() -> None:
    mock = MeerkatMock()
    mock.session().turn(say="Over TCP.")
    async with mock.serve_tcp() as address:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session/create", "params": {"prompt": "Hi"}}).encode() + b"\n")
        while "id" not in (message := json.loads(await reader.readline())):
            pass
        assert message["result"]["text"] == "Over TCP."
        writer.close()
        await writer.wait_closed()
    mock.assert_clean()


async def test_time_begins_where_the_scenario_says() -> None:
    mock = MeerkatMock()
    mock.script.set(clock={"start": "2030-01-01T00:00:00+01:00"}, defaults={"unmatched": "auto"})
    async with mock.client() as client:
        session = await client.create_session("Hi")
        assert (await client.read_session(session.id)).created_at == 1893452400


async def test_variables_that_no_scenario_takes_are_told_and_not_dropped(tmp_path: Path) -> None:
    told = r"vars= gives city to the `\$\{name\}` of a scenario file, and this mock has none"
    mock = MeerkatMock(vars={"city": "Oslo"})
    mock.session().turn(say="in ${city}")
    with mock.intercepting(), pytest.raises(ValueError, match=told):
        await answer("where?")
    with pytest.raises(ValueError, match=told):  # also where the application swallows it
        mock.assert_clean()
    file = tmp_path / "where.mock.yaml"
    file.write_text("vars: {city: Rome}\nsessions:\n  - turns:\n      - say: in ${city}\n")
    async with MeerkatMock(vars={"city": "Oslo"}) as mock:
        mock.load(file)
        assert await answer("where?") == "in Oslo"


async def test_the_same_seed_gives_the_same_ids_and_a_scenario_may_set_it() -> None:
    ids: list[str] = []
    for seed, scripted in ((1, 2), (1, 3), (None, 1), (2, 1)):
        mock = MeerkatMock(seed=seed)
        mock.script.set(seed=scripted, defaults={"unmatched": "auto"})
        async with mock.client() as client, await (await client.create_session("Hi")).subscribe_events() as events:
            ids.append(events.stream_id)
    assert ids[0] == ids[1] == ids[2] != ids[3]


async def test_logins_and_keys_of_a_scenario_are_there_at_the_start() -> None:
    mock = MeerkatMock()
    profile = {"provider": "openai", "auth_method": "api_key", "source": {"kind": "managed_store"}}
    binding = {"backend_profile": "b", "auth_profile": "p"}
    realm = {"backend": {"b": {"provider": "openai", "backend_kind": "openai_api"}}, "auth": {"p": profile}, "binding": {"api": binding}}
    mock.script.set(realms={"lab": realm}, auth={"keys": {"lab/api": "sk-test"}})
    async with mock.client() as client:
        assert (await client.auth_status("lab", "api"))["state"] == "valid"
    wrong = MeerkatMock()
    wrong.script.set(auth={"keys": {"lab/api": "sk-test"}})
    with pytest.raises(ValueError, match="lab/api"):
        wrong.start()


class WithUnittest(unittest.TestCase):
    """The context manager is all that unittest needs."""

    def test_a_plain_test_runs_its_own_loop(self) -> None:
        with MeerkatMock() as mock:
            mock.session().turn(say="Hello")
            self.assertEqual(asyncio.run(answer("Hi")), "Hello")  # noqa: PT009

    def test_violations_fail_it(self) -> None:
        with self.assertRaises(MockViolations), MeerkatMock() as mock:  # noqa: PT027
            mock.session().turn(say="never asked")


class WithAsyncUnittest(unittest.IsolatedAsyncioTestCase):
    """So it is with its own event loop."""

    async def test_an_async_test(self) -> None:
        async with MeerkatMock() as mock:
            mock.session().turn(say="Hello")
            self.assertEqual(await answer("Hi"), "Hello")  # noqa: PT009


def test_every_public_name_is_there_and_is_imported_when_it_is_asked_for() -> None:
    for name in toolkit.__all__:
        assert getattr(toolkit, name) is not None
    assert set(toolkit.__all__) <= set(dir(toolkit))
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        _ = toolkit.Nope
    code = "import sys, meerkat_mock; print([m for m in sys.modules if m.split('.')[0] in ('pydantic', 'ruamel', 'meerkat', 'asyncio')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_missing_extra_is_named() -> None:
    code = "import sys; sys.modules['pydantic'] = None\nimport meerkat_mock\nmeerkat_mock.MeerkatMock"
    error = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
    assert 'meerkat_mock.MeerkatMock needs pydantic; install it with: pip install "meerkat-kit[mock]"' in error


def test_everything_a_file_may_script_can_be_scripted_here_with_the_same_keys() -> None:
    mock = MeerkatMock()
    mock.session(name="one").turn(say="x")
    mock.mob(members={"lead": {"turns": [{"say": "y"}]}})
    mock.schedule(name="daily", timeline=[{"advance": "24h", "expect": "completed"}])
    mock.live({"hear": "hi"}, {"write": "Hello."}, name="line")
    mock.stub("mcp/reload", result={})
    mock.fault("cut", wire={"close": "mid_line"})
    scenario = mock.script.scenario()
    assert [len(part) for part in (scenario.sessions, scenario.mobs, scenario.schedules, scenario.live, scenario.stubs)] == [1] * 5
    assert list(scenario.faults) == ["cut"]
