"""The public strategies: what they generate keeps the contract, covers the table of methods, and shrinks to what a person would write."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from meerkat.events import parse_envelope
from meerkat.wire.methods import METHODS, SERVER_REQUESTS
from meerkat_mock import strategies
from meerkat_mock.contract.adapters import adapter
from meerkat_mock.contract.grammar import RunChecker
from meerkat_mock.contract.grammar_streams import ConnectionChecker
from meerkat_mock.contract.lines import check_result
from meerkat_mock.contract.params import InvalidParams, decode_params
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.server import Server
from meerkat_mock.strategies import (
    Ask,
    Conversation,
    Ref,
    byte_splits,
    conversations,
    events,
    invalid_params,
    params,
    results,
    runs,
    streams,
)
from meerkat_mock.strategies.methods import refuses

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

EVERY = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
PLAYED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def smallest(strategy: st.SearchStrategy[Any], wanted: Any = lambda value: True) -> Any:
    return find(strategy, wanted, settings=settings(derandomize=True, database=None, suppress_health_check=list(HealthCheck)))


def test_every_exported_name_is_there() -> None:
    assert all(hasattr(strategies, name) for name in strategies.__all__)
    assert sorted(strategies.__all__) == strategies.__all__


@pytest.mark.parametrize("name", [*METHODS, *SERVER_REQUESTS])
def test_every_method_of_the_table_has_its_strategies(name: str) -> None:
    row = METHODS.get(name) or SERVER_REQUESTS[name]

    @EVERY
    @given(results(name))
    def results_keep_the_contract(result: Json) -> None:
        if name in METHODS:
            assert check_result(name, result) is None
        else:
            adapter(row.result).validate_python(result)

    @EVERY
    @given(st.data())
    def params_are_accepted_or_refused_as_said(data: st.DataObject) -> None:
        if row.params_name is None:
            with pytest.raises(LookupError, match="takes no params"):
                params(name)
        else:
            decode_params(row, data.draw(params(name)), present=True)
        if name in METHODS and refuses(row):
            with pytest.raises(InvalidParams):
                decode_params(row, data.draw(invalid_params(name)), present=True)
        else:
            with pytest.raises(LookupError, match="refuses no params"):
                invalid_params(name)

    results_keep_the_contract()
    params_are_accepted_or_refused_as_said()


def test_a_misspelt_method_is_told_the_nearest() -> None:
    with pytest.raises(LookupError, match="did you mean 'turn/start'"):
        params("turn/strat")
    with pytest.raises(LookupError, match=r"there is no method 'zzz'$"):
        results("zzz")


@settings(deadline=None)
@given(events())
def test_events_are_read_by_the_sdk_as_what_they_are(event: JsonObject) -> None:
    envelope: JsonObject = {"event_id": "e", "source_id": "s", "seq": 1, "timestamp_ms": 0, "payload": event}
    parsed = parse_envelope(envelope).payload
    assert parsed is not None
    assert type(parsed).__name__ == str(event["type"]).title().replace("_", "")


@PLAYED
@given(runs())
def test_runs_are_whole_words_of_the_grammar(run: list[JsonObject]) -> None:
    checker = RunChecker(fresh=True)
    broken = [str(breach) for envelope in run for breach in checker.feed(envelope)]
    assert broken + [str(breach) for breach in checker.finish()] == []
    assert run[0]["payload"]["type"] == "run_started"  # type: ignore[index,call-overload]


@PLAYED
@given(streams())
def test_streams_are_lawful_and_end(stream: list[tuple[str, JsonObject]]) -> None:
    checker = ConnectionChecker()
    broken = [str(breach) for method, said in stream for breach in checker.feed(method, said)]
    assert broken + [str(breach) for breach in checker.finish()] == []
    assert [method for method, _ in stream].index("session/stream_end") == len(stream) - 1


def test_a_run_shrinks_to_one_round_that_says_one_thing() -> None:
    kinds = [envelope["payload"]["type"] for envelope in smallest(runs())]
    assert kinds == ["run_started", "turn_started", "text_delta", "text_complete", "turn_completed", "run_completed"]


def test_a_run_with_a_tool_shrinks_to_one_call() -> None:
    run = smallest(runs(), lambda run: any(e["payload"]["type"] == "tool_execution_completed" for e in run))
    calls = [envelope["payload"] for envelope in run if envelope["payload"]["type"] == "tool_call_requested"]
    assert [(call["name"], call["args"]) for call in calls] == [("lookup", {})]


async def test_a_run_can_be_drawn_inside_an_event_loop() -> None:
    run = find(runs(), lambda run: True, settings=settings(database=None, phases=[Phase.generate]))
    assert run[0]["payload"]["type"] == "run_started"


@settings(deadline=None)
@given(st.data(), st.binary(max_size=40))
def test_pieces_are_together_what_was_cut(data: st.DataObject, whole: bytes) -> None:
    pieces = data.draw(byte_splits(whole))
    assert b"".join(pieces) == whole
    assert all(pieces)


def test_pieces_shrink_to_the_whole_and_to_one_early_cut() -> None:
    assert smallest(byte_splits(b"abc\n")) == [b"abc\n"]
    assert smallest(byte_splits(b"abc\n"), lambda pieces: len(pieces) > 1) == [b"a", b"bc\n"]


_SCRIPT = '@script[{"fail": {"status": 400}}, {"say": ["now"]}]'
_TURN = Ask("turn/start", {"prompt": "hi", "session_id": Ref(0, "session_id")})
STALLS = Conversation((Ask("session/create", {"prompt": _SCRIPT, "initial_turn": "deferred"}), _TURN, _TURN))
"""The last turn stands behind the second run of a failed prompt: the server never answers it (spec 02, section 5.4)."""


async def _answers(conversation: Conversation, *, patience: float = 10.0, stalls: bool = False) -> list[Any]:
    server = Server(World(quirks=Quirks("server", {"turn_stalls_behind_rerun": stalls})))
    transport = server.connect()
    try:
        answers = await conversation.play(transport, patience=patience)
    finally:
        await transport.close()
        await server.close()
    assert server.runtime.violations == []
    return answers


@PLAYED
@given(conversations())
def test_a_conversation_gets_an_answer_to_every_request(conversation: Conversation) -> None:
    answers = asyncio.run(_answers(conversation))
    assert len(answers) == len(conversation.asks)
    for ask, answer in zip(conversation, answers):
        assert answer.error is None or answer.error[0] in {*METHODS[ask.method].errors, -32602}, (str(ask), answer)


def test_an_answer_that_never_comes_ends_a_conversation_with_its_request() -> None:
    assert [answer.error is None for answer in asyncio.run(_answers(STALLS))] == [True, False, True]
    with pytest.raises(TimeoutError, match=r"no answer to request 2, turn/start\(prompt=\"hi\".* in 0.05 s: .*turn_stalls_behind_rerun"):
        asyncio.run(_answers(STALLS, patience=0.05, stalls=True))


def test_a_conversation_shrinks_to_the_requests_that_matter() -> None:
    found = smallest(conversations(), lambda conversation: any(ask.method == "session/stream_close" for ask in conversation))
    assert str(found).splitlines() == [
        '0: session/create(prompt="hi")',
        "1: session/stream_open(session_id=${0.session_id})",
        "2: session/stream_close(stream_id=${1.stream_id})",
    ]


async def test_a_conversation_fills_in_what_earlier_answers_gave() -> None:
    say = json.dumps([{"say": ["yes"]}])
    asks = (
        Ask("session/create", {"prompt": "hi"}),
        Ask("turn/start", {"session_id": strategies.Ref(0, "session_id"), "prompt": f"@script{say}"}),
    )
    created, turn = await _answers(Conversation(asks))
    assert turn.result["text"] == "yes"
    assert turn.result["session_id"] == created.result["session_id"]
