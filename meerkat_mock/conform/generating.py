"""Conversations as a state machine makes them: every step lawful or wrong on purpose, each about something that is there, or is not."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING, TypeVar, cast

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from meerkat_mock.conform.moves import AREAS, CALLING, MOVES, NOBODY, SESSIONS
from meerkat_mock.conform.steps import AnswerTools, Ask, Tell
from meerkat_mock.strategies.playing import TOOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.conform.moves import Move
    from meerkat_mock.conform.steps import Step

T = TypeVar("T")
_HOSTED: JsonObject = {
    "servers": {"local": {"transport": "openai_compatible", "base_url": "http://127.0.0.1:<llm>", "api_style": "chat_completions"}},
    "models": {"scripted": {
        "server": "local", "remote_model": "scripted", "display_name": "Scripted", "family": "custom", "context_window": 128000,
        "max_output_tokens": 8192, "vision": True, "image_tool_results": True, "supports_temperature": True, "supports_thinking": True,
        "supports_reasoning": True,
    }},
}  # fmt: skip
_REALM: JsonObject = {
    "backend": {"oa": {"provider": "openai", "backend_kind": "openai_api"}},
    "auth": {"key": {"provider": "openai", "auth_method": "api_key", "source": {"kind": "managed_store"}}},
    "binding": {"api": {"backend_profile": "oa", "auth_profile": "key"}},
}
_TOOLS: JsonObject = {"tools": [{"name": TOOL, "description": "", "input_schema": {"type": "object"}}]}
OPENING: Sequence[Step] = (
    Ask(1, "initialize", {}),
    Ask(2, "config/patch", {"patch": {"self_hosted": _HOSTED, "realm": {"lab": _REALM}}}),
    Ask(3, "tools/register", _TOOLS),
)
"""How every conversation begins: the model `scripted` obeys the scripts in prompts, the tool is the client's."""
_SPOILT: Sequence[Json] = (None, 7, "odd", {}, [])
_ODDS = 12
"""One in so many steps is about nothing that there is, one has a wrong member, and one is a turn that waits for its tool."""
_UNHEALTHY = (HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.large_base_example)
_BEGINNING = 6
"""How many steps are the beginning."""


def conversations(seed_: int, count: int) -> list[list[Step]]:
    """Return so many conversations, about all areas in turn; the same for the same seed and the same Hypothesis."""
    shares = [count // len(AREAS) + (index < count % len(AREAS)) for index in range(len(AREAS))]
    drawn = [_drawn(conversation(area), f"{seed_} {index}", shares[index]) for index, area in enumerate(AREAS)]
    return [made for turn in itertools.zip_longest(*drawn) for made in turn if made is not None]


def _drawn(strategy: SearchStrategy[T], seed_: str, count: int) -> list[T]:
    """Return so many examples of a strategy."""
    made: list[T] = []

    # only the drawing is wanted of Hypothesis: nothing fails here, and nothing is kept
    @seed(zlib.crc32(seed_.encode()))
    @settings(max_examples=count or 1, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=_UNHEALTHY)
    @given(strategy)
    def collect(example: T) -> None:
        made.append(example)

    if count:
        collect()
    return made


@st.composite
def conversation(draw: DrawFn, area: Sequence[Move], max_steps: int = 24) -> list[Step]:
    """Generate one conversation: `OPENING`, then steps most of which are about one area of the contract, or about sessions."""
    maker = _Maker(draw)
    for _ in range(draw(st.integers(max_steps // 2, max_steps))):
        maker.step(draw(st.sampled_from((area, area, area, area, SESSIONS, MOVES))))
    return [*OPENING, *maker.steps]


class _Maker:
    """The state of the machine: what there is to talk about, and which turn waits for a tool."""

    def __init__(self, draw: DrawFn) -> None:
        self.steps: list[Step] = []
        self._draw = draw
        self._known: dict[str, list[JsonObject]] = {}
        self._done: set[str] = set()
        self._waiting = 0
        """The number of the turn whose tool is not answered; 0: none."""

    def step(self, moves: Sequence[Move]) -> None:
        """Add one step."""
        if self._waiting and self._chance(3):
            self._end_waiting()
        elif self._known.get("session") and not self._waiting and self._chance(_ODDS):
            self._wait()
        else:
            likely = self._likely(moves)
            fresh = [move for move in likely if move.method not in self._done]
            self._ask(self._draw(st.sampled_from(fresh if fresh and not self._chance(4) else likely)))

    def _likely(self, moves: Sequence[Move]) -> Sequence[Move]:
        """Return the moves to choose from: at the beginning often what makes things, then often what is about them."""
        ready = [move for move in moves if not move.about or self._known.get(move.about)]
        making = [move for move in ready if move.gives]
        using = [move for move in ready if move.about]
        if len(self.steps) < _BEGINNING and making and self._chance(2):
            return making
        if using and not self._chance(_ODDS):
            return using
        return ready or MOVES

    @property
    def _number(self) -> int:
        return len(OPENING) + len(self.steps) + 1

    def _wait(self) -> None:
        """Start a turn whose tool is answered later."""
        self._waiting = self._number
        session = self._draw(st.sampled_from(self._known["session"]))
        self.steps.append(Ask(self._waiting, "turn/start", {**session, "prompt": CALLING}, tools="held"))

    def _end_waiting(self) -> None:
        """Cancel the turn that waits for a tool, or answer the tool."""
        if self._draw(st.booleans()):
            self.steps.append(Tell(self._number, "cancel", {"request_id": self._waiting}))
        self.steps.append(AnswerTools(self._number))
        self._waiting = 0

    def _ask(self, move: Move) -> None:
        number = self._number
        self._done.add(move.method)
        params = self._params(move, number)
        self.steps.append(Ask(number, move.method, params))
        for kind, members in move.gives.items():
            self._known.setdefault(kind, []).append({name: _source(where, number, params) for name, where in members.items()})

    def _params(self, move: Move, number: int) -> JsonObject:
        drawn = self._draw(st.fixed_dictionaries(dict(move.given), optional=dict(move.more)))
        about = self._thing(move)
        params: JsonObject = {"scope": {"type": "session", **about}} if move.scope else about
        params.update(cast("JsonObject", _numbered(drawn, number)))
        if params and self._chance(_ODDS):
            params[self._draw(st.sampled_from(sorted(params)))] = self._draw(st.sampled_from(_SPOILT))
        return params

    def _thing(self, move: Move) -> JsonObject:
        if not move.about:
            return {}
        known = self._known.get(move.about)
        if not known or self._chance(_ODDS):
            return dict(NOBODY[move.about])
        thing = self._draw(st.sampled_from(known))
        if move.ends and self._draw(st.booleans()):
            known.remove(thing)
        return dict(thing)

    def _chance(self, one_in: int) -> bool:
        return self._draw(st.integers(1, one_in)) == one_in


def _source(where: str, number: int, params: JsonObject) -> Json:
    if where.startswith("$"):
        return f"${{{number}.{where[1:]}}}"
    return params.get(where[1:]) if where.startswith("=") else where


def _numbered(value: Json, number: int) -> Json:
    if isinstance(value, dict):
        return {k: _numbered(v, number) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbered(v, number) for v in value]
    return value.replace("{n}", str(number)) if isinstance(value, str) else value
