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
