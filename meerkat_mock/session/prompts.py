"""From what a client sent to what a run is asked: blocks and strings joined, flattened and stored (spec 02, sections 2.4, 3.4 and 14.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from meerkat_mock.agent.ports import Block, ImageStore

Prompt = "str | list[Block]"


def merged(create: str | list[Block], turn: str | list[Block]) -> str | list[Block]:
    """Return the create prompt of a deferred session put before the prompt of its first turn.

    A turn's prompt has lost its blocks by then (`flattened`), a create prompt keeps them: so a list of one text is a string there and
    a list here (spec 02, sections 2.4 and 3.4; the recording of staged sessions shows the former).
    """
    if isinstance(create, str) and isinstance(turn, str):
        return f"{create}\n\n{turn}"
    return [*blocks_of(create), *blocks_of(turn)]


def blocks_of(prompt: str | Sequence[Block]) -> list[Block]:
    """Return a prompt as blocks."""
    return [{"type": "text", "text": prompt}] if isinstance(prompt, str) else [*prompt]


def behind_events(events: Iterable[str | Sequence[Block]], prompt: str | list[Block]) -> str | list[Block]:
    """Return a prompt with the queued events in front of it; without events it stays as it is."""
    front = [block for event in events for block in blocks_of(event)]
    return [*front, *blocks_of(prompt)] if front else prompt


def behind_skills(bodies: str, prompt: str | list[Block]) -> str | list[Block]:
    """Return a prompt with the rendered skills in front of it, a blank line between."""
    if not bodies:
        return prompt
    if isinstance(prompt, str):
        return f"{bodies}\n\n{prompt}"
    return [{"type": "text", "text": f"{bodies}\n"}, *prompt]


def flattened(prompt: str | list[Block], *, keeps_video: bool) -> str | list[Block]:
    """Return a prompt as a run shows it: one text, unless there is an image, or a video that came the way that keeps it."""
    if isinstance(prompt, str):
        return prompt
    kinds = {str(block.get("type")) for block in prompt}
    if "image" in kinds or (keeps_video and "video" in kinds):
        return [_clean(block) for block in prompt]
    return text_of(prompt)


def stored(prompt: str | list[Block], store_image: ImageStore) -> str | list[Block]:
    """Return the user content that the transcript keeps: inline images lie in the blob store."""
    if isinstance(prompt, str):
        return prompt
    return [_stored(block, store_image) for block in prompt]


def _stored(block: Block, store_image: ImageStore) -> Block:
    if block.get("type") != "image" or block.get("source") != "inline":
        return block
    media_type = str(block.get("media_type"))
    blob_id = store_image(media_type, str(block.get("data")))
    return {"type": "image", "media_type": media_type, "source": "blob", "blob_id": blob_id}


_KEYS = {
    "text": ("type", "text"),
    "image": ("type", "media_type", "source", "data", "blob_id"),
    "video": ("type", "media_type", "duration_ms", "source", "data"),
}


def _clean(block: Block) -> Block:
    """Drop what a block does not know; extra keys are ignored (spec 02, section 16.1)."""
    return {key: block[key] for key in _KEYS.get(str(block.get("type")), ("type",)) if key in block}
