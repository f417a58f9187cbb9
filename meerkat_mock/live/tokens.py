"""The one-time tokens with which a client comes to its channel's socket (spec 07, section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from meerkat_mock.clock import Clock
    from meerkat_mock.ids import IdSource

LIFETIME_SECONDS = 60.0

Refusal = Literal["token not found", "token bound to a different channel"]


@dataclass(frozen=True)
class _Minted:
    channel_id: str
    deadline: float


class Tokens:
    """The tokens that were minted and not spent. There is one per channel, and no other way to a socket."""

    def __init__(self, clock: Clock, ids: IdSource) -> None:
        self._clock = clock
        self._ids = ids
        self._minted: dict[str, _Minted] = {}

    def mint(self, channel_id: str) -> str:
        """Return a new token for a channel."""
        self._sweep()
        token = self._ids.uuid4()
        self._minted[token] = _Minted(channel_id, self._clock.now() + LIFETIME_SECONDS)
        return token

    def spend(self, token: str, channel_id: str) -> Refusal | None:
        """Use a token up, for this channel or the wrong one; return why it does not open the channel."""
        self._sweep()
        minted = self._minted.pop(token, None)
        if minted is None:
            return "token not found"
        return None if minted.channel_id == channel_id else "token bound to a different channel"

    def _sweep(self) -> None:
        now = self._clock.now()
        for token in [token for token, minted in self._minted.items() if minted.deadline <= now]:
            del self._minted[token]
