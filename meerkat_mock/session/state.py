"""One session: its options, its transcript, its live agent when there is one, and what waits in it.

Everything a client can read about a session is computed from these members when it is asked for; a failed or interrupted run leaves no
trace because it worked on copies.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import Usage
from meerkat_mock.agent.run import last_assistant_text
from meerkat_mock.session.channels import Readers
from meerkat_mock.session.log import EventLog
from meerkat_mock.session.notes import ContextNotes

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import JsonObject, Message, RunRecord
    from meerkat_mock.session.live import LiveSession
    from meerkat_mock.session.options import Options


class Phase(enum.Enum):
    """Where a session stands in its life."""

    STAGED = "staged"
    """Created with a deferred first turn that has not begun: only in memory."""
    STORED = "stored"
    """It has a transcript; it may also have a live agent."""
    ARCHIVED = "archived"
    """No turn runs any more; its history stays."""


class Loss(enum.Enum):
    """How a live agent was lost: what an interrupt answers depends on it (spec 02, section 4)."""

    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DROPPED = "dropped"
    """A failed prompt failed for the last time."""


@dataclass(eq=False)
class Session:
    """The state of one session. `now` arguments are seconds since the epoch."""

    id: str
    options: Options
    labels: dict[str, str]
    created_at: float
    phase: Phase = Phase.STAGED
    create_prompt: str | list[JsonObject] | None = None
    """The prompt of a deferred create, until a first run takes it up."""
    external_tools: dict[str, JsonObject] = field(default_factory=lambda: {})
    """Tools of this session alone; lost with the first live agent (spec 02, section 16.3)."""
    messages: list[Message] = field(default_factory=lambda: [])
    usage: Usage = field(default_factory=Usage)
    updated_at: float = 0.0
    live: LiveSession | None = None
    lost: Loss | None = None
    """How the last live agent was lost; None while one lives or when none ever did."""
    broken: bool = False
    """True when the agent of a deferred session could not be built (spec 02, section 5.3)."""
    archived_live: bool = False
    """True when it was archived with a live agent: then `session/read` still answers."""
    loses_run: bool = False
    """True when an archive that waits will cost the running turn its messages."""
    sent_before: int = 0
    """Events that the last lost incarnation had published."""
    owner: str | None = None
    """Id of the mob whose member this session is."""
    identity: str | None = None
    """Identity of that member."""
    never_ran: bool = False
    """True while a session has a live agent but nothing was said: a mob member before its first turn (spec 04, section 17.4), a deferred
    session with a live channel (spec 07, section 3.1). It shows no message yet."""
    log: EventLog = field(default_factory=EventLog)
    readers: Readers = field(default_factory=Readers)
    notes: ContextNotes = field(default_factory=ContextNotes)

    def __post_init__(self) -> None:
        """A new session was last updated when it was created."""
        self.updated_at = self.updated_at or self.created_at

    @property
    def staged(self) -> bool:
        """Tell whether no first turn has begun."""
        return self.phase is Phase.STAGED

    @property
    def archived(self) -> bool:
        """Tell whether it was archived."""
        return self.phase is Phase.ARCHIVED

    @property
    def readable(self) -> bool:
        """Tell whether it was not archived, or was live then (spec 02, section 9.2)."""
        return not self.archived or self.archived_live

    @property
    def shown_messages(self) -> int:
        """Return the number of messages that listings tell."""
        return 0 if self.never_ran else len(self.messages)

    @property
    def total_tokens(self) -> int:
        """Return the tokens of all committed runs."""
        return self.usage.input_tokens + self.usage.output_tokens

    @property
    def usage_is_untouched(self) -> bool:
        """Tell whether nothing beyond the system message was ever committed."""
        return len(self.messages) <= 1 and self.total_tokens == 0

    @property
    def last_assistant_text(self) -> str:
        """Return the newest text of the model, "" when there is none."""
        return last_assistant_text(self.messages)

    def commit(self, record: RunRecord, now: float) -> None:
        """Make a run that ended well part of the session."""
        self.messages = record.messages
        self.usage = record.usage
        self.updated_at = now

    def lose_agent(self, loss: Loss) -> None:
        """Throw the live agent away: streams end, and the transcript is what was committed last (spec 03, section 6.8)."""
        if self.live is not None:
            self.sent_before = self.live.channel.sent
        self.live = None
        self.lost = loss
        self.external_tools = {}
        self.readers.end_all("remote_end")
