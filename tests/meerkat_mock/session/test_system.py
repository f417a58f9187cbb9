"""The beginning of the system message; what follows is prose, of which only the length matters."""

from __future__ import annotations

import json

import pytest

from tests.meerkat_mock.talk import MODEL, Talk, talking

BARE = {"enable_builtins": False, "enable_shell": False, "enable_memory": False}


async def system_of(talk: Talk, **options: object) -> dict[str, str]:
    made = await talk.call("session/create", prompt="x", model=MODEL, **options)
    history = await talk.call("session/history", session_id=made["session_id"], limit=1)
    message: dict[str, str] = history["messages"][0]
    return message


async def test_it_begins_with_the_prompt_then_skills_then_instructions() -> None:
    async with talking() as talk:
        key = (await talk.call("skills/list"))["skills"][0]["key"]
        unknown = {**key, "skill_name": "nothing-such"}
        options = {"system_prompt": "You are terse.", "additional_instructions": ["One.", "Two."], "preload_skills": [unknown, key]}
        content = (await system_of(talk, **BARE, **options))["content"]
    assert content.startswith(f'You are terse.\n\n<skill id="{key["source_uuid"]}/{key["skill_name"]}">')
    assert "</skill>\n\nOne.\n\nTwo.\n\n# Available Tools" in content


async def test_an_empty_prompt_still_makes_a_message() -> None:
    async with talking() as talk:
        assert (await system_of(talk, **BARE, system_prompt=""))["role"] == "system"


@pytest.mark.parametrize(("options", "tokens"), [({"system_prompt": "You are terse."}, 1772), ({}, 2008)])
async def test_its_length_is_what_token_estimates_expect(options: dict[str, str], tokens: int) -> None:
    async with talking() as talk:
        message = await system_of(talk, **BARE, **options)
    length = len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())
    assert length // 4 == pytest.approx(tokens, rel=0.02)
