"""The client's half of a scenario: what has to be said so that a script comes into play.

A scenario says what the model does; to play it without an application somebody has to ask. A turn's `prompt:` is taken as it is; without
one a prompt is made that meets what the script matches and expects.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, cast

from meerkat_mock.scenario.lint import rounds_of
from meerkat_mock.world.catalogue import BUILTIN

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.scenario.document import Document
    from meerkat_mock.scenario.models.sessions import SessionScript, Turn

PLAIN_PROMPT = "Hello"


class NoPrompt(ValueError):
    """A turn for which no prompt can be made up; the message says where it stands and what to write there."""


@dataclass(frozen=True)
class Part:
    """One conversation to have: how its session is created, and what is said turn by turn."""

    name: str
    prompts: tuple[str, ...]
    model: str | None = None
    labels: dict[str, str] = field(default_factory=lambda: {})
    system_prompt: str | None = None
    output_schema: JsonObject | None = None


def parts_of(document: Document) -> list[Part]:
    """Return the conversations that play every session script once. Raises `NoPrompt`."""
    scenario = document.scenario
    return [
        _part(scenario.session_name(index), script, document.where("sessions", index)) for index, script in enumerate(scenario.sessions)
    ]


def tools_of(document: Document) -> dict[str, str]:
    """Return the tools an application would have to bring, each with an answer that holds every value a script wants to save of it."""
    rounds = [round_ for round_, _ in rounds_of(document)]
    called = {
        call.tool
        for round_ in rounds
        for call in round_.call or ()
        if "result" not in call.model_fields_set and "error" not in call.model_fields_set
    }
    called |= {tool for script in document.scenario.sessions for tool in script.needs_tools}
    saved = [path for round_ in rounds for path in (round_.save or {}).values()]
    return {tool: _answer_of(tool, saved) for tool in sorted(called)}


def _answer_of(tool: str, saved: list[str]) -> str:
    """Return what a stand-in answers: an object with the saved values, else a sentence."""
    answer: JsonObject = {}
    for path in saved:
        name, _, rest = path.partition(".")
        keys = [key for key in rest.replace("[", ".").replace("]", "").split(".") if key and not key.isdigit()]
        inner = answer
        for key in keys[:-1] if name == tool else ():
            inner = cast("JsonObject", inner.setdefault(key, {}))
        if name == tool and keys:
            inner[keys[-1]] = f"some {keys[-1]}"
    return json.dumps(answer) if answer else f"{tool} answered"


def _part(name: str, script: SessionScript, where: str) -> Part:
    match = script.match
    labels = _example(match.labels, {})
    schema = any(turn.expect is not None and turn.expect.output_schema not in (None, "absent") for turn in script.turns)
    return Part(
        name,
        tuple(_prompt(turn, script if index == 0 else None, f"{where}, turn {index + 1}") for index, turn in enumerate(script.turns)),
        model=_model(match.model),
        labels={key: str(_example(value, "x")) for key, value in labels.items()} if isinstance(labels, dict) else {},
        system_prompt=_text(match.system_prompt),
        output_schema={"type": "object"} if schema else None,
    )


def _prompt(turn: Turn, script: SessionScript | None, where: str) -> str:
    """Return a prompt that meets the expectation of a turn, and for a first turn the script's match, too."""
    if turn.prompt is not None:
        return turn.prompt if isinstance(turn.prompt, str) else _text_of_blocks(turn.prompt)
    wanted = (script.match.prompt if script else None, turn.expect.prompt if turn.expect else None)
    examples = list(dict.fromkeys(_wanted_text(matcher, where) for matcher in wanted if matcher is not None))
    return " ".join(examples) if examples else PLAIN_PROMPT


def example_text(matcher: Json, where: str) -> str | None:
    """Return a text that a matcher accepts, None without a matcher. Raises `NoPrompt` where none can be made up."""
    return None if matcher is None else _wanted_text(matcher, where)


def _wanted_text(matcher: Json, where: str) -> str:
    example = _example(matcher, None)
    if example is None or isinstance(example, (dict, list)):
        raise NoPrompt(f"{where}: no prompt can be made up for this matcher; write `prompt:` beside the turn's rounds")
    return str(example)


def _text(matcher: Json) -> str | None:
    example = _example(matcher, None) if matcher is not None else None
    return example if isinstance(example, str) else None


def _model(matcher: Json) -> str | None:
    """Return a model that a matcher accepts; of a pattern the first of the catalogue that fits."""
    pattern = matcher.get("glob") if isinstance(matcher, dict) else matcher
    if isinstance(pattern, str) and any(sign in pattern for sign in "*?["):
        return next((row.id for row in BUILTIN if fnmatchcase(row.id, pattern)), None)
    return _text(matcher)


def _example(matcher: Json, otherwise: Json) -> Json:
    """Return a value that a matcher accepts, `otherwise` where none is obvious."""
    if matcher in ("present", None):
        return otherwise
    if not isinstance(matcher, dict):
        return matcher
    for key in ("contains", "exactly"):
        if key in matcher:
            return matcher[key]
    if isinstance(matcher.get("glob"), str):
        return str(matcher["glob"]).replace("*", "").replace("?", "x")
    choices = matcher.get("one_of")
    if isinstance(choices, list) and choices:
        return _example(choices[0], otherwise)
    if "any" in matcher:
        return PLAIN_PROMPT
    return otherwise if matcher.keys() & {"regex", "schema", "not", "named"} else matcher


def _text_of_blocks(blocks: Json) -> str:
    items = blocks if isinstance(blocks, list) else []
    return "\n".join(str(item.get("text", "")) for item in items if isinstance(item, dict))
