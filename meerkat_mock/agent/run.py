"""One run under way: what every production of the grammar is handed, and the shapes of the messages that it leaves behind.

Owns the state of a run and the transcript's shapes (spec 02, section 10); knows no order of events.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import text_of
from meerkat_mock.clock import rfc3339
from meerkat_mock.world.model import ModelRequest

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.budget import Budget
    from meerkat_mock.agent.compaction import Cadence, CompactionRules
    from meerkat_mock.agent.hooks import Hook
    from meerkat_mock.agent.ports import AgentSpec, Block, JsonObject, Message, Ports, RunInput, RunRecord, Say, ToolOverlay, Usage
    from meerkat_mock.world.model import ModelCall, ModelImage, Purpose


@dataclass(frozen=True)
class Call:
    """A tool call; `script` is the model's own, with the scripted answer if there is one."""

    id: str
    name: str
    arguments: Json
    script: ModelCall
    unreadable: str = ""
    """Why its arguments are no JSON: then the call is not carried out."""


@dataclass(frozen=True)
class Reply:
    """What one model call came to, as the runtime understands it."""

    text: str
    reasoning: str
    calls: tuple[Call, ...]
    images: tuple[ModelImage, ...]
    stop: str
    usage: Usage


@dataclass
class Run:
    """The state that the productions of one run share."""

    spec: AgentSpec
    ports: Ports
    budget: Budget
    given: RunInput
    record: RunRecord
    say: Say
    muted: bool
    hooks: Sequence[Hook]
    compaction_rules: CompactionRules
    cadence: Cadence
    rounds: int = 0
    """Rounds of the main loop that are done; the number of the one under way."""
    over: bool = False
    """True once `run_completed` was said."""
    replies: list[Reply] = field(default_factory=lambda: [])
    """The last reply, alone; empty before the first."""
    aside: set[asyncio.Task[object]] = field(default_factory=set[asyncio.Task[object]])
    """Hooks in the background."""

    @property
    def session_id(self) -> str:
        """Return the id of the session that runs."""
        return self.spec.session_id

    @property
    def reply(self) -> Reply:
        """Return what the last model call came to."""
        return self.replies[-1]

    @property
    def turn_number(self) -> int:
        """Return the number of the round under way; calls of the extraction go on counting."""
        return self.record.turns if self.over else self.rounds

    def note(self, reply: Reply) -> None:
        """Keep a reply and count what it used, whatever becomes of it."""
        self.replies[:] = [reply]
        self.cadence.boundary += 1
        self.cadence.last_input_tokens = reply.usage.input_tokens
        self.count(reply.usage)

    def count(self, usage: Usage) -> None:
        """Count what a call used."""
        self.record.usage.add(usage)
        self.budget.count_tokens(usage.input_tokens + usage.output_tokens)

    def hooks_of(self, point: str) -> list[Hook]:
        """Return the enabled hooks of a point in configuration order."""
        return [hook for hook in self.hooks if hook.point == point] if self.hooks else []

    def on_the_side(self, work: Coroutine[object, object, object]) -> None:
        """Let a background hook run; the run waits for it after its last event, or takes it along when it is interrupted."""
        task = asyncio.get_running_loop().create_task(work)
        self.aside.add(task)

    def request(self, purpose: Purpose) -> ModelRequest:
        """Return what the model is asked now."""
        spec = self.spec
        return ModelRequest(
            session_id=spec.session_id,
            messages=with_context(self.record.messages, self.given.system_context),
            tools=offered(self.ports.tools.visible(), self.given.overlay) if purpose == "turn" else {},
            purpose=purpose,
            output_schema=spec.output_schema.schema if spec.output_schema is not None else None,
            model=spec.model,
            provider=spec.provider,
            labels=spec.labels,
            identity=spec.identity,
            mob=spec.mob,
            prompt=text_of(self.given.prompt),
            attempt_key=self.given.attempt_key,
        )

    def add(self, message: Message) -> None:
        """Put a message at the end of the transcript, stamped with the time."""
        self.record.messages.append(self.stamped(message))

    def stamped(self, message: Message) -> Message:
        """Return a message with its time."""
        message["created_at"] = rfc3339(self.ports.clock.now())
        return message


def with_context(messages: list[Message], context: tuple[str, ...]) -> Sequence[Message]:
    """Return the transcript as the model sees it: injected context stands at the end of the system prompt (spec 02, section 13)."""
    if not context or not messages or messages[0].get("role") != "system":
        return messages
    prompt = "\n\n".join((str(messages[0]["content"]), "\n\n---\n\n".join(context)))
    return [{**messages[0], "content": prompt}, *messages[1:]]


def offered(tools: dict[str, JsonObject], overlay: ToolOverlay | None) -> dict[str, JsonObject]:
    """Return the tools that are left under the overlay of a turn (spec 02, 16.9)."""
    if overlay is None:
        return tools
    return {
        name: tool for name, tool in tools.items() if name not in overlay.blocked and (overlay.allowed is None or name in overlay.allowed)
    }


def user_message(content: str | list[Block]) -> Message:
    """Return a user message; content of exactly one text block is that text."""
    return {"role": "user", "content": collapsed(content)}


def assistant_message(reply: Reply, images: Sequence[JsonObject] = ()) -> Message:
    """Return an assistant message: reasoning first, then text, images that the provider made itself, and calls."""
    blocks: list[Json] = []
    if reply.reasoning:
        blocks.append({"block_type": "reasoning", "data": {"text": reply.reasoning}})
    if reply.text:
        blocks.append({"block_type": "text", "data": {"text": reply.text}})
    blocks.extend({"block_type": "image", "data": image} for image in images)
    blocks.extend({"block_type": "tool_use", "data": {"id": call.id, "name": call.name, "args": call.arguments}} for call in reply.calls)
    return {"role": "block_assistant", "blocks": blocks, "stop_reason": reply.stop}


def collapsed(content: str | Sequence[Block]) -> Json:
    """Return content as the transcript shows it: exactly one text block is a string, anything else a list (spec 02, 10.2)."""
    if isinstance(content, str):
        return content
    if len(content) == 1 and content[0].get("type") == "text":
        return content[0].get("text")
    return [*content]


def last_assistant_text(messages: Sequence[Message]) -> str:
    """Return the text of the newest assistant message that has any, "" when none has (spec 02, 9.2)."""
    for message in reversed(messages):
        role = message.get("role")
        text = _blocks_text(message) if role == "block_assistant" else str(message.get("content") or "") if role == "assistant" else ""
        if text:
            return text
    return ""


def _blocks_text(message: Message) -> str:
    blocks = message.get("blocks")
    texts: list[str] = []
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict) and block.get("block_type") in ("text", "transcript"):
            data = block.get("data")
            texts.append(str(data.get("text", "")) if isinstance(data, dict) else "")
    return "".join(texts)
