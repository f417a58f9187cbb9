"""Generated images: hosted by the provider beside its text, or made by the tool `generate_image` (spec 02, 15.2 and 15.4).

A round's image is the tool's when the round calls `generate_image`; without such a call it is part of the ordinary answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import ToolOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import Event, JsonObject, Message
    from meerkat_mock.agent.run import Call, Run
    from meerkat_mock.world.model import ModelImage

TOOL = "generate_image"


def makes_images(call: Call, images: Sequence[ModelImage]) -> bool:
    """Tell whether a call is answered with the images of its round."""
    return call.name == TOOL and bool(images) and not call.script.scripted


def stored_image(run: Run, image: ModelImage) -> JsonObject:
    """Put an image into the blob store and return it as transcript and events show it."""
    blob_id = run.ports.store_image(image.media_type, image.data_base64)
    return {
        "image_id": run.ports.ids.uuid7(),
        "blob_ref": {"blob_id": blob_id, "media_type": image.media_type},
        "media_type": image.media_type,
        "width": image.width,
        "height": image.height,
        "revised_prompt": {"disposition": "not_requested"},
        "meta": {"provider": "not_emitted"},
    }


def appended(image: JsonObject) -> Event:
    """Announce an image of the transcript."""
    return {"type": "assistant_image_appended", "image": image}


def images_message(images: Sequence[JsonObject]) -> Message:
    """Return the assistant message that holds the images of a tool round."""
    return {
        "role": "block_assistant",
        "blocks": [{"block_type": "image", "data": image} for image in images],
        "stop_reason": "end_turn",
    }


def generated(run: Run, call: Call, images: Sequence[JsonObject]) -> ToolOutcome:
    """Return the answer of `generate_image`; more than one image at a time is denied, which is no error."""
    if not images:
        terminal: JsonObject = {"terminal": "denied", "reason": {"reason": "unsupported_count"}}
    else:
        terminal = {"terminal": "generated"}
    result: JsonObject = {"operation_id": run.ports.ids.uuid7(), "terminal": terminal}
    if images:
        result["images"] = [{key: image[key] for key in ("image_id", "blob_ref", "media_type", "width", "height")} for image in images]
    result["provider_text"] = {"disposition": "not_emitted"}
    result["revised_prompt"] = {"disposition": "not_requested"}
    result["native_metadata"] = {"provider": "not_emitted"}
    return ToolOutcome(({"type": "text", "text": json.dumps(result, ensure_ascii=False, separators=(",", ":"))},))


def wants_several(arguments: JsonObject) -> bool:
    """Tell whether a call asks for more than one image."""
    request = arguments.get("request")
    asked = request if isinstance(request, dict) else arguments
    count = asked.get("count", asked.get("n", 1))
    return isinstance(count, int) and count > 1
