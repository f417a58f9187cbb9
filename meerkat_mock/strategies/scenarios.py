"""Strategies for scenarios: every key of the format, shrinking to the smallest files that a person would write.

@given(scenarios())
def test_something(scenario: Scenario) -> None: ...
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from meerkat_mock.scenario.models import FAILURES, Round, Scenario, from_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

    from meerkat.wire.base import Json

    JsonData = SearchStrategy[dict[str, Any]]

NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=6)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(
        ["on", "no", "12:30", "1_000", "2026-03-02", "null", "~", "0x1f", "1e5", "- a", "a: b", "# c", " lead", "tail ", "a\nb", "${x"]
    ),
)
DURATIONS = st.one_of(st.integers(0, 100), st.sampled_from(["300ms", "1.5s", "10m", "24h", "7d", 0.25]))
STOPS = st.sampled_from(["end_turn", "tool_use", "max_tokens", "stop_sequence", "content_filter", "cancelled"])


def json_values(max_leaves: int = 5) -> SearchStrategy[Json]:
    """Any JSON value, small."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32), TEXTS
    )
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)), max_leaves=max_leaves
    )


def _some(**optional: SearchStrategy[Any]) -> JsonData:
    return st.fixed_dictionaries({}, optional=optional)


def _with(needed: dict[str, SearchStrategy[Any]], **optional: SearchStrategy[Any]) -> JsonData:
    return st.fixed_dictionaries(needed, optional=optional)


