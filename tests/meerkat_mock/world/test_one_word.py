from __future__ import annotations

from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.world.model import AsyncModel
from meerkat_mock.world.one_word import OneWord
from tests.meerkat_mock.talk import MODEL, says, talking


async def test_the_one_word_shows_like_any_answer_and_is_no_structured_output() -> None:
    async with talking(World(quirks=Quirks("server"), model=AsyncModel(OneWord()))) as talk:
        result = await talk.call("session/create", prompt=says("scripted"), model=MODEL, output_schema={"type": "object"})
        types = [event["payload"]["type"] for event in talk.events(result["session_id"])]
    assert (result["text"], result["turns"], result["usage"]["total_tokens"]) == ("ok", 4, 0)
    assert result["extraction_error"]["attempts"] == 3
    assert types[1:6] == ["turn_started", "text_delta", "text_complete", "turn_completed", "run_completed"]
