"""The small parsers: texts that the server reads while it reads params."""

from __future__ import annotations

import pytest

from meerkat_mock.contract.texts import text_fault, uuid_fault

UUID = "0198c0de-1111-7aaa-8bbb-0123456789ab"


@pytest.mark.parametrize("text", [UUID, UUID.upper(), UUID.replace("-", ""), "{" + UUID + "}", "urn:uuid:" + UUID])
def test_a_uuid_is_read_in_five_spellings(text: str) -> None:
    assert uuid_fault(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "invalid length: expected length 32 for simple format, found 0"),
        ("bob", "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `o` at 2"),
        ("ab", "invalid length: expected length 32 for simple format, found 2"),
        ("a-b", "invalid group count: expected 5, found 2"),
        ("{abc}", "invalid group count: expected 5, found 1"),
        (UUID[1:], "invalid group length in group 0: expected 8, found 7"),
        (UUID + "0", "invalid group length in group 4: expected 12, found 13"),
        ("é", "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `é` at 1"),
        ("{z}", "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `z` at 2"),
    ],
)
def test_the_fault_of_a_uuid_is_the_first_one_from_the_left(text: str, fault: str) -> None:
    assert uuid_fault(text) == fault


@pytest.mark.parametrize("text", ["2030-01-01T08:00:00Z", "2030-01-01T08:00:00.5+02:00", "2030-01-01t08:00:60z"])
def test_a_time_is_read_with_any_offset_and_a_leap_second(text: str) -> None:
    assert text_fault("date_time", text) is None


@pytest.mark.parametrize("text", ["tomorrow", "2030-02-30T08:00:00Z", "2030-01-01T25:00:00Z", "2030-01-01", ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert text_fault("date_time", text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("pdf-tools", None),
        ("", "skill parse failed: skill_name cannot be empty"),
        ("-a", "skill parse failed: invalid skill_name '-a': cannot start/end with '-'"),
        ("Bad Name", "skill parse failed: invalid skill_name 'Bad Name': expected lowercase slug [a-z0-9-], no '--'"),
    ],
)
def test_a_skill_name_is_a_slug(text: str, fault: str | None) -> None:
    assert text_fault("skill_name", text) == fault
