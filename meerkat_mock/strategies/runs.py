"""Whole runs and streams: drawn as what a model says, played by the mock, so that every one is lawful in all its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hypothesis import strategies as st

from meerkat_mock.strategies.playing import TOOL, play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

    from meerkat.wire.base import Json, JsonObject

Heard = tuple[str, "JsonObject"]
"""A notification: its method and its params."""

_CHUNKS = st.lists(st.sampled_from(["a", "b ", "", "{}", "é", "\n"]), min_size=1, max_size=3)
_ARGUMENTS = st.sampled_from([{}, {"a": 1}, "", "[", "[]"])
_CALLS = st.lists(st.fixed_dictionaries({"tool": st.sampled_from([TOOL, TOOL, "missing"]), "args": _ARGUMENTS}), min_size=1, max_size=2)
_USAGE = st.fixed_dictionaries({"input": st.integers(0, 50), "output": st.integers(0, 9)})
_SCHEMAS: list[JsonObject] = [{"type": "object"}, {}]
_LIMITS: dict[str, SearchStrategy[Json]] = {"max_tokens": st.integers(0, 150), "max_tool_calls": st.integers(0, 3)}
_WISHES: dict[str, SearchStrategy[Json]] = {
    "output_schema": st.sampled_from(_SCHEMAS),
    "budget_limits": st.fixed_dictionaries({}, optional=_LIMITS),
}
_OPTIONS: SearchStrategy[JsonObject] = st.fixed_dictionaries({}, optional=_WISHES)


def scripts() -> SearchStrategy[Json]:
    """Generate what the model says in one turn, round by round, as an inline script: `f"@script{json.dumps(script)}"` is a prompt.

    Texts in chunks, reasoning, calls of the tool `lookup` (and of one that is missing), odd ends, usage, cut answers, failures with and
    without another attempt, silence; shrinks to one round that says `a`.
    """
    more: dict[str, SearchStrategy[Any]] = {"usage": _USAGE, "stop": st.sampled_from(["end_turn", "max_tokens", "odd"])}
    said = st.fixed_dictionaries({"say": _CHUNKS}, optional={"think": _CHUNKS, **more})
    called = st.fixed_dictionaries({"call": _CALLS}, optional={"say": _CHUNKS, "think": _CHUNKS, **more})
    cut = st.fixed_dictionaries({"say": _CHUNKS, "cut": st.integers(0, 2)})
    failing = st.sampled_from([{"say": []}, {"fail": {"status": 400}}, {"attempts": [{"fail": {"status": 500}}, {"say": ["up"]}]}])
    return cast(
        "SearchStrategy[Json]",
        st.lists(st.one_of(st.just({"say": ["a"]}), said, called, said, called, cut, failing), min_size=1, max_size=4),
    )


def runs() -> SearchStrategy[list[JsonObject]]:
    """Generate one whole run: the envelopes of its `session/event`s from `run_started` to its end, extraction included (spec 03, 6).

    @given(runs())
    def test_my_transcript_takes_every_run(run):
        for envelope in run: transcript.take(envelope["payload"])
    """
    return st.builds(_run, scripts(), _OPTIONS)


def streams() -> SearchStrategy[list[Heard]]:
    """Generate what one stream of a session carries: `session/stream_event`s of one to three turns, then `session/stream_end`.

    A turn that fails ends the agent, and with it the stream (spec 03, section 5). Each item is a method and its params.
    """
    return st.builds(_stream, st.lists(scripts(), min_size=1, max_size=3), _OPTIONS)


def _run(script: Json, options: JsonObject) -> list[JsonObject]:
    return [cast("JsonObject", params["event"]) for method, params in play([script], options) if method == "session/event"]


def _stream(turns: Sequence[Json], options: JsonObject) -> list[Heard]:
    return [(method, params) for method, params in play(turns, options, stream=True) if method.startswith("session/stream_")]
