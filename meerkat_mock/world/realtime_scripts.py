"""The `live` scripts of a scenario: what the realtime model says on a channel, and when its user speaks into it.

A script is a list of steps that are taken in order:

* `hear` waits for the user's next turn, typed or spoken; its text is the transcript of a spoken turn and what a typed one must say
  (`audio`: whatever it is). Without `hear` the steps that follow answer the next turn, whatever it is;
* `speak`, `write`, `call` make up one answer until the next `hear`; what follows a call is the answer after the tool's result;
* `barge_in: {played}` lets the user speak into the answer before it, once so much of its *audio* has been played in the clock of the
  simulation; what is then said is the next `hear`. The audio of such an answer comes as fast as it is played, else as fast as it can;
* `refuse` in place of steps: the channel is not opened at all;
* `wait` passes time, `error` is an error of the provider, `close` ends its connection (whatever the code, the server tells its client
  the same).

Spoken words last 50 ms a character.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from meerkat_mock.clock import seconds
from meerkat_mock.scenario.document import Unused
from meerkat_mock.scenario.inline import SCRIPT_OVER
from meerkat_mock.scenario.matching import match
from meerkat_mock.scenario.rendering import cut_into_chunks
from meerkat_mock.violations import Violation
from meerkat_mock.world.realtime import BYTES_PER_SECOND, RealtimeIds
from meerkat_mock.world.realtime_answers import (
    DEFAULT_HEARD,
    DEFAULT_TOKENS,
    DEFAULT_VAD_BYTES,
    Answer,
    BargeIn,
    InlineWords,
    SpokenChunk,
    ToolCall,
    spoken,
)
from meerkat_mock.world.realtime_events import ProviderError, Tokens
from meerkat_mock.world.realtime_words import ProviderRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from meerkat_mock.scenario.document import Document
    from meerkat_mock.scenario.models import timelines
    from meerkat_mock.scenario.models.timelines import LiveScript, LiveStepFields
    from meerkat_mock.world.realtime_answers import Words
    from meerkat_mock.world.realtime_words import Occasion

    Refusal = Literal["unreachable", "reset"] | timelines.ProviderError

SECONDS_PER_CHARACTER = 0.05
ANY_SPEECH = "audio"


@dataclass
class ScenarioRealtime:
    """The provider of a mock with a scenario. Without `live` scripts it obeys prompts, like the one of a mock without a scenario."""

    document: Callable[[], Document | None]
    session_script: Callable[[str], str | None]
    """Tells which script of `sessions` serves a session, by name."""
    violations: list[Violation]
    ids: RealtimeIds = field(default_factory=RealtimeIds)
    _playing: dict[int, LiveWords] = field(default_factory=lambda: {})
    _served: dict[str, list[str]] = field(default_factory=lambda: {})

    def words(self, occasion: Occasion) -> Words:
        """Return the first script that serves this channel and was not used before. Raises `ProviderRefused` if it says so."""
        document = self.document()
        scripts = document.scenario.live if document is not None else ()
        if document is None or not scripts:
            return InlineWords.of_prompt(occasion.system_prompt)
        for index, script in enumerate(scripts):
            if index not in self._playing and self._serves(script, occasion):
                words = LiveWords(script, document.where("live", index), document.scenario.defaults.chunk, self.violations)
                self._playing[index] = words
                self._served.setdefault(occasion.session_id, []).append(_name(script, index))
                if script.refuse is not None:
                    raise _refused(script.refuse)
                return words
        fixes = ("add a script to `live`", "loosen the `match` of the nearest script", "close channels that are opened too often")
        text = f"no live script for a channel of session {occasion.session_id} ({occasion.model})"
        self.violations.append(Violation("no_candidate", document.where("live"), text, f"used before: {len(self._playing)}", fixes))
        return InlineWords.of_prompt(occasion.system_prompt)

    def scripts_of(self, session_id: str) -> tuple[str, ...]:
        """Return the names of the scripts that the channels of a session were served by."""
        return tuple(self._served.get(session_id, ()))

    def _serves(self, script: LiveScript, occasion: Occasion) -> bool:
        wanted = script.match
        if wanted.session is not None and self.session_script(occasion.session_id) != wanted.session:
            return False
        facts = ((wanted.model, occasion.model), (wanted.system_prompt, occasion.system_prompt))
        return all(matcher is None or match(matcher, value) is None for matcher, value in facts)

    def unused(self) -> list[Unused]:
        """Return the scripts that no channel used, or not to their end, those marked `optional` left out."""
        document = self.document()
        found: list[Unused] = []
        for index, script in enumerate(document.scenario.live if document is not None else ()):
            words = self._playing.get(index)
            where = document.where("live", index) if document is not None else ""
            name = _name(script, index)
            if script.optional:
                continue
            if words is None:
                found.append(Unused(where, f"{name} was never selected", "no channel was opened for it"))
            elif not words.over:
                found.append(Unused(where, f"{name} stopped after step {words.taken} of {len(script.steps)}", "the channel ended there"))
        return found


def _refused(why: Refusal) -> ProviderRefused:
    return ProviderRefused(why if isinstance(why, str) else ProviderError(why.type, why.message))


def _name(script: LiveScript, index: int) -> str:
    return script.name or f"live-{index + 1}"


class LiveWords:
    """One script on one channel."""

    vad_bytes = DEFAULT_VAD_BYTES

    def __init__(self, script: LiveScript, where: str, chunk: str | int, violations: list[Violation]) -> None:
        self._steps: tuple[LiveStepFields, ...] = script.steps
        self._where = where
        self._chunk = chunk
        self._violations = violations
        self.taken = 0
        self._heard = False
        """True when the step that waits for the running turn has been taken."""

    @property
    def over(self) -> bool:
        """Tell whether every step has been taken."""
        return self.taken == len(self._steps)

    @property
    def _next(self) -> LiveStepFields | None:
        return None if self.over else self._steps[self.taken]

    # ---- words -----------------------------------------------------------------------------------------------------------------------

    def heard(self) -> str:
        """Return what the script lets the user have said."""
        step = self._next
        if step is None or step.hear is None:
            return DEFAULT_HEARD
        self.taken += 1
        self._heard = True
        return DEFAULT_HEARD if step.hear == ANY_SPEECH else step.hear

    def answer(self, text: str, number: int) -> Answer:
        """Return the answer that is due: to a turn of the user, or after a tool's result."""
        if number == 0 and not self._heard:
            self._typed(text)
        self._heard = False
        if self.over and number:
            return Answer(silent=True)  # nothing more to say after a tool's result
        if self.over:
            fixes = ("add the steps that are missing", "let the application end the channel earlier")
            self._report("script_exhausted", "the live script is over, but an answer is asked for", fixes)
            return Answer(say=spoken([SCRIPT_OVER]))
        return self._collected()

    def _typed(self, text: str) -> None:
        step = self._next
        if step is None or step.hear is None:
            return
        self.taken += 1
        if step.hear not in (ANY_SPEECH, text):
            fixes = (f"write `hear: {json.dumps(text)}`, or `hear: audio` for anything", "correct what the application says")
            self._report("expectation_failed", f"expected to hear {step.hear!r}, but {text!r} was typed", fixes)

    def _collected(self) -> Answer:
        answer, pause = Answer(silent=True), 0.0
        while (step := self._next) is not None and step.hear is None:
            if answer.calls and step.call is None and step.close is None:
                break
            self.taken += 1
            if step.wait is not None:
                pause += seconds(step.wait)
                continue
            answer, pause = self._with(answer, step, pause), 0.0
            if step.barge_in is not None or step.error is not None or step.close is not None:
                break
        return answer if not pause else replace(answer, last=pause)

    def _with(self, answer: Answer, step: LiveStepFields, pause: float) -> Answer:
        words = step.speak if step.speak is not None else step.write
        if words is not None:
            return self._spoken(answer, step, words, pause)
        if step.call is not None:
            arguments = step.call.args if isinstance(step.call.args, str) else json.dumps(step.call.args)
            call = ToolCall(step.call.tool, arguments, step.call.id)
            return replace(answer, silent=False, calls=(*answer.calls, call), first=answer.first + pause, tokens=_tokens(step, answer))
        if step.barge_in is not None:
            return self._interrupted(answer, seconds(step.barge_in.played))
        if step.error is not None:
            return replace(answer, fails=ProviderError(step.error.type, step.error.message), last=pause)
        return replace(answer, then_closes=True, last=pause)

    def _spoken(self, answer: Answer, step: LiveStepFields, words: str | tuple[str, ...], pause: float) -> Answer:
        written = step.write is not None
        if answer.written not in (None, written):
            fixes = ("give the two answers a `hear` of their own", "say everything aloud, or write everything")
            self._report("bad_round", "one answer cannot be spoken and written", fixes)
        pace = step.pace
        each = seconds(pace.each) if pace is not None else 0.0
        before = seconds(pace.first) if pace is not None else 0.0
        if answer.silent:  # a wait before the first words delays the response itself
            answer = replace(answer, first=answer.first + pause)
        else:
            before += pause
        chunks = [SpokenChunk(text, b"" if written else _audio(text), each) for text in cut_into_chunks(words, self._chunk)]
        if chunks:
            chunks[0] = replace(chunks[0], pause=before + each)
        return replace(answer, silent=False, say=(*answer.say, *chunks), written=written, tokens=_tokens(step, answer))

    def _interrupted(self, answer: Answer, played: float) -> Answer:
        length = sum(len(chunk.audio) for chunk in answer.say) / BYTES_PER_SECOND
        if played > length:
            fixes = (f"barge in earlier: `played` at most {length:g}s", "say more before it")
            self._report("bad_round", f"the user barges in after {played:g} s, but the answer lasts {length:g} s", fixes)
        return replace(answer, barge_in=BargeIn(played), paced_by_playing=True)

    def _report(self, code: str, message: str, fixes: tuple[str, ...]) -> None:
        self._violations.append(Violation(code, self._where, f"{message} (step {self.taken} of {len(self._steps)})", "", fixes))


def _audio(text: str) -> bytes:
    """Return silence as long as the words take."""
    return bytes(2 * round(len(text) * SECONDS_PER_CHARACTER * BYTES_PER_SECOND / 2))


def _tokens(step: LiveStepFields, answer: Answer) -> Tokens:
    usage = step.usage
    if usage is None:
        return DEFAULT_TOKENS if answer.silent else answer.tokens
    return Tokens(usage.input, usage.output, usage.cache_read)
