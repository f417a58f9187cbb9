"""The flat contract names of content: blocks of text, image and video, what rendering knows about them, and how input is handled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from meerkat.wire.core import WireRenderClass, WireRenderSalience

BlobId = str
"""The id of a blob."""


@dataclass
class WireRenderMetadata:
    """How a message is shown to the model: its class and how much it matters."""

    class_: WireRenderClass
    salience: WireRenderSalience | None = None


class WireContentBlockText(TypedDict):
    """A content block of type `text`."""

    type: Literal["text"]
    text: str


class _WireContentBlockImageRequired(TypedDict):
    type: Literal["image"]
    media_type: str


class WireContentBlockImage(_WireContentBlockImageRequired, total=False):
    """An image, inline as base64 `data` or by `blob_id`, as `source` tells; the published type lacks these three."""

    source: str
    data: str
    blob_id: str


class _WireContentBlockVideoRequired(TypedDict):
    type: Literal["video"]
    duration_ms: int
    media_type: str


class WireContentBlockVideo(_WireContentBlockVideoRequired, total=False):
    """A video, inline as base64 `data`; the published type lacks `source` and `data`."""

    source: str
    data: str


class WireContentBlockUnknown(TypedDict):
    """A content block of type `unknown`."""

    type: Literal["unknown"]


WireContentBlock = WireContentBlockText | WireContentBlockImage | WireContentBlockVideo | WireContentBlockUnknown
"""One block of content."""

WireContentInput = str | list[WireContentBlock]
"""Text, or blocks when there is more than text."""

WireToolResultContent = str | list[WireContentBlock]
"""What a tool answered."""


class ContentBlockText(TypedDict):
    """A content block of type `text`."""

    type: Literal["text"]
    text: str


class _ContentBlockImageRequired(TypedDict):
    type: Literal["image"]
    media_type: str


class ContentBlockImage(_ContentBlockImageRequired, total=False):
    """An image, inline as base64 `data` or by `blob_id`, as `source` tells; the published type lacks these three."""

    source: str
    data: str
    blob_id: str


class _ContentBlockVideoRequired(TypedDict):
    type: Literal["video"]
    duration_ms: int
    media_type: str


class ContentBlockVideo(_ContentBlockVideoRequired, total=False):
    """A video, inline as base64 `data`; the published type lacks `source` and `data`."""

    source: str
    data: str


ContentBlock = ContentBlockText | ContentBlockImage | ContentBlockVideo
"""One block of content."""

ContentInput = str | list[ContentBlock]
"""Text, or blocks when there is more than text."""
