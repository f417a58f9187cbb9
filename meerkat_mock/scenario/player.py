"""The scripted model: decides what the model answers, from an inline script, the matching script, or nothing at all.

Owns which script a conversation has and where it stands; pure and synchronous. What is not allowed becomes a `Violation` in the list
handed in *and* a refusal of the provider, so that the test fails even if the application swallows the error.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from meerkat_mock.scenario.document import Document, Unused
from meerkat_mock.scenario.inline import (
    NO_SCRIPT,
    SCRIPT_OVER,
    InlineScript,
    conversation,
    governing,
    governing_realtime,
    since_script,
    text_of,
)
from meerkat_mock.scenario.matching import (
    ABSENT,
    Candidate,
    Conversation,
    Loss,
    Selection,
    as_model_matcher,
    match,
    select,
    shown,
)
from meerkat_mock.scenario.models import no_scenario
from meerkat_mock.scenario.rendering import BadImage, Renderer, failure
from meerkat_mock.scenario.smallest import smallest
from meerkat_mock.scenario.talk import Script, Talk, begins_run, look_up, newest_tool_answers, prompt_key
from meerkat_mock.scenario.tool_checks import calls_of, tools_needed
from meerkat_mock.violations import Violation
from meerkat_mock.world.catalogue import REALTIME_IDS
from meerkat_mock.world.model import ModelAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json
    from meerkat_mock.scenario.document import Steps
    from meerkat_mock.scenario.matching import Named, Value
    from meerkat_mock.scenario.models import Expect, Round
    from meerkat_mock.world.model import ModelRequest

VIOLATION_STATUS = 400
"""HTTP status of a refusal that stands for a violation: the runtime does not retry it."""


class Player:
    """Plays the model of one simulation. Without a document every prompt is answered, and inline scripts are obeyed."""

    def __init__(self, document: Document | None = None, *, violations: list[Violation] | None = None, named: Named | None = None) -> None:
        self.violations: list[Violation] = [] if violations is None else violations
        self._named = named or {}
        self._renderer = Renderer()
        self.follow(document)
        self._talks: dict[str, Talk] = {}
        self._used: dict[Steps, int] = {}
        self._reached: dict[Steps, int] = {}
        self._inline_attempts: dict[tuple[str, str, int], int] = {}
        self._losses: list[Loss] = []

    def follow(self, document: Document | None) -> None:
        """Play this document from now on: the one played so far with parts added at its end, so that what is under way goes on."""
        self.document = document
        scenario = document.scenario if document else no_scenario()
        self._scenario = scenario
        self._inline = document is None or scenario.defaults.inline
        if document:
            self._renderer = Renderer(scenario.defaults, document.folder, self._renderer.calls)

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the answer that is due now, and count it as given."""
        script = self._governing(request) if self._inline else None
        if script is not None:
            return self._inline_answer(request, script)
        if self.document is None:
            return self._automatic(request)
        talk = self._talks.get(request.session_id) or self._open(request)
        return self._scripted(request, talk) if isinstance(talk, Talk) else talk

    def script_of(self, session_id: str) -> str | None:
        """Return the name of the script that a session is served by, None before its first answer."""
        talk = self._talks.get(session_id)
        return None if talk is None else talk.script.name

    # inline scripts and answers that nobody scripted

    def _governing(self, request: ModelRequest) -> InlineScript | None:
        said = conversation(since_script(request.messages))
        return governing_realtime(said) if request.model in REALTIME_IDS else governing(said)

    def _inline_answer(self, request: ModelRequest, script: InlineScript) -> ModelAnswer:
        due = script.due
        if due is None:
            return ModelAnswer(say=(SCRIPT_OVER,), source="inline")
        if due.attempts is not None:
            key = request.session_id, script.message, script.answered
            number = self._inline_attempts.get(key, 0)
            self._inline_attempts[key] = number + 1
            due = due.attempts[min(number, len(due.attempts) - 1)]
        return self._renderer.answer(due, "inline")

    def _automatic(self, request: ModelRequest) -> ModelAnswer:
        if request.purpose == "extraction" and request.output_schema is not None:
            return ModelAnswer(say=(json.dumps(smallest(request.output_schema), separators=(",", ":")),), source="auto")
        return ModelAnswer(say=(NO_SCRIPT,), source="auto")

    # which script

    def _open(self, request: ModelRequest) -> Talk | ModelAnswer:
        script = self._member_script(request)
        if script is None:
            selection = select(list(self._candidates()), conversation_of(request), self._named)
            self._losses += selection.losses
            if selection.winner is None:
                return self._unmatched(request, selection)
            script = self._session_script(selection.winner.key)
        self._used[script.path] = self._used.get(script.path, 0) + 1
        talk = self._talks[request.session_id] = Talk(script)
        for violation in tools_needed(script, request.tools, self._where):
            self._report(violation)
        return talk

    def _candidates(self) -> Iterator[Candidate]:
        for index, script in enumerate(self._scenario.sessions):
            if script.reuse or not self._used.get(("sessions", index)):
                yield Candidate(index, self._scenario.session_name(index), self._where("sessions", index), script.match)

    def _session_script(self, index: int) -> Script:
        given = self._scenario.sessions[index]
        name = self._scenario.session_name(index)
        return Script(name, ("sessions", index), given.turns, given.after_last, given.needs_tools, given.optional)

    def _member_script(self, request: ModelRequest) -> Script | None:
        if request.identity is None:
            return None
        for index, mob in enumerate(self._scenario.mobs):
            wanted = mob.match.definition
            if wanted is not None and match(wanted, request.mob if request.mob is not None else ABSENT, self._named):
                continue
            member = mob.members.get(request.identity)
            if member is not None:
                path = ("mobs", index, "members", request.identity)
                return Script(request.identity, path, member.turns, member.after_last, member.needs_tools, member.optional)
        return None

    def _unmatched(self, request: ModelRequest, selection: Selection) -> ModelAnswer:
        prompt = shown(request.prompt if request.prompt is not None else "")
        if selection.tied:
            places = " and ".join(f"{item.name} ({item.where})" for item in selection.tied)
            fixes = ("make one `match` more specific", "give the scripts different prompts, labels or models")
            return self._refuse(Violation("tie", selection.tied[0].where, f"{places} match the prompt {prompt} equally well", "", fixes))
        if self._scenario.defaults.unmatched == "auto":
            return self._automatic(request)
        spent = list(self._spent_names())
        nearest = (
            str(selection.losses[0]) if selection.losses else f"{', '.join(spent)}: used before" if spent else "the scenario has no session"
        )
        more = (
            "add a session whose `match` fits this prompt",
            "let the script serve any number of conversations: `reuse: true`" if spent else "correct the `match` of the nearest script",
            "answer what nobody scripted: `defaults: {unmatched: auto}`",
        )
        where = self.document.positions.at(("sessions",)).file_and_line if self.document else ""
        return self._refuse(Violation("no_candidate", where, f"no script for the prompt {prompt}", nearest, more))

    def _spent_names(self) -> Iterator[str]:
        for index, script in enumerate(self._scenario.sessions):
            if not script.reuse and self._used.get(("sessions", index)):
                yield self._scenario.session_name(index)

    # which turn and round

    def _scripted(self, request: ModelRequest, talk: Talk) -> ModelAnswer:
        refusal = self._find_turn(request, talk)
        if refusal is not None:
            return refusal
        self._notice_tool_answers(request, talk)
        if talk.position >= len(talk.rounds):
            return self._past_rounds(request, talk)
        given, path = talk.attempt(*talk.rounds[talk.position])
        if request.purpose != "compaction" and given.fail is None and given.reset is None:
            talk.position += 1
            reached = talk.turn_path(talk.turn)
            self._reached[reached] = max(self._reached.get(reached, 0), talk.position)
            self._check_calls(request, given, path, talk)
        return self._rendered(given, path, talk)

    def _find_turn(self, request: ModelRequest, talk: Talk) -> ModelAnswer | None:
        if request.purpose == "extraction" and talk.turn >= 0:
            return None
        key = prompt_key(request)
        if key == talk.key:
            if request.purpose == "turn" and talk.position and begins_run(request.messages):
                talk.enter(talk.turn)
            return None
        index = talk.taken.get(key)
        if index is None:
            index = self._next_turn(talk)
            if index is None:
                return self._past_turns(request, talk)
            talk.taken[key] = index
        talk.key = key
        talk.enter(index)
        self._begin(request, talk, index)
        return None

    def _next_turn(self, talk: Talk) -> int | None:
        count = len(talk.script.turns)
        index = talk.next_turn
        if index >= count and count:
            index = {"repeat": count - 1, "restart": 0}.get(talk.script.after_last, count)
        if index >= count:
            return None
        talk.next_turn = index + 1
        return index

    def _begin(self, request: ModelRequest, talk: Talk, index: int) -> None:
        path = talk.turn_path(index)
        self._reached.setdefault(path, 0)
        if index not in talk.begun or talk.script.after_last in ("repeat", "restart"):
            talk.begun.add(index)
            expect = talk.script.turns[index].expect
            if expect is not None:
                self._assert(expect, request, talk, path)

    def _past_turns(self, request: ModelRequest, talk: Talk) -> ModelAnswer:
        if talk.script.after_last == "ok":
            return self._automatic(request)
        count = len(talk.script.turns)
        message = f"{talk.script.name} has {count} turn{'s' * (count != 1)}, and this is one more: {shown(request.prompt)}"
        fixes = ("add a turn", "say what comes then: `after_last: repeat`, `restart` or `ok`")
        return self._refuse(Violation("script_exhausted", self._where(*talk.script.path), message, "", fixes))

    def _past_rounds(self, request: ModelRequest, talk: Talk) -> ModelAnswer:
        last, path = talk.rounds[-1]
        if last.ends_turn:
            if request.purpose == "extraction" and last.has_json:
                return self._rendered(last, path, talk)
            return self._automatic(request)
        message = f"turn {talk.turn + 1} of {talk.script.name} has no round left: its last one calls a tool, and the model is asked again"
        fixes = ("add a round that says something: `- {say: ...}`", "remove the last call")
        return self._refuse(Violation("script_exhausted", self._where(*path), message, "", fixes))

    def _check_calls(self, request: ModelRequest, given: Round, path: Steps, talk: Talk) -> None:
        turn, is_last = f"turn {talk.turn + 1} of {talk.script.name}", talk.position == len(talk.rounds)
        for violation in calls_of(given, request.tools, turn, is_last=is_last, where=lambda *steps: self._where(*path, *steps)):
            self._report(violation)

    def _rendered(self, given: Round, path: Steps, talk: Talk) -> ModelAnswer:
        try:
            return self._renderer.answer(talk.filled(given), self._where(*path))
        except (BadImage, ValueError) as error:
            return self._refuse(Violation("bad_round", self._where(*path), str(error), "", ("correct the round",)))

    # what the application did in between

    def _notice_tool_answers(self, request: ModelRequest, talk: Talk) -> None:
        if request.purpose != "turn" or not talk.position:
            return
        given, path = talk.rounds[talk.position - 1]
        answers = newest_tool_answers(request.messages)
        for name, place in given.save.items():
            found, value = look_up(place, answers)
            if found:
                talk.saved[name] = value
            else:
                came = ", ".join(f"{item.tool}: {shown(item.content)}" for item in answers)
                fixes = ("correct the path", "`.` saves the whole answer")
                message = f"nothing to save as `{name}`: no `{place}` in the tool's answer"
                self._report(Violation("nothing_to_save", self._where(*path, "save", name), message, came, fixes))
        if given.if_error and any(item.is_error for item in answers):
            talk.take_error_branch()

    def _assert(self, expect: Expect, request: ModelRequest, talk: Talk, path: Steps) -> None:
        for name in type(expect).model_fields:
            if not expect.given(name):
                continue
            matcher = cast("Json", getattr(expect, name))
            mismatch = match(as_model_matcher(matcher) if name == "model" else matcher, fact(request, name), self._named)
            if mismatch is not None:
                message = f"turn {talk.turn + 1} of {talk.script.name} expects another {name}: {mismatch.under(name)}"
                fixes = ("correct what the application does", "correct `expect`")
                self._report(Violation("expectation_failed", self._where(*path, "expect", name), message, "", fixes))

    # reports

    def unused(self) -> list[Unused]:
        """Return the scripts and turns that never came into play, those marked `optional` left out."""
        found: list[Unused] = []
        for index, given in enumerate(self._scenario.sessions):
            if not given.optional:
                found += self._unused_of(self._session_script(index), self._nearest_miss(index))
        for index, mob in enumerate(self._scenario.mobs):
            for identity, member in mob.members.items():
                if not (mob.optional or member.optional):
                    found += self._unused_of(Script(identity, ("mobs", index, "members", identity), member.turns), "")
        return found

    def _unused_of(self, script: Script, nearest: str) -> Iterator[Unused]:
        wanted = [number for number, turn in enumerate(script.turns) if not turn.optional]
        if script.path not in self._used:
            if wanted:
                yield Unused(self._where(*script.path), f"{script.name} was never selected", nearest)
            return
        reached = [number for number in range(len(script.turns)) if (*script.path, "turns", number) in self._reached]
        missing = [number for number in wanted if number not in reached]
        if missing:
            message = f"{script.name} stopped after turn {len(reached)} of {len(script.turns)}"
            yield Unused(self._where(*script.path, "turns", missing[0]), message, "the conversation ended there")

    def _nearest_miss(self, index: int) -> str:
        losses = [loss for loss in self._losses if loss.candidate.key == index]
        if losses:
            return f"the nearest conversation differs: {max(losses, key=lambda loss: loss.closeness).mismatch}"
        return "no other conversation took place" if self._used else "no conversation took place"

    def _where(self, *path: str | int) -> str:
        return self.document.where(*path) if self.document else ""

    def _report(self, violation: Violation) -> None:
        if violation not in self.violations:
            self.violations.append(violation)

    def _refuse(self, violation: Violation) -> ModelAnswer:
        self._report(violation)
        message = f"{violation.where}: {violation.message}"
        return ModelAnswer(ending=failure(VIOLATION_STATUS, message), source=violation.where)


def conversation_of(request: ModelRequest) -> Conversation:
    """Return the facts of a request that select a script."""
    prompt, system = fact(request, "prompt"), fact(request, "system_prompt")
    return Conversation(
        prompt=prompt if isinstance(prompt, str) else None,
        labels=request.labels,
        model=request.model,
        provider=request.provider,
        system_prompt=system if isinstance(system, str) else None,
    )


def fact(request: ModelRequest, name: str) -> Value:
    """Return what `match` and `expect` call `name`; `ABSENT` if the request has no such thing."""
    if name == "prompt":
        return _newest(request, "user") if request.prompt is None else request.prompt
    if name == "system_prompt":
        return _newest(request, "system")
    if name == "tools":
        return sorted(request.tools)
    if name == "output_schema":
        return ABSENT if request.output_schema is None else dict(request.output_schema)
    return dict(request.labels) if name == "labels" else getattr(request, name)


def _newest(request: ModelRequest, role: str) -> Value:
    return next((text_of(item.get("content")) for item in reversed(request.messages) if item.get("role") == role), ABSENT)
