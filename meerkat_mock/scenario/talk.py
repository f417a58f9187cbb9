"""Where one conversation stands in its script: which turn, which round, which attempt, and what it has saved.

A turn begins with a prompt that was not seen before; a prompt that is run again after a failure gets its turn again, from the first round.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.scenario.document import Steps
from meerkat_mock.scenario.inline import text_of
from meerkat_mock.scenario.kinds import is_list, is_object
from meerkat_mock.scenario.models import Round, Turn
from meerkat_mock.scenario.placeholders import fill, names_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.scenario.models.sessions import AfterLast
    from meerkat_mock.world.model import ModelRequest

    Message = Mapping[str, Json]

_ASSISTANT = ("block_assistant", "assistant")


@dataclass(frozen=True)
class Script:
    """The turns that a conversation follows, whether of a session script or of a mob member."""

    name: str
    path: Steps
    turns: tuple[Turn, ...]
    after_last: AfterLast = "error"
    needs_tools: tuple[str, ...] = ()
    optional: bool = False


@dataclass
class Talk:
    """A conversation under its script."""

    script: Script
    turn: int = -1
    position: int = 0
    rounds: list[tuple[Round, Steps]] = field(default_factory=lambda: [])
    key: str | None = None
    taken: dict[str, int] = field(default_factory=lambda: {})
    """Turn that each prompt got, by its key."""
    begun: set[int] = field(default_factory=set[int])
    """Turns whose expectations were asserted."""
    saved: dict[str, Json] = field(default_factory=lambda: {})
    attempts: dict[Steps, int] = field(default_factory=lambda: {})
    next_turn: int = 0

    def turn_path(self, index: int) -> Steps:
        """Return where the turn at `index` stands."""
        return (*self.script.path, "turns", index)

    def enter(self, index: int) -> None:
        """Go to the first round of the turn at `index`."""
        self.turn, self.position = index, 0
        path = self.turn_path(index)
        self.rounds = [(item, (*path, "rounds", number)) for number, item in enumerate(self.script.turns[index].rounds)]

    def take_error_branch(self) -> None:
        """Go on with `if_error` of the round just answered, in place of the rounds that would follow."""
        given, path = self.rounds[self.position - 1]
        branch = [(item, (*path, "if_error", number)) for number, item in enumerate(given.if_error or ())]
        self.rounds = self.rounds[: self.position] + branch

    def attempt(self, given: Round, path: Steps) -> tuple[Round, Steps]:
        """Return the answer that this try at a round meets, and count the try; the last attempt stays."""
        if given.attempts is None:
            return given, path
        number = min(self.attempts.get(path, 0), len(given.attempts) - 1)
        self.attempts[path] = number + 1
        return given.attempts[number], (*path, "attempts", number)

    def filled(self, given: Round) -> Round:
        """Return a round with the saved values in place of their names. Raises `ValueError` if it then makes no sense."""
        data = given.to_data()
        if not any(names_in(data)):
            return given
        return Round.model_validate(fill(data, self.saved))


def prompt_key(request: ModelRequest) -> str:
    """Return what tells one prompt of a conversation from the next."""
    if request.attempt_key is not None:
        return request.attempt_key
    users = [message for message in request.messages if message.get("role") == "user"]
    return f"{len(users)}:{request.prompt if request.prompt is not None else text_of(users[-1].get('content')) if users else ''}"


def begins_run(messages: Sequence[Message]) -> bool:
    """Tell whether the model has not answered yet since the newest user message."""
    for message in reversed(messages):
        if message.get("role") == "user":
            return True
        if message.get("role") in _ASSISTANT:
            return False
    return True


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool answered in the newest round."""

    tool: str
    content: Json
    is_error: bool


def newest_tool_answers(messages: Sequence[Message]) -> list[ToolAnswer]:
    """Return the tool answers of the newest round, in the order of its calls."""
    results: list[Mapping[str, Json]] = []
    for message in reversed(messages):
        if message.get("role") == "tool_results":
            found = message.get("results")
            results = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
        elif message.get("role") in _ASSISTANT and results:
            names = _call_names(message)
            return [
                ToolAnswer(names[n] if n < len(names) else "", _content(item), item.get("is_error") is True)
                for n, item in enumerate(results)
            ]
        elif message.get("role") == "user":
            break
    return []


def _call_names(message: Message) -> list[str]:
    blocks = message.get("blocks")
    data = (
        [block.get("data") for block in blocks if isinstance(block, dict) and block.get("block_type") == "tool_use"]
        if isinstance(blocks, list)
        else []
    )
    calls = message.get("tool_calls")
    data += calls if isinstance(calls, list) else []
    return [str(item.get("name")) for item in data if isinstance(item, dict)]


def _content(result: Mapping[str, Json]) -> Json:
    text = text_of(result.get("content"))
    try:
        return cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        return text


def look_up(path: str, answers: Sequence[ToolAnswer]) -> tuple[bool, Json]:
    """Return whether `path` is in the answers, and the value: `.` the whole first answer, `items[0].id`, or `TOOL.path` of one tool."""
    for answer in answers:
        names = path.split(".", 1)
        own = answer.tool == names[0]
        found, value = _walk(answer.content, names[1] if len(names) > 1 else ".") if own else _walk(answer.content, path)
        if found:
            return True, value
    return False, None


def _walk(value: Any, path: str) -> tuple[bool, Json]:
    for step in re.finditer(r"([^.\[\]]+)|\[(\d+)\]", path):
        name, number = step[1] or "", step[2] or ""
        if number and is_list(value) and int(number) < len(value):
            value = value[int(number)]
        elif name and is_object(value) and name in value:
            value = value[name]
        else:
            return False, None
    return True, value
