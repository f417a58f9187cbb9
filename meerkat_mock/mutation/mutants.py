"""What can go wrong with one scripted answer: every way to drop, delay, duplicate, swap or corrupt one thing in it.

Pure: an answer in, mutants out. Doing it to a running test is `altering`; saying which survived is `outcome`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from meerkat_mock.mutation.values import other, other_text
from meerkat_mock.world.model import Complete, ModelCall, ModelUsage, ProviderFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meerkat.wire.base import Json
    from meerkat_mock.world.model import ModelAnswer

    Change = Callable[[ModelAnswer], ModelAnswer]

T = TypeVar("T")
Whole = Literal["drop", "duplicate", "swap"]
"""What may happen to an answer as a whole, in relation to its neighbours."""

DELAY_S = 60.0
"""How long a delayed answer is late, in the mock's clock: longer than most patience."""
TEXT_SHOWN = 30
_UNSCRIPTED = ("auto", "")


@dataclass(frozen=True)
class Mutant:
    """One thing gone wrong: where it is scripted (`file:line`), what happens to it, and the change itself."""

    where: str
    what: str
    change: Change | Whole


def mutants_of(answer: ModelAnswer) -> Iterator[Mutant]:
    """Yield every mutant of an answer; one that nobody scripted has none."""
    if answer.source in _UNSCRIPTED:
        return
    for what, change in _changes(answer):
        yield Mutant(answer.source, what, change)


def _changes(answer: ModelAnswer) -> Iterator[tuple[str, Change | Whole]]:
    yield from _of_the_whole(answer)
    if answer.think:
        yield "drop the reasoning", lambda it: replace(it, think=())
    yield from _of_the_text(answer)
    for number, call in enumerate(answer.calls):
        yield from _of_a_call(number, call)
    for number in range(len(answer.calls) - 1):
        pair = f"`{answer.calls[number].name}` and `{answer.calls[number + 1].name}`"
        yield f"swap the calls {number + 1} and {number + 2}: {pair}", _with_calls(partial(_swapped, at=number))
    yield from _of_the_messages(answer)
    for identity in answer.wait_for:
        yield f"drop the wait for `{identity}`", partial(_not_waiting, identity=identity)
    yield from _of_the_end(answer)


def _of_the_whole(answer: ModelAnswer) -> Iterator[tuple[str, Change | Whole]]:
    if isinstance(answer.ending, ProviderFailure):
        yield f"drop the failure ({answer.ending.status})", "drop"
        return
    yield f"delay the answer by {DELAY_S:g} s", lambda it: replace(it, pace_first=it.pace_first + DELAY_S)
    if answer.calls:
        yield f"drop the round that calls {_names(answer)}", "drop"
        yield f"duplicate the round that calls {_names(answer)}", "duplicate"
        yield f"swap the round that calls {_names(answer)} with the next", "swap"


def _names(answer: ModelAnswer) -> str:
    return ", ".join(f"`{call.name}`" for call in answer.calls)


def _of_the_text(answer: ModelAnswer) -> Iterator[tuple[str, Change]]:
    say = answer.say
    if not answer.text:
        return
    yield f"drop the text {_shown(answer.text)}", lambda it: replace(it, say=())
    yield f"corrupt the text {_shown(answer.text)}", lambda it: replace(it, say=(other_text(it.text),))
    if len(say) < 2:
        return
    for number, chunk in enumerate(say):
        name = f"chunk {number + 1} of the text, {_shown(chunk)}"
        if chunk:
            yield f"drop {name}", _with_text(partial(_dropped, at=number))
            yield f"duplicate {name}", _with_text(partial(_doubled, at=number))
        if number + 1 < len(say) and chunk != say[number + 1]:
            yield f"swap {name}, with the next", _with_text(partial(_swapped, at=number))


def _of_a_call(number: int, call: ModelCall) -> Iterator[tuple[str, Change]]:
    name = f"call {number + 1}, `{call.name}`"

    def changed(change: Callable[[ModelCall], ModelCall]) -> Change:
        return _with_calls(lambda calls: (*calls[:number], change(calls[number]), *calls[number + 1 :]))

    yield f"drop {name}", _with_calls(partial(_dropped, at=number))
    yield (
        f"duplicate {name}",
        _with_calls(lambda calls: (*calls[: number + 1], replace(calls[number], id=f"{calls[number].id}-again"), *calls[number + 1 :])),
    )
    for key, value in call.arguments.items() if not isinstance(call.arguments, str) else ():
        yield f"drop the argument `{key}` of {name}", changed(partial(_without, key=key))
        yield (
            f"corrupt the argument `{key}` of {name}",
            changed(partial(_with, key=key, value=other(value))),
        )
    if call.has_result:
        yield f"corrupt the scripted result of {name}", changed(lambda it: replace(it, result=other(it.result)))
        yield f"drop the scripted result of {name}", changed(lambda it: replace(it, result=None, has_result=False, error="dropped"))
    if call.error is not None:
        yield f"drop the scripted error of {name}", changed(lambda it: replace(it, error=None, result="", has_result=True))


