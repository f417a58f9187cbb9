"""What clients put beside a session's conversation: injected system context, and external events that wait for the next prompt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import Block

CONTEXT_HEAD = "[Runtime System Context]"


@dataclass(frozen=True)
class ContextNote:
    """One text of `session/inject_context`."""

    text: str
    source: str | None

    def rendered(self) -> str:
        """Return the block that the model sees at the end of its system prompt (spec 02, section 13)."""
        return context_block(self.source, self.text)


def context_block(source: str | None, text: str) -> str:
    """Return a block of runtime context."""
    head = f"{CONTEXT_HEAD}\nsource: {source}" if source is not None else CONTEXT_HEAD
    return f"{head}\n\n{text}"


@dataclass
class ContextNotes:
    """The injected context of one session: what waits for the next committed run, and every key that was ever used."""

    waiting: list[ContextNote] = field(default_factory=lambda: [])
    keys: dict[str, ContextNote] = field(default_factory=lambda: {})

    def inject(self, note: ContextNote, key: str | None, *, keyless_lost: bool) -> Literal["staged", "duplicate"]:
        """Take a note. Raises `Fault` -32602 when its key was used for another one."""
        if key is not None:
            known = self.keys.get(key)
            if known is not None and known != note:
                raise Fault(-32602, f"system-context idempotency conflict for key '{key}'")
            if known is not None:
                return "duplicate"
            self.keys[key] = note
        if key is not None or not keyless_lost:
            self.waiting.append(note)
        return "staged"

    def rendered(self) -> tuple[str, ...]:
        """Return the blocks for the run that starts now."""
        return tuple(note.rendered() for note in self.waiting)

    def used(self, count: int) -> None:
        """Forget the first `count` waiting notes: a run that saw them was committed."""
        del self.waiting[:count]


@dataclass(frozen=True)
class EventNote:
    """One external event in the queue: the line, or the blocks, that will stand in front of the next prompt (spec 02, section 14.1)."""

    content: str | tuple[Block, ...]
    input_id: str
