"""Giving a session a live agent without a turn, as a channel needs one (spec 07, section 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.session.live import BuildFailed
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.live import LiveSession
    from meerkat_mock.session.state import Session


def materialise(book: SessionBook, session: Session) -> LiveSession:
    """Return the live agent of a session, built if there is none. Raises `Fault` -32603.

    The prompt of a deferred create goes on waiting for the first ordinary turn, a stream opened before never hears of anything, and the
    system message is in the history but not counted before anything else is.
    """
    if session.live is not None:
        return session.live
    staged, prompt = session.staged, session.create_prompt
    try:
        live = book.builder.build(session)
    except BuildFailed as failure:
        raise Fault(-32603, f"failed to resolve live session {session.id}: Build error: {failure}") from failure
    book.agent_built(session, live)
    if staged:
        session.create_prompt = prompt
        session.readers.deafen()
        session.never_ran = True
    return live
