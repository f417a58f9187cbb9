"""`pytest --meerkat-server`: the same tests against another server, here the drop-in asking the scenario's endpoint."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
SUITE = """
import asyncio

import pytest
from meerkat import MeerkatClient, MeerkatError


async def desk(question, **options):
    client = MeerkatClient()

    @client.tool("forecast", description="Tomorrow's weather", input_schema={"type": "object"})
    async def forecast(arguments):
        return f"rain in {arguments['city']}"

    async with client:
        return await client.create_session(question, **options)
"""


@pytest.fixture
def server(tmp_path: Path) -> str:
    program = tmp_path / "some-server"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m meerkat_mock.dropin "$@"\n')
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def run(pytester: pytest.Pytester, server: str) -> Runner:
    return Runner(pytester, server)


class Runner:
    """Runs a test file of a user against the server."""

    def __init__(self, pytester: pytest.Pytester, server: str) -> None:
        self.pytester = pytester
        self.server = server

    def __call__(self, tests: str, *arguments: str) -> pytest.RunResult:
        self.pytester.makeini(INI)
        self.pytester.makepyfile(test_app=SUITE + tests)
        return self.pytester.runpytest_inprocess(f"--meerkat-server={self.server}", "-p", "no:cacheprovider", *arguments)


def test_scripts_calls_history_and_journal_hold_against_the_server_in_plain_tests_too(run: Runner) -> None:
    result = run("""
async def test_weather(meerkat_mock):
    meerkat_mock.session(prompt={"contains": "weather"}).turn(call={"forecast": {"city": "Oslo"}}).then(say=["Ra", "in."])
    session = await desk("What weather?")
    assert session.text == "Rain."
    assert meerkat_mock.calls("forecast") == [{"city": "Oslo"}]
    assert meerkat_mock.history()[-2]["results"][0]["content"] == "rain in Oslo"
    assert [each.delta for each in meerkat_mock.journal.events(type="text_delta")] == ["Ra", "in."]
    methods = [each.method for each in meerkat_mock.journal.requests()]
    assert methods[0] == "initialize" and "config/patch" not in methods


def test_plain(meerkat_mock):
    meerkat_mock.session().turn(say="Hello")
    assert asyncio.run(desk("Hi")).text == "Hello"
    assert meerkat_mock.history()[-1]["blocks"][0]["data"]["text"] == "Hello"


async def test_running(meerkat_mock):
    meerkat_mock.session().turn(say="One").turn(say="Two")
    async with meerkat_mock.client() as client:
        session = await client.create_session("1")
        assert len(meerkat_mock.history(session.id)) == 3
        await session.turn("2")
        assert len(meerkat_mock.history(session.id)) == 5
""")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["meerkat server: *some-server"])


def test_models_labels_schemas_and_retries_choose_and_assert_as_in_the_mock(run: Runner) -> None:
    run("""
async def test_by_model_and_label(meerkat_mock):
    meerkat_mock.session(model="gpt-5.5").turn(say="I am GPT")
    meerkat_mock.session(labels={"app": "desk"}).turn(say="I am the desk")
    meerkat_mock.session(model="desk-large").turn(say="I am large")
    assert (await desk("who?", model="gpt-5.5")).text == "I am GPT"
    assert (await desk("and who?", labels={"app": "desk"})).text == "I am the desk"
    assert (await desk("you?", model="desk-large")).text == "I am large"


async def test_schema(meerkat_mock):
    meerkat_mock.session().turn(expect={"output_schema": "present"}, say="Let me see").then(json={"city": "Oslo"})
    session = await desk("where?", output_schema={"type": "object", "required": ["city"]})
    assert session.structured_output == {"city": "Oslo"}


async def test_retry(meerkat_mock):
    meerkat_mock.session().turn(attempts=[{"fail": "overloaded"}, {"say": "At last"}])
    assert (await desk("q")).text == "At last"
    assert len(meerkat_mock.journal.events(type="retrying")) == 1
""").assert_outcomes(passed=3)


def test_an_unmatched_prompt_and_an_unused_script_fail_the_test(run: Runner) -> None:
    result = run("""
async def test_unmatched(meerkat_mock):
    meerkat_mock.session(prompt="a").turn(say="b")
    with pytest.raises(MeerkatError):
        await desk("c")
""")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*no script for the prompt*", "*was never selected*"])


def test_what_only_the_mock_can_do_is_reported_test_by_test(run: Runner) -> None:
    result = run("""
async def test_clock(meerkat_mock):
    await meerkat_mock.clock.advance("24h")


@pytest.mark.meerkat_mock(faults=["cut"])
async def test_fault(meerkat_mock):
    assert False


async def test_world(meerkat_mock):
    meerkat_mock.script.stub("skills/list", result={"skills": []})
    await desk("q")


async def test_swallowed(meerkat_mock):
    try:
        meerkat_mock.checkpoint()
    except Exception:
        pass


async def test_slow(meerkat_mock):
    meerkat_mock.session().turn(say="z", pace={"first": "24h"})
    assert (await desk("q")).text == "z"


async def test_anywhere(meerkat_mock):
    assert (await desk("q")).text == "OK"
""")
    result.assert_outcomes(passed=1, skipped=5)
    result.stdout.fnmatch_lines(
        [
            "*what only the mock can do*",
            "*::test_clock: mock only: moving the clock (`clock.advance`)",
            "*::test_fault: mock only: `faults=`",
            "*::test_world: mock only: `stubs:` of the scenario",
            "*::test_swallowed: mock only: `checkpoint`",
            "*::test_slow: mock only: virtual time: a pace beyond 5 s *",
            "mock only: 5 tests",
        ]
    )


def test_the_variable_does_as_the_option(pytester: pytest.Pytester, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEERKAT_SERVER", server)
    pytester.makeini(INI)
    pytester.makepyfile("def test_which(meerkat_mock): assert type(meerkat_mock).__name__ == 'ServerMock'")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_path_for_which_pytest_would_lose_its_configuration_is_wrong_use(pytester: pytest.Pytester, server: str) -> None:
    pytester.makeini(INI)
    pytester.makepyfile("def test_any(): pass")
    result = pytester.runpytest_inprocess("--meerkat-server", server)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*outside {pytester.path}; write --meerkat-server={server}"])
    pytester.runpytest_inprocess(f"--meerkat-server={server}", "-p", "no:cacheprovider").assert_outcomes(passed=1)
    beside = pytester.path.joinpath("server")
    beside.write_bytes(Path(server).read_bytes())
    beside.chmod(0o755)
    pytester.runpytest_inprocess("--meerkat-server", "./server", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_program_that_is_not_there_is_wrong_use(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--meerkat-server", "./no-such-server")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no program './no-such-server'*"])
