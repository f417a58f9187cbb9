"""The roads between a client and a server: bytes both ways, and a word about how the road ended."""

from __future__ import annotations

from meerkat.transports.base import Transport

__all__ = ["Transport"]