def text_matchers() -> SearchStrategy[Json]:
    """A matcher for a text: plain, or one operator."""
    operators = st.one_of(
        st.fixed_dictionaries({"contains": TEXTS}),
        st.fixed_dictionaries({"glob": TEXTS}),
        st.sampled_from([{"regex": r"^\d+$"}, {"any": True}, {"regex": "refund|return"}]),
        st.fixed_dictionaries({"one_of": st.lists(TEXTS, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"exactly": TEXTS}),
        st.fixed_dictionaries({"not": TEXTS}),
    )
    return st.one_of(TEXTS, operators)


def matchers() -> SearchStrategy[Json]:
    """A matcher for any value."""
    leaves = st.one_of(st.integers(), st.booleans(), text_matchers())
    return st.one_of(leaves, st.dictionaries(NAMES, leaves, max_size=2).map(_unlike_operators))


def _unlike_operators(data: Mapping[str, Json]) -> Json:
    return {f"{key}_": value for key, value in data.items()}


def _short_call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {f"{tool}_tool": arguments}


def _joined(over: dict[str, Any], under: dict[str, Any]) -> dict[str, Any]:
    return {**under, **over}


def _branching(given: dict[str, Any], branch: list[dict[str, Any]]) -> dict[str, Any]:
    return {**given, "if_error": branch}


def calls() -> SearchStrategy[Any]:
    """A call of the model in its short or long form."""
    arguments = st.dictionaries(NAMES, json_values(3), max_size=2)
    short = st.builds(_short_call, NAMES, arguments)
    base: dict[str, SearchStrategy[Any]] = {"tool": NAMES}
    args = st.one_of(arguments, TEXTS)
    scripted = _with({**base, "result": json_values(3)}, args=args, id=NAMES, after=DURATIONS)
    failing = _with({**base, "error": TEXTS}, args=args, id=NAMES)
    return st.one_of(short, _with(base, args=args, id=NAMES), scripted, failing)


def _chunks() -> SearchStrategy[Any]:
    return st.one_of(TEXTS, st.lists(TEXTS, max_size=3))


def _usages() -> JsonData:
    return _some(input=st.integers(0, 9999), output=st.integers(0, 9999), cache_read=st.integers(0, 99), cache_creation=st.integers(0, 99))


def _paces() -> JsonData:
    return _some(first=DURATIONS, each=DURATIONS)


def _images() -> JsonData:
    return _some(media_type=st.just("image/png"), size=st.sampled_from(["1x1", "64x32"]), bytes_base64=st.just("iVBORw0KGgo="))


def _answers() -> JsonData:
    shared: dict[str, SearchStrategy[Any]] = {
        "think": _chunks(),
        "call": st.lists(calls(), max_size=2),
        "image": _images(),
        "stop": STOPS,
        "usage": _usages(),
        "pace": _paces(),
        "chunk": st.one_of(st.sampled_from(["word", "char", "whole"]), st.integers(1, 9)),
        "save": st.dictionaries(NAMES, NAMES, max_size=1),
        "send": st.dictionaries(NAMES, TEXTS, max_size=1),
        "wait_for": st.lists(NAMES, max_size=2),
    }
    said = _with({"say": _chunks()}, **shared)
    structured = _with({"json": json_values()}, **shared)
    broken = st.one_of(_with({"cut": st.integers(0, 3)}, say=_chunks()), _with({"reset": st.integers(0, 3)}, say=_chunks()))
    return st.one_of(said, structured, broken, _failures())


def _failures() -> JsonData:
    coded = _with({"status": st.integers(400, 599)}, message=TEXTS)
    return st.fixed_dictionaries({"fail": st.one_of(st.sampled_from(sorted(FAILURES)), coded)})


def round_data() -> JsonData:
    """The data of one round."""
    attempts = st.fixed_dictionaries({"attempts": st.lists(_answers(), min_size=1, max_size=3)})
    branching = st.builds(_branching, _with({"say": TEXTS}), st.lists(_answers(), min_size=1, max_size=2))
    return st.one_of(_answers(), attempts, branching)


def rounds() -> SearchStrategy[Round]:
    """One round."""
    return round_data().map(Round.model_validate)


def _turns() -> JsonData:
    expect = _some(
        prompt=matchers(), output_schema=st.sampled_from(["present", "absent"]), tools=st.lists(NAMES, max_size=2), model=text_matchers()
    )
    own: dict[str, SearchStrategy[Any]] = {"expect": expect, "prompt": TEXTS, "optional": st.booleans()}
    several = _with({"rounds": st.lists(round_data(), min_size=1, max_size=3)}, **own)
    return st.one_of(st.builds(_joined, round_data(), _some(**own)), several)


def session_data() -> JsonData:
    """The data of one session script."""
    match = _some(prompt=text_matchers(), labels=st.dictionaries(NAMES, TEXTS, max_size=2).map(_unlike_operators), model=text_matchers())
    return _with(
        {"turns": st.lists(_turns(), min_size=1, max_size=2)},
        name=NAMES,
        match=match,
        needs_tools=st.lists(NAMES, max_size=2),
        reuse=st.booleans(),
        after_last=st.sampled_from(["error", "repeat", "restart", "ok"]),
        optional=st.booleans(),
    )


def _mobs() -> JsonData:
    member = _some(spawn=_some(delay=DURATIONS, fail=TEXTS), turns=st.lists(_turns(), max_size=1))
    steps = st.one_of(_some(delay=DURATIONS, fail=TEXTS), _with({"say": TEXTS}, delay=DURATIONS))
    flows = st.dictionaries(NAMES, st.dictionaries(NAMES, steps, max_size=2), max_size=1)
    return _some(name=NAMES, match=_some(definition=text_matchers()), members=st.dictionaries(NAMES, member, max_size=2), flows=flows)


def _schedules() -> JsonData:
    phases = st.sampled_from(["completed", "skipped", "misfired", "none"])
    moment = st.fixed_dictionaries({"advance": DURATIONS}, optional={"expect": phases, "while": st.sampled_from(["idle", "running"])})
    return _with({"timeline": st.lists(moment, min_size=1, max_size=2)}, match=_some(name=text_matchers()))


def _live() -> SearchStrategy[Any]:
    step = st.one_of(
        st.fixed_dictionaries({"hear": TEXTS}),
        st.fixed_dictionaries({"speak": _chunks()}),
        st.fixed_dictionaries({"barge_in": st.fixed_dictionaries({"played": DURATIONS})}),
        st.fixed_dictionaries({"call": calls()}),
        st.fixed_dictionaries({"close": st.integers(1000, 4999)}),
    )
    steps = st.lists(step, min_size=1, max_size=3)
    refusals = st.one_of(st.sampled_from(["unreachable", "reset"]), st.fixed_dictionaries({"message": TEXTS}))
    scripts = st.one_of(_with({"steps": steps}, name=NAMES), _with({"refuse": refusals}, name=NAMES))
    return st.one_of(steps, st.lists(scripts, max_size=2))


def _faults() -> JsonData:
    when = _some(session=NAMES, turn=st.integers(1, 9), after=st.dictionaries(NAMES, st.integers(1, 9), max_size=1))
    kinds = st.one_of(
        st.fixed_dictionaries({"wire": st.fixed_dictionaries({"close": st.sampled_from(["mid_line", "reset", "junk"])})}),
        st.fixed_dictionaries({"error": st.fixed_dictionaries({"code": st.integers(-33000, 0), "message": TEXTS})}),
        st.fixed_dictionaries({"crash": _some(restart=st.booleans())}),
        st.fixed_dictionaries({"race": st.tuples(NAMES, NAMES).map(list)}),
        st.fixed_dictionaries({"overflow": st.integers(1, 99)}),
    )
    return st.builds(_joined, kinds, _some(when=when, times=st.integers(1, 3)))


def scenario_data() -> JsonData:
    """The plain data of a scenario, in any of the spellings that a file may use."""
    stubs = st.one_of(
        _with({"method": NAMES, "result": json_values()}, params=matchers()), _with({"method": NAMES, "result": json_values()})
    )
    return _some(
        mock=st.just(1),
        seed=st.integers(0, 99),
        clock=st.just({"start": "2026-03-02T08:59:00Z"}),
        fidelity=st.sampled_from(["server", "contract"]),
        quirks=st.dictionaries(NAMES, st.booleans(), max_size=2),
        defaults=_some(unmatched=st.sampled_from(["error", "auto"]), pace=_paces(), usage=_usages(), inline=st.booleans()),
        vars=st.dictionaries(NAMES, json_values(), max_size=2),
        config=st.dictionaries(NAMES, json_values(), max_size=2),
        skills=st.lists(_with({"name": NAMES}, description=TEXTS, body=TEXTS, active=st.booleans()), max_size=1),
        mcp=st.lists(_with({"name": NAMES, "tools": st.lists(_with({"name": NAMES}, result=json_values()), max_size=2)}), max_size=1),
        sessions=st.lists(session_data(), max_size=3),
        mobs=st.lists(_mobs(), max_size=1),
        schedules=st.lists(_schedules(), max_size=1),
        live=_live(),
        faults=st.dictionaries(NAMES, _faults(), max_size=2),
        stubs=st.lists(stubs, max_size=1),
        verify=_some(order=st.lists(NAMES, max_size=2), at_least=st.dictionaries(NAMES, st.integers(1, 3), max_size=1)),
    )


def dialogues() -> SearchStrategy[Scenario]:
    """A scenario that every application can play: one script for all of its sessions, whose answers need no tool and never fail.

    Each session begins with the first turn; its last one is repeated for ever. `mock.load(scenario)` plays it.
    """
    shared: dict[str, SearchStrategy[Any]] = {
        "think": TEXTS,
        "usage": _usages(),
        "pace": _paces(),
        "chunk": st.sampled_from(["word", "char"]),
    }
    answers = st.one_of(_with({"say": _chunks()}, **shared), _with({"json": json_values()}, **shared))
    return st.lists(answers, min_size=1, max_size=3).map(_for_all_sessions)


def _for_all_sessions(turns: list[dict[str, Any]]) -> Scenario:
    return from_data({"sessions": [{"turns": turns, "reuse": True, "after_last": "repeat", "optional": True}]})


def scenarios() -> SearchStrategy[Scenario]:
    """A whole scenario."""
    return scenario_data().map(from_data)
