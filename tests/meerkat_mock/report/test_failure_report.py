"""What a failed test shows, word for word: the violations with the nearest miss and numbered fixes, the conversation, the journal's tail.

Each story is a scenario in `failures/` and an application that departs from it; the text beside the scenario is what must be shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import MeerkatClient, MeerkatError
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FAILURES = Path(__file__).with_name("failures")
pytest_plugins = ["pytester"]


async def ask_for_something_else(client: MeerkatClient) -> None:
    await client.create_session("Where is my refnud?")


async def ask_for_another_order(client: MeerkatClient) -> None:
    await client.create_session("Refund order 1024")


async def ask_twice(client: MeerkatClient) -> None:
    session = await client.create_session("Go on")
    await session.turn("And then?")


async def ask_once(client: MeerkatClient) -> None:
    await client.create_session("Go on")


async def never_answer(client: MeerkatClient) -> None:
    @client.tool("work", description="", input_schema={"type": "object"})
    async def work(arguments: dict[str, Any]) -> str:
        return await asyncio.get_running_loop().create_future()

    await client.create_session("Go on")


STORIES: dict[str, tuple[Callable[[MeerkatClient], Awaitable[None]], tuple[str, ...]]] = {
    "no_candidate": (ask_for_something_else, ()),
    "expectation_failed": (ask_for_another_order, ()),
    "script_exhausted": (ask_twice, ()),
    "stopped_early": (ask_once, ("cut",)),
    "hang": (never_answer, ()),
}


@pytest.mark.parametrize("story", STORIES)
async def test_a_failure_is_shown_word_for_word(story: str) -> None:
    application, faults = STORIES[story]
    mock = MeerkatMock(FAILURES / f"{story}.mock.yaml", faults=faults)
    async with mock.client() as client:
        with contextlib.suppress(MeerkatError):
            await application(client)
    with pytest.raises(MockViolations) as failure:
        mock.assert_clean()
    sections = "".join(f"\n---- {title} ----\n{text}\n" for title, text in mock.failure_sections())
    assert shown(f"{failure.value}\n{sections}") == (FAILURES / f"{story}.txt").read_text(encoding="utf-8")


def test_the_report_of_pytest_shows_no_frame_of_the_mock(pytester: pytest.Pytester) -> None:
    (pytester.path / "no_candidate.mock.yaml").write_text((FAILURES / "no_candidate.mock.yaml").read_text())
    pytester.makepyfile(
        """
        import asyncio
        import pytest
        from meerkat import MeerkatClient, MeerkatError

        async def ask():
            async with MeerkatClient() as client:
                await client.create_session("Where is my refnud?")

        @pytest.mark.meerkat_mock("no_candidate.mock.yaml")
        def test_it(meerkat_mock):
            with pytest.raises(MeerkatError):
                asyncio.run(ask())
        """
    )
    quiet = ("-p", "no:cacheprovider", "-p", "no:xdist", "-o", "asyncio_default_fixture_loop_scope=function", "--tb=short")
    result = pytester.runpytest_inprocess(*quiet)
    result.assert_outcomes(passed=1, errors=1)
    text = result.stdout.str()
    assert "MockViolations: meerkat_mock found 2 violations:" in text
    assert not re.findall(r"^\S*meerkat_mock/\w+\.py:\d+", text, re.MULTILINE)
    titles = re.findall(r"^-+ meerkat_mock: (.*?) -+$", text, re.MULTILINE)
    assert titles == ["conversation", "journal tail", "violations", "seed"]


def shown(text: str) -> str:
    """Return a report without what differs from machine to machine."""
    return re.sub(r"(?<=\()\S*(test_failure_report\.py):\d+", r"\1:N", text.replace(str(FAILURES), "failures"))
