"""Tells when a server owes an answer and says nothing any more: a test must not wait for it for ever.

A real server cannot be looked into as the mock can, so only time tells. Nothing lawful is that quiet: the endpoint paces its chunks by
seconds at most, a retry waits half a minute, and a callback tool is the application's own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.journal import Exchange, Journal

SILENCE_LIMIT_S = 60.0
"""How long a server may say nothing while it owes an answer: twice the longest wait between two tries."""
LOOK_EACH_S = 5.0
"""How often it is looked at."""
_WAITING = "/wait_"
"""What the names of requests hold whose answer waits for somebody else."""


def silence_of(journal: Journal, connection: int, now: float) -> str | None:
    """Return what a server of this connection owes since `limit_s` of silence, None if it is the application's turn."""
    last = max((line.at for line in journal if line.connection == connection), default=now)
    if now - last < SILENCE_LIMIT_S:
        return None
    open_ones = [each for each in journal.exchanges() if each.connection == connection and not each.answered]
    if any(each.asker == "server" for each in open_ones):
        return None
    owed = next((each for each in open_ones if _WAITING not in each.method), None)
    return None if owed is None else _told(owed, now - last)


def _told(owed: Exchange, quiet_s: float) -> str:
    asked = f"request {owed.id} ({owed.method}, line {owed.line} of the journal)"
    return f"it owes the answer to {asked} and has said nothing for {quiet_s:.0f} s; it was ended"
