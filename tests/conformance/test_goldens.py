"""The mock answers like the server that was recorded, message by message (`goldens/README.md` says what counts)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meerkat_mock.conform import GOLDENS
from meerkat_mock.conform.golden import Golden

if TYPE_CHECKING:
    from concurrent.futures import Future

    from meerkat_mock.conform.player import Outcome

# one recording holds plain HTTP exchanges, which a player of lines and frames cannot play
NAMES = sorted(path.relative_to(GOLDENS).with_suffix("").as_posix() for path in GOLDENS.rglob("*.jsonl") if not Golden.read(path).bare_http)
SHOWN = 8


@pytest.mark.timeout(300)
@pytest.mark.parametrize("golden", NAMES)
def test_answers_as_the_recorded_server_did(golden: str, outcomes: dict[str, Future[Outcome]]) -> None:
    outcome = outcomes[golden].result()
    lines = [str(difference) for difference in outcome.differences[:SHOWN]]
    more = [f"and {len(outcome.differences) - SHOWN} more"] if len(outcome.differences) > SHOWN else []
    assert not outcome.differences, "\n".join([f"{len(outcome.differences)} differences", *lines, *more, *outcome.notes])
    assert not outcome.complaints, "the mock found fault with itself:\n" + "\n".join(outcome.complaints)
