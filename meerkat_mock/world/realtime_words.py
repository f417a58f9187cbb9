"""Who speaks for the realtime provider on a connection: what a surface asks the world for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from meerkat_mock.world.realtime import RealtimeIds
from meerkat_mock.world.realtime_answers import InlineWords

if TYPE_CHECKING:
    from meerkat_mock.world.realtime_answers import Words
    from meerkat_mock.world.realtime_events import ProviderError


@dataclass(frozen=True)
class Occasion:
    """A connection that is being made: for which session, with which model, and what the model is told first."""

    session_id: str
    model: str
    system_prompt: str


class ProviderRefused(Exception):
    """A connection that did not come about: the provider's error event, or that it was not reached or broke the connection."""

    def __init__(self, why: Literal["unreachable", "reset"] | ProviderError) -> None:
        super().__init__(str(why))
        self.why: Literal["unreachable", "reset"] | ProviderError = why


class Realtime(Protocol):
    """The realtime provider of a world."""

    ids: RealtimeIds

    def words(self, occasion: Occasion) -> Words:
        """Return who decides what is heard and answered on this connection. Raises `ProviderRefused`."""
        ...


@dataclass
class InlineRealtime:
    """The provider without a scenario: it does what prompts ask for."""

    ids: RealtimeIds = field(default_factory=RealtimeIds)

    def words(self, occasion: Occasion) -> Words:
        """Return the inline scripts of a connection."""
        return InlineWords.of_prompt(occasion.system_prompt)
