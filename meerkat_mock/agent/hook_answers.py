"""The answer of a hook, read as strictly as the server reads it (spec 03, section 6.5).

Owns its shape and what is said of one that does not fit; knows nothing of how hooks are asked or what their answers do.
Assumption: a denial has all its members but `payload`, and a fault is told at the end of the decision, as the server's library does
with tagged values elsewhere.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from meerkat_mock.agent.json_text import read_json
from meerkat_mock.contract.wording import listed, seen

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import JsonObject

REASONS: Final = ("policy_violation", "safety_violation", "schema_violation", "timeout", "runtime_error")
_DENIAL: Final = ("hook_id", "reason_code", "message")


class OddAnswer(ValueError):
    """An answer that is JSON but of another shape; `str()` is the server's text, position included."""


def read_answer(text: str) -> JsonObject:
    """Return what a hook said. Raises `BadJson` or `OddAnswer`."""
    answer = read_json(text)
    if not isinstance(answer, dict):
        raise OddAnswer(f"invalid type: {seen(answer)}, expected struct RuntimeHookResponse at line 1 column {len(text.strip().encode())}")
    decision = answer.get("decision")
    if decision is not None and (fault := _fault(decision)):
        raise OddAnswer(f"{fault} at line 1 column {_end(text, decision)}")
    return answer


def _fault(decision: Json) -> str | None:
    if not isinstance(decision, dict):
        return f"invalid type: {seen(decision)}, expected internally tagged enum HookDecision"
    if "decision" not in decision:
        return "missing field `decision`"
    kind = decision["decision"]
    if not isinstance(kind, str):
        return f"invalid type: {seen(kind)}, expected variant identifier"
    if kind not in ("allow", "deny"):
        return f"unknown variant `{kind}`, expected `allow` or `deny`"
    return _fault_of_denial(decision) if kind == "deny" else None


def _fault_of_denial(decision: JsonObject) -> str | None:
    """Return the first fault in the order in which the members were written, then the first that is missing."""
    for name, value in decision.items():
        if name in _DENIAL and not isinstance(value, str):
            return f"invalid type: {seen(value)}, expected a string"
        if name == "reason_code" and value not in REASONS:
            return f"unknown variant `{value}`, expected {listed(REASONS)}"
    return next((f"missing field `{name}`" for name in _DENIAL if name not in decision), None)


def _end(text: str, decision: Json) -> int:
    """Return the column of the end of the decision: of the first place where this very value stands behind its key."""
    reader, at = json.JSONDecoder(), text.find('"decision"')
    while at >= 0:
        rest = text[at + len('"decision"') :].lstrip()
        value = rest[1:].lstrip()
        if rest.startswith(":") and reader.raw_decode(value)[0] == decision:
            return len(text[: len(text) - len(value) + reader.raw_decode(value)[1]].encode())
        at = text.find('"decision"', at + 1)
    return len(text.encode())
