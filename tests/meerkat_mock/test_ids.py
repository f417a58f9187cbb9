"""Ids: the same seed gives the same, in order; they are UUIDs of the version they claim, and processes never share one."""

from __future__ import annotations

import uuid

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.ids import IdSource


def source(seed: int | None = 0, process: int = 0, start: float = 1_772_442_000.0) -> IdSource:
    return IdSource(VirtualClock(start), seed, process)


def test_the_same_seed_gives_the_same_ids_and_another_gives_others() -> None:
    def drawn(ids: IdSource) -> list[object]:
        return [ids.uuid7(), ids.uuid4(), ids.token(), ids.jitter(10, 0.5)]

    assert drawn(source(7)) == drawn(source(7))
    assert drawn(source(7))[1:] != drawn(source(8))[1:]


@pytest.mark.parametrize("seed", [0, None])
def test_ids_are_uuids_of_their_version_in_the_spelling_of_the_server(seed: int | None) -> None:
    ids = source(seed)
    for text, version in ((ids.uuid7(), 7), (ids.uuid4(), 4)):
        read = uuid.UUID(text)
        assert (str(read), read.variant, text[14]) == (text, uuid.RFC_4122, str(version))


async def test_later_ids_sort_after_earlier_ones_also_when_the_clock_is_set_back() -> None:
    clock = VirtualClock()
    ids = IdSource(clock)
    made = [ids.uuid7()]
    for start in (clock.now() + 0.001, clock.now() + 3600, clock.now() - 3600):
        clock.begin(start)
        made += [ids.uuid7(), ids.uuid7()]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_the_time_stands_at_the_beginning() -> None:
    assert int(source(start=1_772_442_000.0).uuid7().replace("-", "")[:12], 16) == 1_772_442_000_000


def test_processes_that_share_a_clock_never_make_the_same_id() -> None:
    made = [ids.uuid7() for ids in (source(process=process) for process in range(5)) for _ in range(20)]
    assert len(set(made)) == 100


def test_unseeded_sources_cannot_collide() -> None:
    assert not {source(None).uuid7() for _ in range(50)} & {source(None).uuid7() for _ in range(50)}


def test_a_token_is_as_long_as_asked_and_fit_for_a_url() -> None:
    token = source().token(100)
    assert len(token) == 100
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_jitter_stays_within_its_share() -> None:
    ids = source()
    drawn = [ids.jitter(10, 0.2) for _ in range(200)]
    assert 8 <= min(drawn) < 9
    assert 11 < max(drawn) <= 12
