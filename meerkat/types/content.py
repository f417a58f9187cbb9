"""Content that goes to a model and comes back: text, images, video (spec 02, 10.3 and 16.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict


class TextBlock(TypedDict):
    """A piece of text."""

    type: Literal["text"]
    text: str


class InlineImageBlock(TypedDict, total=False):
    """An image whose base64 `data` is in the block."""

    type: Literal["image"]
    media_type: str
    source: Literal["inline"]
    data: str


class BlobImageBlock(TypedDict):
    """An image in the blob store; `get_blob` fetches it."""

    type: Literal["image"]
    media_type: str
    source: Literal["blob"]
    blob_id: str


class InlineVideoBlock(TypedDict, total=False):
    """A video whose base64 `data` is in the block."""

    type: Literal["video"]
    media_type: str
    duration_ms: int
    source: Literal["inline"]
    data: str


ContentBlock = TextBlock | InlineImageBlock | BlobImageBlock | InlineVideoBlock
"""One block of content."""

ContentInput = str | list[ContentBlock]
"""Plain text, or blocks when there is more than text."""


@dataclass(frozen=True, slots=True)
class BlobPayload:
    """A blob and its base64 data."""

    blob_id: str = ""
    media_type: str = ""
    data_base64: str = ""
