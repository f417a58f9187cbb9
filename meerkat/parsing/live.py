"""Live channels: what refreshing answers, and observations (spec 07)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from meerkat.parsing.fields import Fields

if TYPE_CHECKING:
    from meerkat.generated.live import LiveRefreshResult
    from meerkat.wire.base import Json
    from meerkat.wire.live import LiveRefreshStatus


def parse_live_refresh(raw: Json) -> LiveRefreshResult:
    """Return what became of a refresh; the status is as sent."""
    from meerkat.generated.live import LiveRefreshResult  # brings much that a client without live channels never needs

    refresh = Fields("Invalid live/refresh response", raw)
    return LiveRefreshResult(refresh.flag("refresh_enqueued"), cast("LiveRefreshStatus", refresh.name("status")))


def parse_live_channel(raw: Json, method: str = "live/open") -> str:
    """Return the id of the channel that `method` answered about."""
    return Fields(f"Invalid {method} response", raw).name("channel_id")


def parse_live_url(raw: Json) -> str:
    """Return the address of the WebSocket that `live/open` answered, its token included."""
    return Fields("Invalid live/open response", raw).record("transport").name("url")


def parse_live_observation(raw: object) -> dict[str, Any]:
    """Return the observation as it came. Raises `ValueError` when it is no object or says not what was observed."""
    if not isinstance(raw, dict):
        raise ValueError(f"a live observation must be an object, got {type(raw).__name__}")
    observation = cast("dict[str, Any]", raw)
    if "observation" not in observation:
        raise ValueError("a live observation must have the key 'observation'")
    return observation
