from __future__ import annotations

import pytest

from meerkat_mock.session.locators import canonical_uuid, parsed_uuid, session_id_of
from meerkat_mock.surfaces.registry import Fault

PLAIN = "0198c0de-1111-7aaa-8bbb-0123456789ab"


@pytest.mark.parametrize("spelling", [PLAIN, PLAIN.upper(), PLAIN.replace("-", ""), f"{{{PLAIN}}}", f"team-a:{PLAIN.upper()}"])
def test_every_spelling_comes_out_plain(spelling: str) -> None:
    assert session_id_of(spelling, "team-a") == PLAIN


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        ("nope", "Invalid session_id 'nope': invalid session id in session locator: nope"),
        ("", "Invalid session_id '': invalid session id in session locator: "),
        (f"urn:uuid:{PLAIN}", f"Invalid session_id 'urn:uuid:{PLAIN}': invalid session id in session locator: uuid:{PLAIN}"),
        (f" {PLAIN}", f"Invalid session_id ' {PLAIN}': invalid session id in session locator:  {PLAIN}"),
        (f":{PLAIN}", f"Invalid session_id ':{PLAIN}': invalid session locator: expected <session_id> or <realm_id>:<session_id>"),
        ("team-a:", "Invalid session_id 'team-a:': invalid session locator: expected <session_id> or <realm_id>:<session_id>"),
        (f"-x:{PLAIN}", f"Invalid session_id '-x:{PLAIN}': invalid realm id in session locator: -x"),
        (f"{PLAIN}:{PLAIN}", f"Invalid session_id '{PLAIN}:{PLAIN}': invalid realm id in session locator: {PLAIN}"),
        (f"other:{PLAIN}", "Session locator realm 'other' does not match active runtime realm 'team-a'"),
    ],
)
def test_a_bad_locator_is_refused_with_what_is_wrong_about_it(raw: str, refusal: str) -> None:
    with pytest.raises(Fault) as refused:
        session_id_of(raw, "team-a")
    assert (refused.value.error.code, refused.value.error.message) == (-32602, refusal)


def test_what_is_no_uuid_has_no_canonical_form() -> None:
    assert [canonical_uuid(text) for text in ("", PLAIN[:-1], f"{{{PLAIN}", f"{{{PLAIN.replace('-', '')}}}")] == [None] * 4


def test_a_uuid_that_stands_alone_may_be_a_urn() -> None:
    assert [parsed_uuid(text) for text in (PLAIN, f"urn:uuid:{PLAIN.upper()}", f"{{{PLAIN}}}")] == [PLAIN] * 3
    assert [parsed_uuid(text) for text in ("urn:uuid:", f"urn:uuid:{{{PLAIN}}}", f"urn:uuid:{PLAIN.replace('-', '')}")] == [None] * 3
