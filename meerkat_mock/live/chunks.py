"""Pieces of input as they come on the wire, checked down to their base64 (spec 07, sections 3.4 and 4.4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from meerkat.wire.methods import METHODS
from meerkat_mock.agent.json_text import read_json
from meerkat_mock.contract.params import InvalidParams, decode_params
from meerkat_mock.live.base64_text import BadBase64, decoded

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

_PAYLOADS = {"audio": "audio", "image": "image", "video_frame": "video-frame"}


class BadFrame(ValueError):
    """A text frame that is no piece of input."""


def check_payload(chunk: JsonObject) -> None:
    """Look at the base64 of a chunk, whatever channel it is for. Raises `BadBase64` with the text of the refusal."""
    payload = _PAYLOADS.get(str(chunk["kind"]))
    if payload is not None:
        try:
            decoded(str(chunk["data"]))
        except BadBase64 as bad:
            raise BadBase64(f"invalid base64 {payload} payload: {bad}") from bad


def chunk_of(text: str) -> JsonObject:
    """Return the piece of input in a text frame. Raises `BadFrame`."""
    try:
        chunk = read_json(text)
        params = decode_params(METHODS["live/send_input"], {"channel_id": "", "chunk": chunk}, present=True)
        read = cast("JsonObject", params["chunk"])
        check_payload(read)
    except (InvalidParams, ValueError) as error:
        raise BadFrame(str(error)) from error
    twice = _twice(text) & read.keys()
    if twice:
        raise BadFrame(f"duplicate field `{min(twice)}`")
    return read


def _twice(text: str) -> set[str]:
    """Return the members that the object in a text names more than once.

    Assumption: a frame is read straight into its type, which refuses a known field that comes twice. The params of a call are a JSON
    value first, where the last one counts.
    """
    objects: list[list[tuple[str, Json]]] = [[]]
    json.loads(text, object_pairs_hook=objects.append)  # the outermost object is complete last
    names = [name for name, _ in objects[-1]]
    return {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
