"""Videos in prompts: which are refused before a turn is queued (spec 02, section 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import Block
    from meerkat_mock.session.surroundings import Surroundings

_VIDEO_TYPES = ("video/mp4", "video/webm", "video/quicktime")


def check_videos(prompt: str | list[Block], model: str, surroundings: Surroundings) -> None:
    """Refuse video blocks that are malformed, or that the model cannot take. Raises `Fault` -32602."""
    videos = [block for block in prompt if block.get("type") == "video"] if not isinstance(prompt, str) else []
    for block in videos:
        media_type = block.get("media_type")
        if media_type not in _VIDEO_TYPES:
            raise Fault(-32602, f"unsupported video media type '{media_type}'; expected one of {', '.join(_VIDEO_TYPES)}")
        if not block.get("duration_ms"):
            raise Fault(-32602, f"video block duration_ms must be greater than 0 for {media_type}")
        if not block.get("data"):
            raise Fault(-32602, f"video block data must not be empty for {media_type}")
    if videos and not (surroundings.profile(model) or {}).get("inline_video"):
        provider = surroundings.provider_of(model) or "other"
        raise Fault(
            -32602,
            f"inline video input is not supported by model '{model}' on provider '{provider}' "
            "(capability: inline_video, reason: capability_disabled)",
        )
