"""Channels, values and messages as short texts for a report."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

from meerkat_mock.conform.comparing import MISSING, Note
from meerkat_mock.conform.volatile import FORM, dig

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.conform.volatile import Channel


def label(channel: Channel) -> str:
    """A channel's name; ids are shortened to their last characters."""
    names = [x[-6:] if FORM.fullmatch(x) else x for x in channel[1:] if x]
    return " ".join(names if channel[0] in ("notification", "surplus") else [channel[0], *names])


def abridged(expected: Json, actual: Json, width: int = 72) -> tuple[str, str]:
    """Both values as short texts; long ones start shortly before the place where they part."""
    e, a = (str(v) if isinstance(v, Note) else json.dumps(v, ensure_ascii=False) for v in (expected, actual))
    start = 0
    if max(len(e), len(a)) > width and not isinstance(expected, Note) and not isinstance(actual, Note):
        alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(e, a, strict=False))
        start = max(0, sum(1 for _ in alike) - 20)
    e, a = (("…" if start else "") + t[start : start + width] + ("…" if len(t) > start + width else "") for t in (e, a))
    return e, a


def gist(message: Json) -> str:
    """The part of a message that tells most about it, as a short text."""
    for path in (("params", "event", "envelope", "payload"), ("params", "event", "payload"), ("params",), ("result",), ("error",)):
        if (part := dig(message, path)) is not None:
            return abridged(part, MISSING)[0]
    return abridged(message, MISSING)[0]
