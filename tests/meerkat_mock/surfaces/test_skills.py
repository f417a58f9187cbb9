"""Skills: listing, rendering into prompts, diagnostics, and where they come from (spec 05, section 5; spec 02, section 16.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.flags import Flags
from meerkat_mock.runtime import World
from meerkat_mock.scenario.models import from_data
from meerkat_mock.server import Server
from meerkat_mock.skills.source import EMBEDDED_UUID, PROJECT_UUID, USER_UUID
from tests.meerkat_mock.talk import Talk, says, talking

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = ["mcp-server-setup", "session-management", "hook-authoring", "meerkat-cli-reference", "meerkat-platform"]
TEAM = "00000000-0000-4000-8000-00000000000a"
REPOSITORY = '[[repositories]]\nname = "team"\nsource_uuid = "{uuid}"\ntype = "{type}"\n{more}\n'


def _skill(root: Path, slug: str, text: str | None = None) -> None:
    folder = root / slug
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(text or f"---\nname: The {slug}\ndescription: About {slug}\n---\n\nDo it.\n")


async def _listed(talk: Talk) -> list[str]:
    return [entry["key"]["skill_name"] for entry in (await talk.call("skills/list"))["skills"]]


def _ref(source: str, slug: str) -> dict[str, str]:
    return {"kind": "structured", "source_uuid": source, "skill_name": slug}


async def test_the_shipped_skills_are_listed_but_those_whose_tools_are_off():
    async with talking() as talk:
        entries = (await talk.call("skills/list"))["skills"]
    assert [entry["key"]["skill_name"] for entry in entries] == SHIPPED
    assert {entry["key"]["source_uuid"] for entry in entries} == {EMBEDDED_UUID}
    assert entries[0]["source"]["fingerprint"] == "embedded:inventory"


async def test_switches_of_the_start_decide_and_later_changes_do_not():
    scenario = from_data({"config": {"tools": {"builtins_enabled": True, "shell_enabled": True}}})
    async with talking(World(scenario=scenario)) as talk:
        await talk.call("config/patch", patch={"tools": None, "skills": {"enabled": False}})
        assert (await _listed(talk))[1:3] == ["shell-patterns", "task-workflow"]


async def test_without_skills_at_the_start_listing_is_refused_and_results_have_no_diagnostics():
    async with talking(World(scenario=from_data({"config": {"skills": {"enabled": False}}}))) as talk:
        assert await talk.refusal("skills/list") == "-32603 skills not enabled"
        result = await talk.call("session/create", prompt="hi", model="scripted")
    assert "skill_diagnostics" not in result


async def test_the_retired_method_is_refused_whatever_it_is_asked():
    async with talking() as talk:
        for params in (None, {"id": "x"}, [1]):
            _, answer = await talk.ask("skills/inspect", params)
            with pytest.raises(Exception, match="skills/inspect is no longer served; resolve skills through the typed registry surface"):
                await answer


async def test_folders_of_user_and_project_are_read_after_the_shipped_skills_and_on_every_call(tmp_path: Path):
    user, project = tmp_path / "user", tmp_path / "project"
    _skill(user / ".rkat" / "skills", "mine")
    _skill(project / ".rkat" / "skills", "ours")
    async with talking(World(flags=Flags(context_root=str(project), user_config_root=str(user)))) as talk:
        _skill(project / ".rkat" / "skills", "later")
        entries = (await talk.call("skills/list"))["skills"][len(SHIPPED) :]
    assert [(entry["key"]["source_uuid"], entry["name"], entry["scope"]) for entry in entries] == [
        (USER_UUID, "The mine", "user"),
        (PROJECT_UUID, "The later", "project"),
        (PROJECT_UUID, "The ours", "project"),
    ]


async def test_without_a_context_root_the_folder_of_the_realm_counts(tmp_path: Path):
    _skill(tmp_path / "desk" / ".rkat" / "skills", "ours")
    async with talking(World(flags=Flags(realm="desk", state_root=str(tmp_path)))) as talk:
        assert await _listed(talk) == [*SHIPPED, "ours"]


async def test_files_that_are_no_skills_are_left_out_without_a_word(tmp_path: Path):
    root = tmp_path / ".rkat" / "skills"
    _skill(root, "good")
    _skill(root, "no-front-matter", "just text")
    _skill(root, "no-name", "---\ndescription: x\n---\n")
    _skill(root, "Bad_Slug")
    (root / "binary").mkdir()
    (root / "binary" / "SKILL.md").write_bytes(b"\xff\xfe")
    async with talking(World(flags=Flags(context_root=str(tmp_path)))) as talk:
        assert await _listed(talk) == [*SHIPPED, "good"]


async def test_repositories_of_skills_toml_stand_between_shipped_and_project_skills(tmp_path: Path):
    _skill(tmp_path / "library", "shared")
    _skill(tmp_path / ".rkat" / "skills", "ours")
    (tmp_path / ".rkat" / "skills.toml").write_text(REPOSITORY.format(uuid=TEAM, type="filesystem", more='path = "library"'))
    async with talking(World(flags=Flags(context_root=str(tmp_path)))) as talk:
        entries = (await talk.call("skills/list"))["skills"]
    assert [entry["key"]["skill_name"] for entry in entries] == [*SHIPPED, "shared", "ours"]
    source = entries[len(SHIPPED)]["source"]
    assert (source["display_name"], source["transport_kind"], source["fingerprint"][:5]) == ("team", "filesystem", "repo-")
    assert len(source["fingerprint"]) == len("repo-") + 16


async def test_a_skills_toml_that_cannot_be_read_turns_skills_off(tmp_path: Path):
    (tmp_path / ".rkat").mkdir()
    (tmp_path / ".rkat" / "skills.toml").write_text("repositories = 3")
    async with talking(World(flags=Flags(context_root=str(tmp_path)))) as talk:
        assert await talk.refusal("skills/list") == "-32603 skills not enabled"


async def test_a_scenario_adds_skills_to_sources_and_makes_those_that_are_missing():
    skills = [{"name": "refunds", "description": "How refunds go", "body": "Ask first."}, {"name": "aside", "active": False}]
    async with talking(World(scenario=from_data({"skills": skills}))) as talk:
        entries = (await talk.call("skills/list"))["skills"][len(SHIPPED) :]
    assert [(entry["name"], entry["is_active"], entry["source"]["fingerprint"]) for entry in entries] == [
        ("refunds", True, "filesystem:.rkat/skills"),
        ("aside", False, "filesystem:.rkat/skills"),
    ]


async def test_of_two_skills_with_one_key_the_first_shadows_the_second():
    skills = [{"name": "refunds", "body": "first"}, {"name": "refunds", "body": "second"}]
    async with talking(World(scenario=from_data({"skills": skills}))) as talk:
        first, second = (await talk.call("skills/list"))["skills"][len(SHIPPED) :]
        assert (first["is_active"], second["is_active"]) == (True, False)
        assert second["shadowed_by"] == first["source"]
        session = await talk.create(says("hi"), skill_refs=[_ref(PROJECT_UUID, "refunds")])
        assert "first" in talk.prompts(session)[0]


async def test_referenced_skills_stand_in_front_of_the_prompt_with_their_front_matter():
    scenario = from_data(
        {"skills": [{"name": "refunds", "description": "How refunds go", "body": "Ask first."}], "defaults": {"inline": True}}
    )
    async with talking(World(scenario=scenario)) as talk:
        session = await talk.create("hello", skill_refs=[_ref(PROJECT_UUID, "refunds")])
    expected = (
        f'<skill id="{PROJECT_UUID}/refunds">\n---\nname: refunds\ndescription: How refunds go\n---\n\nAsk first.\n\n</skill>\n\nhello'
    )
    assert talk.prompts(session) == [expected]


async def test_preloaded_skills_are_part_of_the_system_message_and_unknown_ones_are_ignored():
    keys = [{"source_uuid": EMBEDDED_UUID, "skill_name": name} for name in ("meerkat-platform", "nowhere")]
    async with talking() as talk:
        session = await talk.create("hello", preload_skills=keys)
        system = (await talk.call("session/history", session_id=session))["messages"][0]["content"]
    assert f'<skill id="{EMBEDDED_UUID}/meerkat-platform">' in system
    assert "nowhere" not in system


async def test_one_unknown_reference_makes_all_of_a_call_ineffective():
    refs = [_ref(EMBEDDED_UUID, "meerkat-platform"), _ref(EMBEDDED_UUID, "nowhere")]
    async with talking() as talk:
        assert talk.prompts(await talk.create("hello", skill_refs=refs)) == ["hello"]
    async with talking(contract=True) as talk:
        assert talk.prompts(await talk.create("hello", skill_refs=refs))[0].startswith("<skill id=")


@pytest.mark.parametrize(("good", "bad", "state"), [(19, 1, "degraded"), (1, 1, "unhealthy"), (30, 1, "healthy")])
def test_broken_skills_of_a_remote_source_are_quarantined_and_decide_its_health(good: int, bad: int, state: str):
    repository = {"name": "team", "source_uuid": TEAM, "type": "git", "url": "https://git.invalid/x"}
    skills: list[dict[str, Any]] = [{"name": f"s{number}", "source_uuid": TEAM} for number in range(good)]
    skills += [{"name": f"b{number}", "source_uuid": TEAM, "broken": "no front matter"} for number in range(bad)]
    scenario = from_data({"config": {"skills": {"repositories": [repository]}}, "skills": skills})
    diagnostics = Server(World(scenario=scenario)).runtime.surfaces.skills.diagnostics()
    assert isinstance(diagnostics, dict)
    health, quarantined = diagnostics["source_health"], diagnostics["quarantined"]
    assert isinstance(health, dict)
    assert isinstance(quarantined, list)
    assert (health["state"], health["invalid_count"], health["total_count"]) == (state, bad, good + bad)
    assert quarantined[0] == {
        "key": {"source_uuid": TEAM, "skill_name": "b0"},
        "location": "team:b0/SKILL.md",
        "error_code": "invalid_git_skill",
        "error_class": "parse",
        "message": "no front matter",
        "first_seen_unix_secs": 1772442000,
        "last_seen_unix_secs": 1772442000,
    }