def _of_the_messages(answer: ModelAnswer) -> Iterator[tuple[str, Change]]:
    """Yield what can happen to messages to other members of a mob; late ones are those of a late answer."""
    for number, (identity, text) in enumerate(answer.sends):
        name = f"the message to `{identity}`, {_shown(text)}"
        yield f"drop {name}", _with_sends(partial(_dropped, at=number))
        yield f"duplicate {name}", _with_sends(partial(_doubled, at=number))
        yield f"corrupt {name}", _with_sends(partial(_replaced, at=number, by=(identity, other_text(text))))
        if number + 1 < len(answer.sends):
            next_to, next_text = answer.sends[number + 1]
            if text != next_text:
                yield f"swap {name}, with that to `{next_to}`", _with_sends(partial(_misdirected, at=number))


def _misdirected(sends: tuple[tuple[str, str], ...], at: int) -> tuple[tuple[str, str], ...]:
    (one, its_text), (next_one, next_text) = sends[at : at + 2]
    return (*sends[:at], (one, next_text), (next_one, its_text), *sends[at + 2 :])


def _not_waiting(answer: ModelAnswer, identity: str) -> ModelAnswer:
    return replace(answer, wait_for=tuple(each for each in answer.wait_for if each != identity))


def _of_the_end(answer: ModelAnswer) -> Iterator[tuple[str, Change]]:
    ending = answer.ending
    if isinstance(ending, ProviderFailure):
        status = 400 if ending.status != 400 else 503
        yield (
            f"corrupt the failure: {status} for {ending.status}",
            lambda it: replace(it, ending=ProviderFailure(status, "mutated", "mutated")),
        )
        return
    if not isinstance(ending, Complete):
        yield "drop the break: the stream ends as it should", lambda it: replace(it, ending=Complete())
        return
    yield "corrupt the usage: a thousand times as much", lambda it: replace(it, usage=_thousandfold(it.usage))
    if answer.stop not in ("end_turn", "tool_use"):
        yield f"drop the stop reason `{answer.stop}`", lambda it: replace(it, stop="end_turn")


def _thousandfold(usage: ModelUsage) -> ModelUsage:
    return replace(usage, input=(usage.input + 1) * 1000, output=(usage.output + 1) * 1000)


def _with_calls(change: Callable[[tuple[ModelCall, ...]], tuple[ModelCall, ...]]) -> Change:
    def changed(answer: ModelAnswer) -> ModelAnswer:
        calls = change(answer.calls)
        return replace(answer, calls=calls, stop=answer.stop if calls else "end_turn")

    return changed


def _with_text(change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Change:
    return lambda answer: replace(answer, say=change(answer.say))


def _with_sends(change: Callable[[tuple[tuple[str, str], ...]], tuple[tuple[str, str], ...]]) -> Change:
    return lambda answer: replace(answer, sends=change(answer.sends))


def _without(call: ModelCall, key: str) -> ModelCall:
    given = call.arguments
    return call if isinstance(given, str) else replace(call, arguments={name: value for name, value in given.items() if name != key})


def _with(call: ModelCall, key: str, value: Json) -> ModelCall:
    return call if isinstance(call.arguments, str) else replace(call, arguments={**call.arguments, key: value})


def _dropped(items: tuple[T, ...], at: int) -> tuple[T, ...]:
    return (*items[:at], *items[at + 1 :])


def _replaced(items: tuple[T, ...], at: int, by: T) -> tuple[T, ...]:
    return (*items[:at], by, *items[at + 1 :])


def _doubled(items: tuple[T, ...], at: int) -> tuple[T, ...]:
    return (*items[: at + 1], *items[at:])


def _swapped(items: tuple[T, ...], at: int) -> tuple[T, ...]:
    return (*items[:at], items[at + 1], items[at], *items[at + 2 :])


def _shown(text: str) -> str:
    return repr(text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN] + "…")
