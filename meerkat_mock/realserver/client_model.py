"""A model that is really asked: the agent loop's port, spoken to an OpenAI-compatible chat-completions endpoint.

With it the drop-in stands in for a real server whose configuration names a self-hosted server. Owns where a model is asked and what becomes
of a call that comes to nothing; the request is `chat_request`, the stream `event_stream` and `chat_answer`, HTTP itself `http_post`. Deltas
are handed on as they arrive, and giving a call up closes its connection.

What the run's events cannot say (why no connection, which line was no JSON) goes to standard error, one line each.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.realserver.chat_answer import SOURCE, Heard
from meerkat_mock.realserver.chat_request import body_of
from meerkat_mock.realserver.event_stream import EventStream
from meerkat_mock.realserver.http_post import SILENCE_LIMIT_S, Post, TookTooLong
from meerkat_mock.scenario.rendering import failure
from meerkat_mock.world.model import Arriving, CallFailed, ModelAnswer, ProviderFailure, Reset

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.world.model import Chunk, Ending, ModelRequest

    Section = Callable[[str, str], JsonObject]
    Complain = Callable[[str], None]

PATH = "/v1/chat/completions"
"""What is put behind the `base_url` of a self-hosted server; one that ends with `/v1` gets only the rest."""
NOT_CONFIGURED_STATUS = 404
CHAT_COMPLETIONS = "chat_completions"
SHOWN_CHARACTERS = 200
"""How much of a refusal is shown on standard error."""


def _to_stderr(text: str) -> None:
    sys.stderr.write(f"model endpoint: {text}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Place:
    """Where a model is asked, under which name, with which token, and how long one call may take (seconds; None: no limit of its own)."""

    url: str
    remote_model: str
    token: str | None = None
    limit_s: float | None = None


class ClientModel:
    """Asks the self-hosted server of each model. `section` reads the configuration as it is: `section("self_hosted", "models")`."""

    def __init__(self, section: Section, *, silence_s: float = SILENCE_LIMIT_S, complain: Complain = _to_stderr) -> None:
        self._section = section
        self._silence_s = silence_s
        self._complain = complain

    async def answer(self, request: ModelRequest) -> ModelAnswer | Arriving:
        """Return the answer that will arrive, or at once why nobody can be asked: never an exception."""
        place = self._place(request.model)
        if isinstance(place, str):
            self._complain(place)
            return ModelAnswer(ending=failure(NOT_CONFIGURED_STATUS, place), source=SOURCE)
        headers = {} if place.token is None else {"authorization": f"Bearer {place.token}"}
        body = json.dumps(body_of(request, place.remote_model)).encode()
        try:
            post = Post(place.url, body, headers, silence_s=self._silence_s, whole_s=place.limit_s)
        except ValueError as error:
            self._complain(str(error))
            return ModelAnswer(ending=failure(NOT_CONFIGURED_STATUS, str(error)), source=SOURCE)
        return AnswerOverHttp(post, lambda text: self._complain(f"{place.url}: {text}"))

    def _place(self, model_id: str) -> Place | str:
        """Return where a model is asked, or why it cannot be."""
        model = self._section("self_hosted", "models").get(model_id)
        name = str(model.get("server")) if isinstance(model, dict) else ""
        server = self._section("self_hosted", "servers").get(name)
        base = server.get("base_url") if isinstance(server, dict) else None
        if not isinstance(model, dict) or not isinstance(server, dict) or not isinstance(base, str):
            return f"model {model_id!r} has no server in `self_hosted` of the configuration, and no other provider is ever called"
        style = server.get("api_style") or CHAT_COMPLETIONS
        if style != CHAT_COMPLETIONS:
            return f"`self_hosted.servers.{name}.api_style` is {style!r}; only {CHAT_COMPLETIONS!r} is spoken here"
        variable = server.get("bearer_token_env")
        return Place(
            base.rstrip("/").removesuffix("/v1") + PATH,
            str(model.get("remote_model")),
            os.environ.get(variable) if isinstance(variable, str) else None,
            _seconds(model.get("call_timeout_secs")),
        )


def _seconds(value: Json) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 else None


class AnswerOverHttp(Arriving):
    """One answer of an endpoint, on its way. What becomes of each way to end is in `_ending` (spec 03, 3.2 and 6.3)."""

    def __init__(self, post: Post, complain: Complain) -> None:
        self._post = post
        self._complain = complain
        self._stream = EventStream(complain)
        self._heard = Heard()
        self._other = bytearray()
        """The body of an answer that is no stream of events."""
        self._ending: Ending | None = None
        self._whole = False

    def heard(self) -> ModelAnswer:
        """Return the whole answer."""
        return self._heard.answer(self._ending, whole=self._whole)

    async def chunks(self) -> AsyncGenerator[list[Chunk], None]:
        """Yield the deltas of the stream as they arrive."""
        try:
            async with aclosing(self._post.pieces()) as pieces:
                async for piece in pieces:
                    if burst := self._taken(piece):
                        yield burst
                    if self._stream.done or self._heard.refusal is not None:
                        break
            if burst := self._last():
                yield burst
        except TookTooLong as error:
            self._ending = CallFailed(str(error), error.kind, round(error.limit_s * 1000))
        except OSError as error:
            # Assumption: a server that cannot be reached is to the runtime what a broken connection is.
            self._ending = Reset()
            self._complain(f"no answer: {error}")
        except ValueError as error:
            self._ending = CallFailed(str(error))
        if isinstance(self._ending, CallFailed):
            self._complain(self._ending.message)

    def _taken(self, piece: bytes) -> list[Chunk]:
        """Return what a piece of the body shows; an answer that is no stream shows nothing and is kept."""
        if self._is_stream():
            return [chunk for event in self._stream.feed(piece) for chunk in self._heard.take(event)]
        self._other += piece
        return []

    def _is_stream(self) -> bool:
        answer = self._post.answer
        return answer.status == 200 and not answer.headers.get("content-type", "").startswith("application/json")

    def _last(self) -> list[Chunk]:
        """Understand how the answer ended, and return what its last line shows."""
        answer = self._post.answer
        if not self._is_stream():
            self._ending = self._refused()
            return []
        self._whole = answer.whole or self._stream.done
        if self._heard.refusal is not None:
            self._complain(f"an error came in the middle of the stream: {self._heard.refusal.body[:SHOWN_CHARACTERS]!a}")
            return []
        if not self._whole:
            self._complain("the connection broke in the middle of the answer")
            return []  # the last line may be half of one
        return [chunk for event in self._stream.end() for chunk in self._heard.take(event)]

    def _refused(self) -> Ending:
        text = self._other.decode("utf-8", "replace")
        if self._post.answer.status == 200:
            return CallFailed("the endpoint answered with one JSON object although a stream of events (`stream: true`) was asked for")
        self._complain(f"status {self._post.answer.status}: {text[:SHOWN_CHARACTERS]!a}")
        return ProviderFailure(self._post.answer.status, text, text)
