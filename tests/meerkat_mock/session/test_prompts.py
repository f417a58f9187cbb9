from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.session.prompts import behind_events, behind_skills, flattened, stored
from tests.meerkat_mock.talk import MODEL, talking

IMAGE = {"type": "image", "media_type": "image/png", "source": "inline", "data": "AA=="}
VIDEO = {"type": "video", "media_type": "video/mp4", "duration_ms": 5, "source": "inline", "data": "AA=="}


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "text": content}


@pytest.mark.parametrize(
    ("create", "turn", "shown"),
    [
        ("A", "go", "A\n\ngo"),
        ("", "go", "\n\ngo"),
        ("A", [text("go")], "A\n\ngo"),
        ("A", [text("x"), text(""), text("y")], "A\n\nx\ny"),
        ("A", [], "A\n\n"),
        ("A", [text("x"), VIDEO], "A\n\nx\n[video: video/mp4]"),
        ([text("A")], "go", "A\ngo"),
        ([text("A"), text("B")], "go", "A\nB\ngo"),
        ([text("A"), VIDEO], [VIDEO], [text("A"), VIDEO, text("[video: video/mp4]")]),
        ([IMAGE], [text("x"), VIDEO], [IMAGE, text("x\n[video: video/mp4]")]),
        ("A", [VIDEO, IMAGE], [text("A"), VIDEO, IMAGE]),
        ([], [text("go")], "go"),
        ([], "go", "go"),
        ("A", "", "A\n\n"),
    ],
)
async def test_a_create_prompt_stands_before_the_first_turns(create: Any, turn: Any, shown: Any) -> None:
    async with talking() as talk:
        await talk.call("config/patch", patch={"self_hosted": {"models": {MODEL: {"inline_video": True}}}})
        session = await talk.create(create, initial_turn="deferred")
        await talk.turn(session, turn)
        assert talk.prompts(session) == [shown]


def test_events_are_lines_in_front_and_without_any_nothing_changes() -> None:
    assert flattened(behind_events(["[EVENT via a]", (text("b"),)], "go"), keeps_video=False) == "[EVENT via a]\nb\ngo"
    assert behind_events([], "go") == "go"


def test_skills_stand_in_front_with_a_blank_line_between() -> None:
    assert behind_skills("<skill/>", "go") == "<skill/>\n\ngo"
    assert flattened(behind_skills("<skill/>", [text("go")]), keeps_video=False) == "<skill/>\n\ngo"
    assert behind_skills("", "go") == "go"


def test_a_prompt_with_an_image_stays_a_list_of_what_blocks_know() -> None:
    assert flattened([text("x"), {**IMAGE, "extra": 1}], keeps_video=False) == [text("x"), IMAGE]


def test_a_video_without_an_image_is_lost_unless_it_came_with_the_create_prompt() -> None:
    assert flattened([text("x"), VIDEO], keeps_video=False) == "x\n[video: video/mp4]"
    assert flattened([text("x"), VIDEO], keeps_video=True) == [text("x"), VIDEO]
    assert flattened([VIDEO, IMAGE], keeps_video=False) == [VIDEO, IMAGE]


def test_inline_images_are_stored_and_blobs_are_left_alone() -> None:
    blob = {"type": "image", "media_type": "image/png", "source": "blob", "blob_id": "sha256:0"}
    assert stored([IMAGE, blob, VIDEO], lambda media_type, data: f"{media_type}:{data}") == [
        {"type": "image", "media_type": "image/png", "source": "blob", "blob_id": "image/png:AA=="},
        blob,
        VIDEO,
    ]
    assert stored("text", lambda media_type, data: "") == "text"
