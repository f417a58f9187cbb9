"""Conversations: what a client may say to a server, one request after the other, each lawful after those before it.

A conversation is a value: it names what earlier answers gave (`Ref`), so that it can be printed, kept and played to any server.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

from hypothesis import strategies as st

from meerkat_mock.strategies.playing import LineClient, Refusal
from meerkat_mock.strategies.runs import scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from meerkat.transports import Transport
    from meerkat.wire.base import Json


@dataclass(frozen=True)
class Ref:
    """Something that an earlier answer gave: `Ref(2, "session_id")` is the `session_id` in the result of the third request."""

    ask: int
    name: str

    def __str__(self) -> str:
        return f"${{{self.ask}.{self.name}}}"


Given: TypeAlias = "Json | Ref"


@dataclass(frozen=True)
class Ask:
    """One request: its method and its params, in which references stand for what is not known before."""

    method: str
    params: dict[str, Given] = field(default_factory=lambda: {})

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value if isinstance(value, Ref) else json.dumps(value)}" for name, value in self.params.items())
        return f"{self.method}({said})"


@dataclass(frozen=True)
class Answer:
    """What came of one request: a result, or the code and message of an error."""

    result: Json = None
    error: tuple[int, str] | None = None


_WHY_NOT = (
    "the server hangs, or the turn stands behind the second run of a failed prompt and is stalled for good (spec 02, section 5.4; for the "
    "mock: quirk turn_stalls_behind_rerun)"
)


@dataclass(frozen=True)
class Conversation:
    """Requests that a client makes one after the other, waiting for each answer."""

    asks: tuple[Ask, ...]

    def __iter__(self) -> Iterator[Ask]:
        return iter(self.asks)

    def __str__(self) -> str:
        return "\n".join(f"{number}: {ask}" for number, ask in enumerate(self.asks))

    async def play(self, transport: Transport, *, patience: float = 10.0) -> list[Answer]:
        """Say it all to a server and return its answers, one for each request. What refers to a failed answer is null in the params.

        Tools that the server calls are answered with `found`. Raises `ConnectionError` when the server goes, `TimeoutError` when an answer
        takes more than `patience` seconds: a turn behind the second run of a failed prompt never gets one (spec 02, section 5.4), unless
        the server is a mock with the quirk `turn_stalls_behind_rerun` off.
        """
        client = LineClient(transport)
        answers: list[Answer] = []
        for number, ask in enumerate(self.asks):
            params = {name: _meant(value, answers) for name, value in ask.params.items()}
            try:
                answers.append(Answer(result=await asyncio.wait_for(client.ask(ask.method, params), patience)))
            except Refusal as refusal:
                answers.append(Answer(error=(refusal.code, refusal.message)))
            except asyncio.TimeoutError:
                raise TimeoutError(f"no answer to request {number}, {ask}, in {patience:g} s: {_WHY_NOT}") from None
        return answers


def _meant(value: Given, answers: list[Answer]) -> Json:
    if not isinstance(value, Ref):
        return value
    result = answers[value.ask].result
    return result.get(value.name) if isinstance(result, dict) else None


def conversations(max_asks: int = 8) -> SearchStrategy[Conversation]:
    """Generate what a client says: sessions created (at once or deferred), turns by inline scripts, reads, forks, streams, archives.

        @given(conversations())
        def test_my_proxy_changes_nothing(conversation): ...

    Every request is lawful where it stands, though a script may let a turn fail; shrinks to fewer requests and shorter scripts.
    """
    return st.builds(_conversation, _creation(), st.lists(st.one_of(_moves()), max_size=max_asks - 1))


@dataclass(frozen=True)
class _Move:
    """A request to be: `pick` chooses among what it can be about once that is known."""

    method: str
    params: dict[str, Json]
    about: str = ""
    """The member of the params that refers to something earlier, if any."""
    pick: int = 0


def _conversation(creation: _Move, moves: list[_Move]) -> Conversation:
    """Turn moves into requests; those that are about nothing there is are left out."""
    known: dict[str, list[Ref]] = {"session_id": [], "stream_id": []}
    asks: list[Ask] = []
    for move in [creation, *moves]:
        given: dict[str, Given] = dict(move.params)
        if move.about:
            if not known[move.about]:
                continue
            given[move.about] = known[move.about][move.pick % len(known[move.about])]
        _learn(known, len(asks), move, given)
        asks.append(Ask(move.method, given))
    return Conversation(tuple(asks))


def _learn(known: dict[str, list[Ref]], number: int, move: _Move, given: dict[str, Given]) -> None:
    """Note what later requests can be about because of this one, and what no longer."""
    if move.method in ("session/create", "session/fork_at"):
        known["session_id"].append(Ref(number, "session_id"))
    elif move.method == "session/stream_open":
        known["stream_id"].append(Ref(number, "stream_id"))
    elif move.method in ("session/archive", "session/stream_close"):
        known[move.about].remove(cast("Ref", given[move.about]))


def _prompts() -> SearchStrategy[str]:
    return st.one_of(st.just("hi"), scripts().map(lambda script: f"@script{json.dumps(script)}"))


def _creation() -> SearchStrategy[_Move]:
    labels = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2)
    more = {"initial_turn": st.just("deferred"), "labels": labels, "system_prompt": st.just("Be brief.")}
    return st.builds(_Move, st.just("session/create"), st.fixed_dictionaries({"prompt": _prompts()}, optional=more))


def _moves() -> list[SearchStrategy[_Move]]:
    about_sessions = [_about("session_id", method) for method in ("session/read", "session/history", "session/stream_open")]
    return [
        _about("session_id", "turn/start", prompt=_prompts()),
        *about_sessions,
        _about("stream_id", "session/stream_close"),
        _about("session_id", "session/fork_at", message_index=st.integers(0, 3)),
        _about("session_id", "session/archive"),
        st.sampled_from([_Move(method, {}) for method in ("session/list", "models/catalog", "config/get")]),
        _creation(),
    ]


def _about(what: str, method: str, **more: SearchStrategy[Json]) -> SearchStrategy[_Move]:
    return st.builds(_Move, st.just(method), st.fixed_dictionaries(more), st.just(what), st.integers(0, 3))
