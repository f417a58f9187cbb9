"""What sessions find under the roots of a process: hooks of the user and the project, and the project's instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.flags import Flags
from meerkat_mock.runtime import World
from meerkat_mock.session.roots import hook_entries, project_instructions
from tests.meerkat_mock.talk import MODEL, talking

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = '[[hooks.entries]]\nid = "{}"\npoint = "run_started"\n'
BARE: dict[str, Any] = {"enable_builtins": False, "enable_shell": False, "enable_memory": False}


def root(folder: Path, config: str) -> str:
    (folder / ".rkat").mkdir(parents=True)
    (folder / ".rkat" / "config.toml").write_text(config, encoding="utf-8")
    return str(folder)


def ids(flags: Flags) -> list[Any]:
    return [entry["id"] for entry in hook_entries(flags)]


def test_hooks_of_the_user_come_before_those_of_the_project_and_one_root_counts_once(tmp_path: Path) -> None:
    user, project = root(tmp_path / "user", ENTRY.format("u")), root(tmp_path / "project", ENTRY.format("p"))
    assert ids(Flags(user_config_root=user, context_root=project)) == ["u", "p"]
    assert ids(Flags(user_config_root=user, context_root=user)) == ["u"]
    assert ids(Flags()) == ids(Flags(context_root=str(tmp_path))) == []


@pytest.mark.parametrize("config", ["no toml", "hooks = 3", '[[hooks.entries]]\npoint = "nowhere"\n', '[agent]\nmodel = "m"\n'])
def test_a_configuration_without_readable_hooks_has_none(tmp_path: Path, config: str) -> None:
    assert ids(Flags(context_root=root(tmp_path, config))) == []


async def test_a_hook_of_the_project_runs_in_sessions_unless_they_disable_it(tmp_path: Path) -> None:
    flags = Flags(context_root=root(tmp_path, ENTRY.format("watcher")))
    async with talking(World(flags=flags)) as talk:
        refused = await talk.refusal("session/create", prompt="x", model=MODEL)
        assert "Hook execution failed for 'watcher': in-process handler 'noop' not registered" in refused
        await talk.create(hooks_override={"disable": ["watcher"]})
        assert (await talk.call("config/get"))["config"]["hooks"]["entries"] == []


async def test_instructions_of_the_project_stand_behind_the_default_prompt_alone(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("Speak softly.\n", encoding="utf-8")
    line = "# Project Instructions (from AGENTS.md)\n\nSpeak softly.\n\n# Available Tools"
    async with talking(World(flags=Flags(context_root=str(tmp_path)))) as talk:
        for options, there in ((BARE, True), ({**BARE, "system_prompt": "Terse."}, False)):
            session = await talk.create("x", **options)
            [system] = (await talk.call("session/history", session_id=session, limit=1))["messages"]
            assert (line in system["content"]) is there


def test_instructions_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    assert project_instructions(Flags()) == project_instructions(Flags(context_root=str(tmp_path))) == ""
    (tmp_path / "AGENTS.md").write_bytes(b"\xff\xfe")
    assert project_instructions(Flags(context_root=str(tmp_path))) == ""


@pytest.mark.parametrize("builtins", [True, False])
async def test_skills_are_listed_where_builtin_tools_are_on(builtins: bool) -> None:
    async with talking() as talk:
        skill = (await talk.call("skills/list"))["skills"][0]
        made = await talk.call("session/create", prompt="x", model=MODEL, enable_builtins=builtins)
        [system] = (await talk.call("session/history", session_id=made["session_id"], limit=1))["messages"]
    key = skill["key"]
    shown = f'<available_skills>\n  <skill id="{key["source_uuid"]}/{key["skill_name"]}">'
    assert (shown in system["content"]) is builtins
