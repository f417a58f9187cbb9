"""Which parameters of their own the shipped models take, as JSON Schemas (spec 01, section 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

_COUNT: Final[JsonObject] = {"type": "integer", "minimum": 0}


def _choice(about: str, *values: str) -> JsonObject:
    return {"type": "string", "enum": list(values), "description": about}


def _schema(**properties: Json) -> JsonObject:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _thinking(kind: str) -> JsonObject:
    properties: JsonObject = {"type": {"type": "string", "enum": [kind]}}
    if kind == "adaptive":
        return {"type": "object", "properties": properties, "required": ["type"]}
    return {"type": "object", "properties": {**properties, "budget_tokens": _COUNT}, "required": ["type", "budget_tokens"]}


def _about(schema: JsonObject, about: str) -> JsonObject:
    return {**schema, "description": about}


_ENABLED = _about(_thinking("enabled"), "Extended thinking with a budget of tokens")
_ADAPTIVE = _about(_thinking("adaptive"), "Thinking whose depth the model chooses")
_EITHER: Final[JsonObject] = {
    "oneOf": [_thinking("adaptive"), _thinking("enabled")],
    "description": "Thinking whose depth the model chooses, or with a budget of tokens",
}
_GEO: Final[JsonObject] = {"type": "string", "description": "Where inference may run"}
_COMPACTION: Final[JsonObject] = {"description": "Compaction of the context by the provider"}
_EFFORT = "How much effort goes into an answer"
_REASONING = "How much the model reasons before it answers"
_LEVEL = _choice("How much the model thinks", "minimal", "low", "medium", "high")


def _gpt(*levels: str) -> JsonObject:
    return _schema(
        reasoning_effort=_choice(_REASONING, *levels),
        seed={"type": "integer", "description": "Seed for sampling"},
        frequency_penalty={"type": "number", "description": "Penalty on frequent tokens"},
        presence_penalty={"type": "number", "description": "Penalty on tokens that are there already"},
    )


PARAMS: Final[dict[str, JsonObject]] = {
    "opus-4-7": _schema(
        thinking=_ADAPTIVE,
        effort=_choice(_EFFORT, "low", "medium", "high", "xhigh", "max"),
        inference_geo=_GEO,
        compaction=_COMPACTION,
    ),
    "claude-4-6": _schema(
        thinking=_EITHER,
        thinking_budget=_COUNT,
        top_k=_COUNT,
        effort=_choice(_EFFORT, "low", "medium", "high", "max"),
        inference_geo=_GEO,
        compaction=_COMPACTION,
    ),
    "opus-4-5": _schema(
        thinking=_ENABLED,
        thinking_budget=_COUNT,
        top_k=_COUNT,
        effort=_choice(_EFFORT, "low", "medium", "high"),
        inference_geo=_GEO,
    ),
    "sonnet-4-5": _schema(thinking=_ENABLED, thinking_budget=_COUNT, top_k=_COUNT, inference_geo=_GEO),
    "haiku-4-5": _schema(thinking=_ENABLED, thinking_budget=_COUNT, top_k=_COUNT),
    "gpt-5": _gpt("none", "low", "medium", "high", "xhigh"),
    "codex": _gpt("low", "medium", "high", "xhigh"),
    "realtime": _schema(reasoning_effort=_choice(_REASONING, "minimal", "low", "medium", "high", "xhigh")),
    "gemini": _schema(
        thinking={
            "type": "object",
            "additionalProperties": False,
            "properties": {"thinking_level": _LEVEL, "thinking_budget": _COUNT},
            "description": "How much the model thinks, as a level or as a budget of tokens",
        },
        thinking_level=_LEVEL,
        thinking_budget=_about(_COUNT, "Budget of tokens for thinking"),
        top_k=_COUNT,
        top_p={"type": "number", "minimum": 0.0, "maximum": 1.0},
    ),
}
"""By the name that a row of the catalogue gives."""
