"""The spelling of matchers: which objects are operators, and whether they are well formed. What they match: `scenario.matching`.

A matcher is plain data. An object with one key that is an operator is that operator; any other object matches partially, key by key,
and its values are matchers again. `{exactly: ...}` says "this very value" where a value looks like an operator.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import AfterValidator, JsonValue, WithJsonSchema

from meerkat_mock.scenario.kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OPERATORS = ("contains", "regex", "glob", "one_of", "any", "schema", "exactly", "not", "named")
WORDS = ("present", "absent")

MAX_PATTERN_CHARACTERS = 500
"""A longer regular expression is refused: nobody reads it, and its cost cannot be judged."""

_NESTED_REPEAT = re.compile(r"\((?:[^()\\]|\\.)*(?<!\\)[+*}](?:[^()\\]|\\.)*\)\s*(?:[+*]|\{\d+,\d*\})")
_REPEATED_CHOICE = re.compile(r"\((?:[^()\\]|\\.)*\|(?:[^()\\]|\\.)*\)\s*(?:[+*]|\{\d+,\d*\})")


def operator_of(matcher: object) -> tuple[str, JsonValue] | None:
    """Return name and operand if `matcher` is an operator object, else None."""
    if is_object(matcher) and len(matcher) == 1:
        ((key, operand),) = matcher.items()
        if key in OPERATORS:
            return key, operand
    return None


def problems(matcher: object, at: str = "") -> Iterator[str]:
    """Yield what is wrong with the spelling of a matcher, each with the path inside it."""
    found = operator_of(matcher)
    if found is not None:
        problem = _operand_problem(*found)
        if problem:
            yield f"{at or 'matcher'}: {problem}"
        operator, operand = found
        if operator == "not":
            yield from problems(operand, f"{at}.not" if at else "not")
        elif operator == "one_of" and isinstance(operand, list):
            for number, choice in enumerate(operand):
                yield from problems(choice, f"{at}.one_of[{number}]" if at else f"one_of[{number}]")
    elif isinstance(matcher, dict):
        yield from _partial_problems(cast("Mapping[str, object]", matcher), at)
    elif isinstance(matcher, list):
        for number, item in enumerate(cast("list[object]", matcher)):
            yield from problems(item, f"{at}[{number}]")


def _partial_problems(matcher: Mapping[str, object], at: str) -> Iterator[str]:
    mixed = [key for key in matcher if key in ("contains", "regex", "glob", "one_of", "exactly")]
    if mixed and len(matcher) > 1:
        yield f"{at or 'matcher'}: `{mixed[0]}` stands alone in its object; for a value that really has these keys write {{exactly: ...}}"
        return
    for key, inner in matcher.items():
        yield from problems(inner, f"{at}.{key}" if at else key)


def _operand_problem(operator: str, operand: JsonValue) -> str | None:
    if operator == "contains" and operand is None:
        return "`contains` needs a text, an item or a part of an object"
    if operator == "glob" and not isinstance(operand, str):
        return "`glob` needs a text like `claude-*`"
    if operator == "one_of" and (not isinstance(operand, list) or not operand):
        return "`one_of` needs a list with at least one item"
    if operator == "any" and operand is not True:
        return "`any` is written {any: true}"
    if operator == "named" and not isinstance(operand, str):
        return "`named` needs the name of a matcher that the test registered"
    if operator == "schema" and not isinstance(operand, (dict, bool)):
        return "`schema` needs a JSON Schema"
    return pattern_problem(operand) if operator == "regex" else None


def pattern_problem(pattern: object) -> str | None:
    """Return what is wrong with a regular expression: no text, too long, invalid, or of a shape that can take for ever."""
    if not isinstance(pattern, str):
        return "`regex` needs a text"
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        return f"`regex` is {len(pattern)} characters long; at most {MAX_PATTERN_CHARACTERS} are allowed"
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"`regex` does not compile: {error}"
    if _NESTED_REPEAT.search(pattern) or _REPEATED_CHOICE.search(pattern):
        return (
            "`regex` repeats a group that itself repeats or chooses, which can take for ever; write it without the inner one, or use `glob`"
        )
    return None


def nearest_operator(key: str) -> str | None:
    """Return the operator that `key` was perhaps meant to be."""
    close = get_close_matches(key, OPERATORS, 1, 0.7)
    return close[0] if close else None


def _well_formed(matcher: JsonValue) -> JsonValue:
    found = list(problems(matcher))
    if found:
        raise ValueError("; ".join(found))
    return matcher


def _for_text(matcher: JsonValue) -> JsonValue:
    if isinstance(matcher, str) or (isinstance(matcher, dict) and operator_of(matcher)):
        return _well_formed(matcher)
    if isinstance(matcher, dict) and len(matcher) == 1:
        (key,) = matcher
        near = nearest_operator(key)
        raise ValueError(f"`{key}` is no matcher{f'; did you mean `{near}`?' if near else ''}; allowed: {', '.join(OPERATORS)}")
    raise ValueError(f"needs a text, or a matcher like {{contains: ...}}; allowed: {', '.join(OPERATORS)}")


_OPERATOR_SCHEMA = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "contains": {},
        "regex": {"type": "string", "maxLength": MAX_PATTERN_CHARACTERS},
        "glob": {"type": "string"},
        "one_of": {"type": "array", "minItems": 1},
        "any": {"const": True},
        "schema": {"type": ["object", "boolean"]},
        "exactly": {},
        "not": {},
        "named": {"type": "string"},
    },
}

Matcher = Annotated[JsonValue, AfterValidator(_well_formed), WithJsonSchema({"description": "any value, or a matcher"})]
"""A matcher for any value."""
TextMatcher = Annotated[JsonValue, AfterValidator(_for_text), WithJsonSchema({"anyOf": [{"type": "string"}, _OPERATOR_SCHEMA]})]
"""A matcher for something that is always a text."""
