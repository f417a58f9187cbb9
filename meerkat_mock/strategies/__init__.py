"""Hypothesis strategies for what crosses the wire and what scenarios say, for the property tests of applications and our own.

    from meerkat_mock.strategies import params, runs

    @given(runs())
    def test_my_reader_takes_every_run(run): ...

`params`, `results` and `invalid_params` are for one method each; `events` is one event, `runs` all of a run, `streams` the messages of a
stream; `conversations` is what a client says, `scenarios` what a scenario file holds,
`dialogues` those that every application can play; `byte_splits` cuts bytes as a pipe might;
`MeerkatMachine` is a state machine whose rules talk to the mock, with `await`. Examples shrink to what a person would have written.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("hypothesis") is None:
    raise ModuleNotFoundError("meerkat_mock.strategies needs Hypothesis: pip install 'meerkat-kit[hypothesis]'", name="hypothesis")

from meerkat_mock.strategies.conversations import Ask, Conversation, Ref, conversations
from meerkat_mock.strategies.machine import MeerkatMachine
from meerkat_mock.strategies.methods import events, invalid_params, params, results
from meerkat_mock.strategies.pieces import byte_splits
from meerkat_mock.strategies.runs import runs, scripts, streams
from meerkat_mock.strategies.scenarios import dialogues, scenarios
from meerkat_mock.strategies.values import from_type

__all__ = [
    "Ask",
    "Conversation",
    "MeerkatMachine",
    "Ref",
    "byte_splits",
    "conversations",
    "dialogues",
    "events",
    "from_type",
    "invalid_params",
    "params",
    "results",
    "runs",
    "scenarios",
    "scripts",
    "streams",
]
