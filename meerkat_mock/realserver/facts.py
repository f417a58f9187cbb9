"""What the scenario's model is asked by a server: the request of the endpoint, with the facts that only the conversation knows.

An endpoint sees messages, tools and a model. Which session asks, its labels and the output schema, by which a script may be chosen, stand
in the application's requests, so they are looked up there by the prompt. Turns with the same prompt that run at the same time cannot be
told apart: then a conversation is known by how it begins.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from meerkat_mock.realserver.findings import parts_of_answer
from meerkat_mock.scenario.inline import text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.journal import Exchange, Journal
    from meerkat_mock.realserver.findings import MockOnlyUses
    from meerkat_mock.world.model import ModelAnswer, ModelRequest


class PlaysScenario(Protocol):
    """Whoever holds the scenario of a test."""

    def answer(self, request: ModelRequest) -> Awaitable[ModelAnswer]:
        """Return the answer that is due, and count it as given."""
        ...


class InformedPlayer:
    """Answers an endpoint's requests with a scenario, as if the scenario's own runtime had asked."""

    def __init__(self, model: PlaysScenario, journal: Journal, uses: MockOnlyUses, provider_of: Callable[[str], str]) -> None:
        self._model = model
        self._journal = journal
        self._uses = uses
        self._provider_of = provider_of
        self._names: dict[str, str] = {}
        """By how a conversation begins: the name under which it was last told apart."""

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the answer that is due; what no endpoint can say is noted, and a pace that counts on virtual time is left out."""
        answer = asyncio.run(_awaited(self._model, self._informed(request)))
        found = list(parts_of_answer(answer))
        for each in found:
            self._uses.note(each)
        return replace(answer, pace_first=0.0, pace_each=0.0) if any("pace" in each for each in found) else answer

    def _informed(self, request: ModelRequest) -> ModelRequest:
        asked = [each for each in self._journal.requests() if each.method in ("session/create", "turn/start")]
        provider = self._provider_of(request.model)
        candidates = _candidates(request, asked)
        if not candidates:
            return replace(request, provider=provider, session_id=self._names.get(request.session_id, request.session_id))
        running = candidates[-1]
        created = _creation(running, asked)
        if len(candidates) == 1 and not running.answered:
            self._names[request.session_id] = _conversation(running, created)
        labels = _object(_params(created).get("labels"))
        schema = _object(_params(running).get("output_schema")) or _object(_params(created).get("output_schema"))
        return replace(
            request,
            session_id=self._names.get(request.session_id, request.session_id),
            provider=provider,
            labels={key: str(value) for key, value in labels.items()},
            output_schema=request.output_schema or schema or None,
        )


async def _awaited(model: PlaysScenario, request: ModelRequest) -> ModelAnswer:
    return await model.answer(request)


def _creation(running: Exchange, asked: list[Exchange]) -> Exchange:
    """Return the request that made the session in which a turn runs."""
    session = _params(running).get("session_id")
    return next((each for each in asked if session is not None and _object(each.result).get("session_id") == session), running)


def _candidates(request: ModelRequest, asked: list[Exchange]) -> list[Exchange]:
    """Return the requests whose turn this may be: those under way with the newest prompt that any has, else all with the last prompt.

    The runtime's own instructions are user messages, too, and come behind the prompt.
    """
    for message in reversed(request.messages):
        text = text_of(message.get("content")) if message.get("role") == "user" else None
        found = [each for each in asked if not each.answered and _prompt(each) == text]
        if found:
            return found
    return [each for each in asked if _prompt(each) == request.prompt]


def _conversation(running: Exchange, created: Exchange) -> str:
    """Return what names a session before it has an id, and ever after: the request that made it, if an application's request did."""
    known = _params(running).get("session_id")
    return str(known) if created is running and known is not None else f"server {created.connection}, line {created.line}"


def _prompt(exchange: Exchange) -> str:
    return text_of(_params(exchange).get("prompt"))


def _params(exchange: Exchange) -> JsonObject:
    return _object(exchange.params)


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
