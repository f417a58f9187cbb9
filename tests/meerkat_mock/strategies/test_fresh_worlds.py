"""`@given` and the fixture together: every example has a world of its own, and Hypothesis has nothing to object to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from meerkat_mock.mock import MeerkatMock

pytest_plugins = ["pytester"]

HEAD = """
import asyncio, pytest
from hypothesis import Phase, given, settings, strategies as st
from meerkat import MeerkatError

FEW = settings(max_examples=20, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
"""


def _pytest(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(HEAD + test)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error")


@settings(deadline=None)
@given(st.text(min_size=1))
async def test_every_example_has_a_world_of_its_own(meerkat_mock: MeerkatMock, text: str) -> None:
    async with meerkat_mock.client() as client:
        assert await client.list_sessions() == []
        assert (await client.create_session(text)).text == "OK"
    assert len(meerkat_mock.journal.requests("session/create")) == 1


class TestMethods:
    @pytest.mark.parametrize("answer", ["yes", "no"])
    @settings(deadline=None)
    @given(prompt=st.sampled_from(["a", "b"]))
    async def test_so_has_every_example_of_a_method_with_parameters(self, meerkat_mock: MeerkatMock, prompt: str, answer: str) -> None:
        meerkat_mock.session(prompt=prompt).turn(say=answer)
        async with meerkat_mock.client() as client:
            assert (await client.create_session(prompt)).text == answer


def test_a_plain_function_works_as_well(pytester: pytest.Pytester) -> None:
    result = _pytest(
        pytester,
        """
WORLDS = set()

@FEW
@given(number=st.integers())
def test_it(meerkat_mock, number):
    async def run():
        async with meerkat_mock.client() as client:
            assert await client.list_sessions() == []
    asyncio.run(run())
    WORLDS.add(id(meerkat_mock.journal))

@pytest.mark.meerkat_mock(seed=7)
@FEW
@given(number=st.integers())
def test_the_marker_counts(meerkat_mock, number):
    assert meerkat_mock.seed == 7
""",
    )
    result.assert_outcomes(passed=2)


def test_what_one_example_leaves_unused_fails_it_and_is_shrunk(pytester: pytest.Pytester) -> None:
    result = _pytest(
        pytester,
        """
@FEW
@given(number=st.integers(0, 9))
async def test_it(meerkat_mock, number):
    if number > 0:
        meerkat_mock.session().turn(say="never asked")
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*MockViolations*", "*number=1,*"])


def test_a_failure_shows_the_conversation_of_its_example(pytester: pytest.Pytester) -> None:
    result = _pytest(
        pytester,
        """
@FEW
@given(number=st.integers(0, 9))
async def test_it(meerkat_mock, number):
    async with meerkat_mock.client() as client:
        session = await client.create_session(f"number {number}")
        assert number < 3
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*meerkat_mock: conversation*", "*number 3*"])
