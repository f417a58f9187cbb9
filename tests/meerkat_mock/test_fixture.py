"""The fixture as a test meets it: an application's own client lands in the mock."""

from __future__ import annotations

import asyncio

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
