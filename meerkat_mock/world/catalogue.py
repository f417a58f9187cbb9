"""The models that the server knows without being told: one table (spec 01, section 12), and what follows from a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from meerkat_mock.world.model_params import PARAMS

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

Provider = Literal["anthropic", "openai", "gemini", "self_hosted"]
Tier = Literal["recommended", "supported"]

PROVIDERS: Final[tuple[Provider, ...]] = ("anthropic", "openai", "gemini")
DEFAULT_MODELS: Final[dict[Provider, str]] = {
    "anthropic": "claude-opus-4-7",
    "openai": "gpt-5.5",
    "gemini": "gemini-3-flash-preview",
}


@dataclass(frozen=True)
class ModelRow:
    """One model: how it is listed, what it can do, which parameters and beta headers its provider takes.

    `can` holds letters: T temperature, K thinking, R reasoning, W web search, I images in tool results, V inline video, L realtime,
    G image generation, S sight (images as input).
    """

    id: str
    display_name: str
    provider: Provider
    tier: Tier
    family: str
    context_window: int | None
    max_output_tokens: int | None
    can: str
    params: str = ""
    beta: tuple[str, ...] = ()
    server_id: str | None = None

    def profile(self) -> JsonObject:
        """Return the profile as the catalogue shows it."""
        return {
            "model_family": self.family,
            "supports_temperature": "T" in self.can,
            "supports_thinking": "K" in self.can,
            "supports_reasoning": "R" in self.can,
            "supports_web_search": "W" in self.can,
            "vision": "S" in self.can,
            "image_input": "S" in self.can,
            "image_tool_results": "I" in self.can,
            "inline_video": "V" in self.can,
            "realtime": "L" in self.can,
            "image_generation": "G" in self.can,
            "params_schema": PARAMS[self.params] if self.params else {},
            "beta_headers": [
                {"feature": feature, "header_name": "anthropic-beta", "header_value": _BETA[feature]} for feature in self.beta
            ],
        }

    def entry(self) -> JsonObject:
        """Return the entry of `models/catalog`; what is unknown is left out."""
        entry: JsonObject = {"id": self.id, "display_name": self.display_name, "tier": self.tier}
        if self.context_window is not None:
            entry["context_window"] = self.context_window
        if self.max_output_tokens is not None:
            entry["max_output_tokens"] = self.max_output_tokens
        if self.server_id is not None:
            entry["server_id"] = self.server_id
        entry["profile"] = self.profile()
        return entry


_BETA: Final = {
    "compaction": "compact-2026-01-12",
    "structured_output": "structured-outputs-2025-11-13",
    "interleaved_thinking": "interleaved-thinking-2025-05-14",
}
_OLD = ("structured_output", "interleaved_thinking")
_NEW = ("compaction", *_OLD)


def _claude(
    name: str, shown: str, tier: Tier, family: str, window: int, out: int, can: str, params: str, beta: tuple[str, ...]
) -> ModelRow:
    return ModelRow(name, shown, "anthropic", tier, family, window, out, can, params, beta)


def _gpt(name: str, shown: str, tier: Tier, family: str, window: int, out: int, can: str, params: str) -> ModelRow:
    return ModelRow(name, shown, "openai", tier, family, window, out, can, params)


def _gemini(name: str, shown: str, tier: Tier, family: str) -> ModelRow:
    return ModelRow(name, shown, "gemini", tier, family, 1_048_576, 65_536, "TKWIVGS", "gemini")


# fmt: off
BUILTIN: Final[tuple[ModelRow, ...]] = (
    _claude("claude-haiku-4-5", "Claude Haiku 4.5", "recommended", "claude-haiku-4", 200_000, 64_000, "TKWIS", "haiku-4-5", _OLD),
    _claude("claude-haiku-4-5-20251001", "Claude Haiku 4.5", "recommended", "claude-haiku-4", 200_000, 64_000, "TKWIS", "haiku-4-5", _OLD),
    _claude("claude-opus-4-5", "Claude Opus 4.5", "supported", "claude-opus-4", 200_000, 64_000, "TKWIS", "opus-4-5", _OLD),
    _claude("claude-opus-4-6", "Claude Opus 4.6", "supported", "claude-opus-4", 1_000_000, 128_000, "TKWIS", "claude-4-6", _NEW),
    _claude("claude-opus-4-7", "Claude Opus 4.7", "recommended", "claude-opus-4", 1_000_000, 128_000, "KWIS", "opus-4-7", _NEW),
    _claude("claude-sonnet-4-5", "Claude Sonnet 4.5", "supported", "claude-sonnet-4", 200_000, 64_000, "TKWIS", "sonnet-4-5", _OLD),
    _claude("claude-sonnet-4-6", "Claude Sonnet 4.6", "recommended", "claude-sonnet-4", 1_000_000, 64_000, "TKWIS", "claude-4-6", _NEW),
    _gpt("gpt-5.3-codex", "GPT-5.3 Codex", "supported", "codex", 400_000, 128_000, "RGS", "codex"),
    _gpt("gpt-5.4", "GPT-5.4", "supported", "gpt-5", 1_050_000, 128_000, "RWGS", "gpt-5"),
    _gpt("gpt-5.4-mini", "GPT-5.4 Mini", "supported", "gpt-5", 128_000, 16_384, "RWGS", "gpt-5"),
    _gpt("gpt-5.5", "GPT-5.5", "recommended", "gpt-5", 1_050_000, 128_000, "RWGS", "gpt-5"),
    _gpt("gpt-5.5-pro", "GPT-5.5 Pro", "recommended", "gpt-5", 1_050_000, 128_000, "RWGS", "gpt-5"),
    _gpt("gpt-realtime-2", "GPT Realtime 2", "recommended", "gpt-realtime", 128_000, 32_000, "TRLGS", "realtime"),
    _gemini("gemini-3-flash-preview", "Gemini 3 Flash Preview", "recommended", "gemini-3"),
    _gemini("gemini-3.1-flash-lite-preview", "Gemini 3.1 Flash Lite Preview", "supported", "gemini-3"),
    _gemini("gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", "supported", "gemini-3"),
)
# fmt: on

BUILTIN_IDS: Final = frozenset(row.id for row in BUILTIN)
REALTIME_IDS: Final = frozenset(row.id for row in BUILTIN if "L" in row.can)
"""Models that live channels can be opened for; a realtime provider also answers their ordinary turns (spec 07, section 0)."""
