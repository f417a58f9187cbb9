"""A live agent with played surroundings: what its model answers is given turn by turn, what it yields and leaves behind is kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meerkat_mock.agent.loop import LiveAgent
from meerkat_mock.agent.ports import (
    AgentSpec,
    Event,
    JsonObject,
    Message,
    Ports,
    RunFailed,
    RunInput,
    RunRecord,
    ToolOutcome,
    ToolOverlay,
    ToolRefused,
    Usage,
)
from meerkat_mock.clock import VirtualClock
from meerkat_mock.ids import IdSource
from meerkat_mock.world.model import Complete, Ending, ModelAnswer, ModelCall, ModelImage, ModelRequest, ModelUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

PIXEL = ModelImage("image/png", "iVBORw0KGgo=", 2, 3)


def say(*chunks: str, **more: object) -> ModelAnswer:
    return ModelAnswer(say=chunks, **more)  # type: ignore[arg-type]


def call(*names: str, say: tuple[str, ...] = (), **more: object) -> ModelAnswer:
    """An answer that calls tools; the ids are c1, c2, ..."""
    calls = tuple(ModelCall(f"c{number}", name) for number, name in enumerate(names, 1))
    return ModelAnswer(say=say, calls=calls, stop="tool_use", **more)  # type: ignore[arg-type]


def failing(ending: Ending, *chunks: str) -> ModelAnswer:
    return ModelAnswer(say=chunks, ending=ending)


@dataclass
class PlayedModel:
    answers: list[ModelAnswer] = field(default_factory=list)
    requests: list[ModelRequest] = field(default_factory=list)

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        self.requests.append(ModelRequest(**{**vars(request), "messages": [dict(message) for message in request.messages]}))
        return self.answers.pop(0)


@dataclass
class PlayedTools:
    """Tools named in `outcomes` exist; `gates` hold a tool back until they are set."""

    outcomes: dict[str, ToolOutcome] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    changes: dict[int, list[Event]] = field(default_factory=dict)
    jobs: list[Event] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first tool has answered."""

    def visible(self) -> dict[str, JsonObject]:
        return {name: {"name": name} for name in self.outcomes}

    def check(self, name: str, overlay: ToolOverlay | None) -> None:
        if name not in self.outcomes:
            raise ToolRefused(f"Tool not found: {name}")
        if overlay is not None and (name in overlay.blocked or (overlay.allowed is not None and name not in overlay.allowed)):
            raise ToolRefused(f"Tool '{name}' is not allowed by policy")

    async def call(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        self.log.append(f"+{call_id}")
        try:
            if name in self.gates:
                await self.gates[name].wait()
        except asyncio.CancelledError:
            self.log.append(f"x{call_id}")
            raise
        self.log.append(f"-{call_id}")
        self.answered.set()
        return self.outcomes[name]

    def boundary_changes(self, turn_number: int) -> list[Event]:
        return self.changes.pop(turn_number, [])

    def finished_jobs(self) -> list[Event]:
        jobs, self.jobs = self.jobs, []
        return jobs


def text(content: str, *, is_error: bool = False) -> ToolOutcome:
    return ToolOutcome(({"type": "text", "text": content},), is_error)


class Stage:
    """One agent over several runs; a failed run leaves transcript and usage as they were."""

    def __init__(self, clock: VirtualClock | None = None, **spec: object) -> None:
        self.clock = clock or VirtualClock()
        self.model = PlayedModel()
        self.tools = PlayedTools({"add": text("5"), "slow": text("late")})
        self.blobs: list[tuple[str, str]] = []
        ports = Ports(self.model, self.tools, self.clock, IdSource(self.clock), self._store)
        self.agent = LiveAgent(AgentSpec("s1", "scripted", "self_hosted", **spec), ports, self.clock.now())  # type: ignore[arg-type]
        self.messages: list[Message] = [{"role": "system", "content": "You are terse.", "created_at": "2026-03-02T09:00:00+00:00"}]
        self.usage = Usage()
        self.record = RunRecord([], Usage())
        self.failure: str | None = None

    def _store(self, media_type: str, data_base64: str) -> str:
        self.blobs.append((media_type, data_base64))
        return f"sha256:{len(self.blobs)}"

    async def run(self, *answers: ModelAnswer, given: RunInput | None = None) -> list[Event]:
        """Play one run to its end and return its events."""
        self.model.answers[:] = answers
        self.record, self.failure = RunRecord(list(self.messages), self.usage.copy()), None
        events: list[Event] = []

        async def say(burst: Sequence[Event]) -> None:
            events.extend(burst)

        try:
            await self.agent.run(given or RunInput("hi", "hi"), self.record, say)
        except RunFailed as failed:
            self.failure = str(failed)
        else:
            self.messages, self.usage = self.record.messages, self.record.usage
        assert not self.model.answers, "the model was not asked often enough"
        return events

    def added(self, before: int = 1) -> list[Message]:
        """Return the messages from `before` on, without their times."""
        return [{key: value for key, value in message.items() if key != "created_at"} for message in self.messages[before:]]


def kinds(events: list[Event]) -> list[str]:
    return [str(event["type"]) for event in events]


def only(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["type"] == kind]


def one(events: list[Event], kind: str) -> Event:
    (event,) = only(events, kind)
    return event


COMPLETE = Complete()
FREE = ModelUsage(0, 0)
