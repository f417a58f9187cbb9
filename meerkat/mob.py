"""Mobs: the shapes of their members."""

from __future__ import annotations

from meerkat.mob_types import (
    MemberDeliveryReceipt,
    MemberRespawnReceipt,
    MobHelperResult,
    MobKickoffMemberSnapshot,
    MobLifecycleAction,
    MobMember,
    MobMemberRef,
    MobMemberSnapshot,
    MobPeerConnectivitySnapshot,
    MobReadyMemberSnapshot,
    MobRespawnResult,
    MobSpawnResult,
    MobSpawnSpec,
    MobUnreachablePeer,
    RenderClass,
    RenderMetadata,
    RenderSalience,
    WorkOrigin,
)

__all__ = [
    "MemberDeliveryReceipt",
    "MemberRespawnReceipt",
    "MobHelperResult",
    "MobKickoffMemberSnapshot",
    "MobLifecycleAction",
    "MobMember",
    "MobMemberRef",
    "MobMemberSnapshot",
    "MobPeerConnectivitySnapshot",
    "MobReadyMemberSnapshot",
    "MobRespawnResult",
    "MobSpawnResult",
    "MobSpawnSpec",
    "MobUnreachablePeer",
    "RenderClass",
    "RenderMetadata",
    "RenderSalience",
    "WorkOrigin",
]
