"""The model that plays without a scenario: inline scripts are obeyed, every other prompt is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.world.model import ModelAnswer

if TYPE_CHECKING:
    from meerkat_mock.world.model import ModelRequest


class InlineModel:
    """Answers `OK`."""

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the answer of a model that agrees with everything."""
        return ModelAnswer(say=("OK",))
