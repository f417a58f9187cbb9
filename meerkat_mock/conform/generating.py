"""Conversations as a state machine makes them: every step lawful or wrong on purpose, each about something that is there, or is not.

A mock plays along while they are made: what it gave can be talked about, and most of what it refused is not said at all, so that
conversations lead far into the contract.
"""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING, TypeVar, cast

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from meerkat_mock.conform.companion import companion
from meerkat_mock.conform.moves import AREAS, CALLING, COMPACTION, MOVES, NOBODY, SESSIONS
from meerkat_mock.conform.steps import AnswerTools, Ask, Tell
from meerkat_mock.conform.volatile import dig
from meerkat_mock.strategies.playing import TOOL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.conform.companion import Companion
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
_STEPS = 24
"""Steps of a conversation at most, or as many as its area has methods."""
_BEGINNING = 6
"""How many steps are the beginning."""
_REFUSED_ODDS = 2
"""One in so many steps that the mock refuses stays in the conversation."""
_TRIES = 3
"""Steps that are tried at most, for one that is wanted."""
GIVEN: Mapping[str, JsonObject] = {"realm": {"realm_id": "lab"}, "binding": {"realm_id": "lab", "binding_id": "api"}}
"""What there is after `OPENING`."""


def conversations(seed_: int, count: int, between: Callable[[], object] = bool) -> list[list[Step]]:
    """Return so many conversations, about all areas in turn; the same for the same seed, the same mock and the same Hypothesis.

    Not to be called while an event loop runs in this thread. `between` is called after each, and may raise to end it.
    """
    shares = [count // len(AREAS) + (index < count % len(AREAS)) for index in range(len(AREAS))]
    drawn = [_drawn(conversation(area), f"{seed_} {index}", shares[index], between) for index, area in enumerate(AREAS)]
    return [made for turn in itertools.zip_longest(*drawn) for made in turn if made is not None]


def _drawn(strategy: SearchStrategy[T], seed_: str, count: int, between: Callable[[], object]) -> list[T]:
    """Return so many examples of a strategy."""
    made: list[T] = []

    # only the drawing is wanted of Hypothesis: nothing fails here, and nothing is kept
    @seed(zlib.crc32(seed_.encode()))
    @settings(max_examples=count + 1, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=_UNHEALTHY)
    @given(strategy)
    def collect(example: T) -> None:
        made.append(example)
        between()

    if count:
        collect()
    return made[1:]  # the first is always the simplest there is


@st.composite
def conversation(draw: DrawFn, area: Sequence[Move]) -> list[Step]:
    """Generate one conversation: `OPENING`, then steps most of which are about one area of the contract, or about sessions."""
    wanted = draw(st.integers(_STEPS // 2, max(_STEPS, len(area))))
    with companion() as mock:
        maker = _Maker(draw, mock)
        maker.begin()
        for _ in range(wanted * _TRIES):
            if len(maker.steps) < wanted:
                maker.step(draw(st.sampled_from((area, area, area, area, SESSIONS, MOVES))))
    return [*OPENING, *maker.steps]


class _Maker:
    """The state of the machine: what there is to talk about, and which turn waits for a tool."""

    def __init__(self, draw: DrawFn, mock: Companion) -> None:
        self.steps: list[Step] = []
        self._draw = draw
        self._mock = mock
        self._known: dict[str, list[JsonObject]] = {kind: [dict(thing)] for kind, thing in GIVEN.items()}
        self._done: set[str] = set()
        self._number = len(OPENING)
        """The number of the step that was tried last."""
        self._waiting = 0
        """The number of the turn whose tool is not answered; 0: none."""
        for step in OPENING:
            mock.play(step)

    def begin(self) -> None:
        """Now and then let what follows be long enough to be summed up."""
        if self._chance(4):
            self._number += 1
            self._say(Ask(self._number, "config/patch", {"patch": COMPACTION}))

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
        ready = [move for move in moves if not move.about or self._things(move.about)]
        making = [move for move in ready if move.gives]
        using = [move for move in ready if move.about]
        if len(self.steps) < _BEGINNING and making and self._chance(2):
            return making
        if using and not self._chance(4):
            return using
        return ready or MOVES

    def _wait(self) -> None:
        """Start a turn whose tool is answered later."""
        self._number += 1
        session = self._draw(st.sampled_from(self._known["session"]))
        if self._say(Ask(self._number, "turn/start", {**session, "prompt": CALLING}, tools="held")):
            self._waiting = self._number

    def _end_waiting(self) -> None:
        """Cancel the turn that waits for a tool, or answer the tool."""
        if self._draw(st.booleans()):
            self._number += 1
            self._say(Tell(self._number, "cancel", {"request_id": self._waiting}))
        self._number += 1
        self._say(AnswerTools(self._number))
        self._waiting = 0

    def _say(self, step: Step) -> bool:
        """Add a step to the conversation, most often only if the mock does not refuse it; tell whether it does not."""
        accepted = self._mock.play(step)
        if accepted or isinstance(step, AnswerTools) or self._chance(_REFUSED_ODDS):
            self.steps.append(step)
        return accepted

    def _ask(self, move: Move) -> None:
        self._number += 1
        self._done.add(move.method)
        thing = self._thing(move)
        params = self._params(move, thing)
        if not self._say(Ask(self._number, move.method, params)):
            return
        if move.ends and not self._chance(4):  # what has ended is now and then asked about
            self._forget(thing)
        for kind, members in move.gives.items():
            given = {name: self._source(where, params) for name, where in members.items()}
            if all(isinstance(value, str) for value in given.values()):
                self._known.setdefault(kind, []).append(given)

    def _params(self, move: Move, thing: JsonObject) -> JsonObject:
        drawn = self._draw(st.fixed_dictionaries(dict(move.given), optional=dict(move.more)))
        params: JsonObject = {"scope": {"type": "session", **thing}} if move.scope else dict(thing)
        params.update(cast("JsonObject", _numbered(drawn, self._number)))
        if params and self._chance(_ODDS):
            params[self._draw(st.sampled_from(sorted(params)))] = self._draw(st.sampled_from(_SPOILT))
        return params

    def _thing(self, move: Move) -> JsonObject:
        if not move.about:
            return {}
        known = self._things(move.about)
        if not known or self._chance(_ODDS):
            return dict(NOBODY[move.about])
        return dict(self._draw(st.sampled_from(known)))

    def _things(self, kind: str) -> Sequence[JsonObject]:
        """Return what there is of a kind; sources and pairs are members in another guise."""
        members = self._known.get("member", [])
        if kind == "source":
            return [{"mob_id": one["mob_id"], "source_member_id": one["agent_identity"]} for one in members]
        if kind == "pair":
            return [
                {"mob_id": one["mob_id"], "member": one["agent_identity"], "peer": {"local": other["agent_identity"]}}
                for one, other in itertools.permutations(members, 2)
                if one["mob_id"] == other["mob_id"] and one != other
            ]
        return self._known.get(kind, [])

    def _forget(self, thing: JsonObject) -> None:
        """Forget a thing that has ended, and what belonged to it."""
        for kind, known in self._known.items():
            self._known[kind] = [one for one in known if not thing.items() <= one.items()]

    def _source(self, where: str, params: JsonObject) -> Json:
        """Return what a member of a thing is: a reference into the result if there is something, or a value of the params."""
        path = where[1:].split(".")
        if where.startswith("="):
            return dig(params, path)
        return f"${{{self._number}.{where[1:]}}}" if dig(self._mock.result(self._number), path) is not None else None

    def _chance(self, one_in: int) -> bool:
        return self._draw(st.integers(1, one_in)) == one_in


def _numbered(value: Json, number: int) -> Json:
    if isinstance(value, dict):
        return {k: _numbered(v, number) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbered(v, number) for v in value]
    return value.replace("{n}", str(number)) if isinstance(value, str) else value
