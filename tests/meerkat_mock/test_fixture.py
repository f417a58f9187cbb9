"""The fixture as a test meets it: an application's own client lands in the mock."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from meerkat import MeerkatClient
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.violations import MockViolations


async def weather_desk(question: str) -> str:
    """An application: it knows nothing of any mock."""
    client = MeerkatClient()

    @client.tool("forecast", description="Tomorrow's weather", input_schema={"type": "object"})
    async def forecast(arguments: dict[str, str]) -> str:
        return f"rain in {arguments['city']}"

    async with client:
        session = await client.create_session(question)
        return session.text


async def test_an_unchanged_application_runs_against_a_script(meerkat_mock: MeerkatMock) -> None:
    meerkat_mock.session(prompt={"contains": "weather"}).turn(call={"forecast": {"city": "Oslo"}}).then(say="Rain.")
    assert await weather_desk("What weather?") == "Rain."
    assert meerkat_mock.calls("forecast") == [{"city": "Oslo"}]
    assert meerkat_mock.history()[-2]["results"][0]["content"] == "rain in Oslo"


def test_a_plain_test_runs_its_own_loop(meerkat_mock: MeerkatMock) -> None:
    meerkat_mock.session().turn(say="Hello")
    assert asyncio.run(weather_desk("Hi")) == "Hello"


async def test_a_script_that_was_never_used_is_a_violation() -> None:
    with pytest.raises(MockViolations, match="never"):
        async with MeerkatMock() as mock:
            mock.session(prompt="a").turn(say="b")


CHILD = """
import asyncio
import subprocess
import sys
from meerkat import MeerkatClient

async def main():
    async with MeerkatClient() as client:
        print((await client.create_session("from a child")).text)

asyncio.run(main())
"""


def test_a_child_process_finds_the_mock_and_its_conversation_is_in_the_journal(meerkat_mock: MeerkatMock) -> None:
    meerkat_mock.session(prompt="from a child").turn(say="Found you")
    result = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.strip() == "Found you", result.stderr
    assert [each.method for each in meerkat_mock.journal.requests("session/create")] == ["session/create"]


def test_what_a_child_does_against_the_scenario_is_a_violation() -> None:
    mock = MeerkatMock()
    mock.session(prompt="somebody else").turn(say="x")
    with mock.intercepting():
        subprocess.run([sys.executable, "-c", CHILD], capture_output=True, timeout=60, check=False)
    with pytest.raises(MockViolations, match="somebody else") as failure:
        mock.assert_clean()
    assert {violation.code for violation in failure.value.violations} == {"no_candidate", "unused"}


STRUCK = """
import asyncio
from meerkat import ConnectionLostError, MeerkatClient

async def main():
    client = await MeerkatClient().connect()
    try:
        await client.create_session("from a child")
    except ConnectionLostError as lost:
        print(lost.exit_status)
    await client.close()

asyncio.run(main())
"""


def test_a_fault_that_is_on_strikes_in_a_child_process_too() -> None:
    mock = MeerkatMock()
    mock.session(name="story").turn(say=["Once", " upon", " a", " time."])
    with mock.intercepting():
        mock.fault("cut", when={"session": "story", "after": {"text_delta": 2}}, wire={"close": "mid_line"})
        result = subprocess.run([sys.executable, "-c", STRUCK], capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.strip() == "137", result.stderr
    mock.assert_clean()


DEFECTIVE = """
import meerkat_mock.surfaces.models as models
from meerkat_mock.dropin import main

models._ROWS = None
raise SystemExit(main())
"""


def test_what_the_mock_holds_against_itself_in_a_child_process_is_a_violation() -> None:
    mock = MeerkatMock()
    with mock.intercepting():
        asked = b'{"jsonrpc":"2.0","id":1,"method":"models/catalog"}\n'
        answer = subprocess.run([sys.executable, "-c", DEFECTIVE], input=asked, capture_output=True, timeout=60, check=False).stdout
    assert b"meerkat_mock failed: TypeError" in answer
    assert [violation.code for violation in mock.violations] == ["crash"]
    assert "models/catalog failed inside the mock" in mock.violations[0].message
