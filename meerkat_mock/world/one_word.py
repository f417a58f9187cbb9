"""The model that `RKAT_TEST_CLIENT=1` puts in the place of every other: one word, no tools, no tokens (spec 01, section 13.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.world.model import ModelAnswer, ModelUsage

if TYPE_CHECKING:
    from meerkat_mock.world.model import ModelRequest

ONE_WORD_VARIABLE = "RKAT_TEST_CLIENT"
"""Only the value `1` counts."""
_ANSWER = ModelAnswer(say=("ok",), usage=ModelUsage(0, 0), source="auto")


class OneWord:
    """Answers every call with `ok`, whatever is asked and whatever a script says."""

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the one answer."""
        return _ANSWER
