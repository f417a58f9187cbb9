"""Which session asks a model is found in the journal: the scenario is played as if its own runtime had asked."""

from __future__ import annotations

import json
from typing import Any

from meerkat_mock.journal import Journal
from meerkat_mock.realserver.facts import InformedPlayer
from meerkat_mock.realserver.findings import MockOnlyUses
from meerkat_mock.world.model import ModelAnswer, ModelRequest


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


class Conversation:
    """A journal that a test writes, and who is asked behind it."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.seen: list[ModelRequest] = []
        self.player = InformedPlayer(self, self.journal, MockOnlyUses(), lambda _model: "anthropic")

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        self.seen.append(request)
        return ModelAnswer()

    def asks(self, own_id: int, method: str, **params: Any) -> None:
        self.journal.record(0.0, 1, "in", json.dumps({"id": own_id, "method": method, "params": params}).encode())

    def told(self, own_id: int, **result: Any) -> None:
        self.journal.record(0.0, 1, "out", json.dumps({"id": own_id, "result": result}).encode())

    def model(self, prompt: str) -> ModelRequest:
        """Let the endpoint be asked with this prompt; return what the scenario is asked."""
        self.player.answer(ModelRequest("by its beginning", [user(prompt)], model="m", prompt=prompt))
        return self.seen[-1]


def test_two_sessions_that_begin_with_the_same_words_are_two() -> None:
    talk = Conversation()
    talk.asks(1, "session/create", prompt="hi", labels={"app": "a"})
    first = talk.model("hi")
    talk.told(1, session_id="s1")
    talk.asks(2, "session/create", prompt="hi", labels={"app": "b"})
    second = talk.model("hi")
    assert first.session_id != second.session_id
    assert (first.labels, second.labels) == ({"app": "a"}, {"app": "b"})


def test_a_later_turn_belongs_to_the_session_that_was_made() -> None:
    talk = Conversation()
    talk.asks(1, "session/create", prompt="hi", labels={"app": "a"})
    first = talk.model("hi")
    talk.told(1, session_id="s1")
    talk.asks(2, "turn/start", session_id="s1", prompt="and?", output_schema={"type": "object"})
    later = talk.model("and?")
    assert (later.session_id, later.labels, later.output_schema) == (first.session_id, {"app": "a"}, {"type": "object"})


def test_a_session_that_another_request_made_is_known_by_its_id() -> None:
    talk = Conversation()
    talk.asks(1, "turn/start", session_id="fork", prompt="again")
    assert talk.model("again").session_id == "fork"


def test_an_instruction_of_the_runtime_belongs_to_the_turn_in_front_of_it() -> None:
    talk = Conversation()
    talk.asks(1, "session/create", prompt="where?", labels={"app": "a"})
    first = talk.model("where?")
    talk.player.answer(
        ModelRequest("by its beginning", [user("where?"), user("Provide the final output")], prompt="Provide the final output")
    )
    assert (talk.seen[-1].session_id, talk.seen[-1].labels) == (first.session_id, {"app": "a"})


def test_turns_that_cannot_be_told_apart_are_known_by_how_they_begin() -> None:
    talk = Conversation()
    talk.asks(1, "session/create", prompt="hi")
    talk.asks(2, "session/create", prompt="hi")
    assert talk.model("hi").session_id == "by its beginning"
    assert talk.model("something else").session_id == "by its beginning"
