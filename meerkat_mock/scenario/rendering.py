"""A round of a scenario becomes the answer of a model: chunks, ids, usage, pace, and how it ends."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from meerkat_mock.scenario.inline import failure_body
from meerkat_mock.scenario.models import Call, Defaults, Image, Pace, Round, Usage
from meerkat_mock.scenario.models.base import in_seconds
from meerkat_mock.world.model import (
    CleanCut,
    Complete,
    Ending,
    ModelAnswer,
    ModelCall,
    ModelImage,
    ModelUsage,
    ProviderFailure,
    Reset,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_IMAGE_BYTES = 8 * 1024 * 1024
"""A larger image file is refused: lines of the wire end at 64 MiB and images travel as base64 in them."""


class BadImage(ValueError):
    """An image file that is missing, too large, or outside the folder of the scenario."""


@dataclass
class Renderer:
    """Turns rounds into answers; counts the calls that the scenario left without an id."""

    defaults: Defaults = field(default_factory=Defaults)
    folder: Path = Path()
    calls: int = 0

    def answer(self, given: Round, source: str) -> ModelAnswer:
        """Return the answer that `given` (a round without `attempts`) describes. Raises `BadImage`."""
        pace = given.pace or self.defaults.pace or Pace()
        first, each = in_seconds(pace.first), in_seconds(pace.each)
        if given.fail is not None:
            refusal = failure(given.fail.status, given.fail.message)
            return ModelAnswer(pace_first=first, pace_each=each, ending=refusal, source=source)
        think, say = self._chunks(given.think, given), self._said(given)
        calls = tuple(self._call(call) for call in given.call)
        ending, limit = _ending(given)
        if limit is not None:
            think, say, calls = think[:limit], say[: max(limit - len(think), 0)], ()
        return ModelAnswer(
            think=think,
            say=say,
            calls=calls,
            images=(load_image(given.image, self.folder),) if given.image and limit is None else (),
            stop="end_turn" if limit is not None else given.stop or ("tool_use" if given.call else "end_turn"),
            usage=ModelUsage(0, 0) if limit is not None else _usage(given.usage or self.defaults.usage or Usage()),
            pace_first=first,
            pace_each=each,
            ending=ending,
            source=source,
            sends=tuple(given.send.items()),
            wait_for=given.wait_for,
        )

    def _said(self, given: Round) -> tuple[str, ...]:
        if given.has_json:
            return self._chunks(json.dumps(given.json_value, separators=(",", ":"), ensure_ascii=False), given)
        return self._chunks(given.say, given)

    def _chunks(self, text: str | Sequence[str], given: Round) -> tuple[str, ...]:
        return cut_into_chunks(text, self.defaults.chunk if given.chunk is None else given.chunk)

    def _call(self, call: Call) -> ModelCall:
        return ModelCall(
            id=call.id or self._next_id(),
            name=call.tool,
            arguments=call.args,
            result=call.result,
            has_result=call.given("result"),
            error=call.error,
            after=in_seconds(call.after),
        )

    def _next_id(self) -> str:
        self.calls += 1
        return f"call_{self.calls}"


def _ending(given: Round) -> tuple[Ending, int | None]:
    """Return how the stream ends, and after how many chunks if it breaks off: a call is whole only once the stream has ended."""
    if given.cut is not None:
        return CleanCut(), given.cut
    if given.reset is not None:
        return Reset(), given.reset
    return Complete(), None


def failure(status: int, message: str) -> ProviderFailure:
    """Return a refusal of the provider with the body that scripted failures have."""
    return ProviderFailure(status, message, failure_body(message))


def cut_into_chunks(text: str | Sequence[str], chunk: str | int) -> tuple[str, ...]:
    """Return a text in deltas; a list of chunks stays as it is, an empty text has none."""
    if not isinstance(text, str):
        return tuple(text)
    if chunk == "word":
        return tuple(re.findall(r"\S+\s*|\s+", text))
    if chunk == "whole":
        return (text,) if text else ()
    size = chunk if isinstance(chunk, int) else 1
    return tuple(text[start : start + size] for start in range(0, len(text), size))


def _usage(usage: Usage) -> ModelUsage:
    return ModelUsage(usage.input, usage.output, usage.cache_read, usage.cache_creation)


def load_image(image: Image, folder: Path) -> ModelImage:
    """Return the image with its bytes; a path is read from inside `folder` only. Raises `BadImage`."""
    width, height = (int(part) for part in (image.size or "1x1").split("x"))
    if image.bytes_base64 is not None:
        return ModelImage(image.media_type, "".join(image.bytes_base64.split()), width, height)
    content = _read(image.path, folder) if image.path is not None else png(width, height)
    return ModelImage(image.media_type, base64.b64encode(content).decode("ascii"), width, height)


def _read(path: str, folder: Path) -> bytes:
    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise BadImage(f"the image `{path}` lies outside the folder of the scenario")
    try:
        if file.stat().st_size > MAX_IMAGE_BYTES:
            raise BadImage(f"the image `{path}` is larger than {MAX_IMAGE_BYTES} bytes")
        return file.read_bytes()
    except OSError as error:
        raise BadImage(f"the image `{path}` cannot be read: {error.strerror}") from error


def png(width: int, height: int) -> bytes:
    """Return a valid PNG of one grey colour."""
    row = b"\0" + b"\x80" * width
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", pixels), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
