"""The configuration of a realm: envelopes, merging, refusals, and the hazards of writing it (spec 05, section 2)."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies

from meerkat_mock.config.durations import in_seconds, nanoseconds_of, written
from meerkat_mock.config.rules import merged
from meerkat_mock.config.sections import config_section
from meerkat_mock.flags import Flags
from meerkat_mock.runtime import World
from meerkat_mock.scenario.models import from_data
from meerkat_mock.server import Server
from tests.meerkat_mock.talk import Refused, Talk, talking

if TYPE_CHECKING:
    from pathlib import Path


async def _written(talk: Talk, method: str, params: Any) -> Any:
    return await (await talk.ask(method, params))[1]


async def _refused(talk: Talk, method: str, params: Any) -> str:
    _, answer = await talk.ask(method, params)
    with pytest.raises(Refused) as refused:
        await answer
    return str(refused.value)


async def test_the_envelope_names_realm_backend_and_files_and_every_default(tmp_path: Path):
    async with talking(World(flags=Flags(realm="desk", instance="a", state_root=str(tmp_path)))) as talk:
        envelope = await talk.call("config/get")
    assert (envelope["realm_id"], envelope["instance_id"], envelope["backend"]) == ("desk", "a", "sqlite")
    assert envelope["resolved_paths"]["config_path"] == str(tmp_path / "desk" / "config.toml")
    assert envelope["config"]["agent"]["budget_warning_threshold"] == struct.unpack("f", struct.pack("f", 0.8))[0]
    assert envelope["config"]["retry"] == {"max_retries": 3, "initial_delay": "500ms", "max_delay": "30s", "multiplier": 2.0}


async def test_a_patch_merges_counts_and_is_there_for_the_next_reader():
    async with talking() as talk:
        answer = await talk.call("config/patch", patch={"limits": {"max_sessions": 5}}, expected_generation=1)
        assert (answer["generation"], answer["config"]["limits"]["max_sessions"]) == (2, 5)
        assert await talk.call("config/get") == answer


async def test_null_in_a_patch_resets_a_key_and_a_whole_section():
    async with talking() as talk:
        await talk.call("config/patch", patch={"agent": {"model": "m", "temperature": 0.5}, "limits": {"budget": 3}})
        answer = await talk.call("config/patch", patch={"agent": {"temperature": None}, "limits": None})
    assert (answer["config"]["agent"]["temperature"], answer["config"]["agent"]["model"]) == (None, "m")
    assert answer["config"]["limits"]["budget"] is None


async def test_set_replaces_everything_and_a_bare_configuration_is_as_good_as_a_wrapped_one():
    async with talking() as talk:
        bare = await _written(talk, "config/set", {"max_tokens": 77})
        assert (bare["config"]["max_tokens"], bare["config"]["self_hosted"]["models"]) == (77, {})
        wrapped = await _written(talk, "config/set", {"config": {"max_tokens": 78}, "expected_generation": 2})
        assert (wrapped["config"]["max_tokens"], wrapped["generation"]) == (78, 3)


async def test_a_stale_generation_is_refused_and_nothing_changes():
    async with talking() as talk:
        expected = "-32602 Generation conflict: expected 9, current 1"
        assert await talk.refusal("config/patch", patch={"max_tokens": 5}, expected_generation=9) == expected
        assert await talk.refusal("config/set", config={"max_tokens": 5}, expected_generation=9) == expected
        answer = await talk.call("config/get")
    assert (answer["generation"], answer["config"]["max_tokens"]) == (1, 16384)


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ({"max_tokens": 0}, "Invalid config: Validation error: max_tokens must be greater than 0"),
        ({"budget": {"max_tokens": 0}}, "Invalid config: Validation error: budget.max_tokens must be greater than 0 when set"),
        (
            {"self_hosted": {"models": {"gpt-5.4": {"server": "local", "remote_model": "m", "display_name": "M", "family": "f"}}}},
            "Invalid config: Validation error: model id must be unique across built-in and self-hosted entries",
        ),
        ({"max_tokens": "many"}, 'Failed to apply config patch preview: invalid type: string "many", expected u32'),
        ({"max_tokens": -1}, "Failed to apply config patch preview: invalid value: integer `-1`, expected u32"),
        ({"hooks": {"entries": [{"runtime": {"type": "nope"}}]}}, "Failed to apply config patch preview: unsupported hook runtime 'nope'"),
        ({"realm": {"x": None}}, "Failed to apply config patch preview: invalid type: null, expected struct RealmConfigSection"),
        (
            {"shell": {"security_mode": "allowlist"}},
            "Failed to apply config patch preview: unknown variant `allowlist`, expected one of `unrestricted`, `allow_list`, `deny_list`",
        ),
    ],
)
async def test_a_value_that_may_not_be_is_refused_in_the_words_of_the_server(patch: Any, message: str):
    async with talking() as talk:
        assert await talk.refusal("config/patch", patch=patch) == f"-32602 {message}"
        assert (await talk.call("config/get"))["generation"] == 1


async def test_what_the_file_cannot_hold_is_refused_and_the_generation_stays():
    async with talking() as talk:
        null = {"agent": {"provider_params": {"a": [1, None]}}}
        assert await talk.refusal("config/patch", patch=null) == "-32603 TOML serialization error: unsupported unit type"
        huge = {"agent": {"provider_params": {"a": 2**63}}}
        assert await talk.refusal("config/patch", patch=huge) == "-32603 TOML serialization error: out-of-range value for u64 type"
        assert (await talk.call("config/get"))["generation"] == 1


@pytest.mark.parametrize(
    "params",
    [
        {"config": {"max_tokens": "many"}, "expected_generation": 1},
        {"config": {"max_tokens": 5}, "expected_generation": "1"},
        {"config": None},
    ],
)
async def test_a_wrapped_set_that_does_not_parse_resets_everything_and_reports_success(params: Any):
    async with talking() as talk:
        answer = await _written(talk, "config/set", params)
    assert (answer["generation"], answer["config"]["max_tokens"], answer["config"]["self_hosted"]["models"]) == (2, 16384, {})


async def test_a_patch_in_a_bad_wrapper_changes_nothing_but_counts():
    async with talking() as talk:
        answer = await _written(talk, "config/patch", {"patch": {"max_tokens": 5}, "expected_generation": "1"})
        assert (answer["generation"], answer["config"]["max_tokens"]) == (2, 16384)


@pytest.mark.parametrize("params", ["x", 3, {"max_tokens": "many"}])
async def test_a_set_that_parses_in_neither_form_is_refused(params: Any):
    async with talking() as talk:
        text = "Failed to parse config payload: data did not match any variant of untagged enum ConfigSetRequest"
        assert await _refused(talk, "config/set", params) == f"-32602 {text}"


@pytest.mark.parametrize("method", ["config/set", "config/patch"])
async def test_writing_without_params_is_refused_and_an_empty_list_means_all_defaults(method: str):
    async with talking() as talk:
        assert await _refused(talk, method, None) == "-32602 Missing params"
        answer = await _written(talk, method, [])
    assert (answer["generation"], answer["config"]["self_hosted"]["models"]) == (2, {})


async def test_a_bearer_token_is_taken_and_never_shown_again():
    async with talking() as talk:
        answer = await talk.call("config/patch", patch={"self_hosted": {"servers": {"local": {"bearer_token": "test-secret"}}}})
    assert answer["config"]["self_hosted"]["servers"]["local"]["base_url"] == "http://127.0.0.1:1"
    assert "test-secret" not in str(answer)


async def test_an_allowlist_counts_in_a_set_only():
    async with talking() as talk:
        answer = await _written(talk, "config/set", {"shell": {"allowlist": ["ls"]}})
        assert (answer["config"]["shell"]["security_mode"], answer["config"]["shell"]["security_patterns"]) == ("allow_list", ["ls"])
        answer = await talk.call("config/patch", patch={"shell": {"allowlist": ["rm"]}})
        assert answer["config"]["shell"]["security_patterns"] == ["ls"]


A, B = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
MOVED_WITHOUT_LINEAGE = {"repositories": [{"name": uuid[-1], "source_uuid": uuid, "type": "filesystem", "path": "p"} for uuid in (A, B)]}
ROTATED = {"event_id": "e1", "recorded_at_unix_secs": 1, "event": {"event": "rotate", "from": A, "to": B}}
REMAPPED = {"from": {"source_uuid": A, "skill_name": "s"}, "to": {"source_uuid": B, "skill_name": "s"}}


@pytest.mark.parametrize(
    ("skills", "message"),
    [
        (MOVED_WITHOUT_LINEAGE, f"{A} -> {B} without lineage"),
        ({"identity": {"lineage": [ROTATED]}}, "lineage event 'e1' (rotate) requires explicit per-skill remap entries"),
        ({"identity": {"remaps": [REMAPPED]}}, f"skill remap from {A}/s to {B}/s is not allowed by lineage"),
    ],
)
async def test_sources_of_skills_that_contradict_each_other_are_refused(skills: Any, message: str):
    async with talking() as talk:
        refusal = await talk.refusal("config/patch", patch={"skills": skills})
    assert refusal.startswith("-32602 Invalid skills source-identity configuration: ")
    assert refusal.endswith(message)


async def test_a_move_of_skills_that_lineage_and_remaps_explain_is_accepted():
    async with talking() as talk:
        answer = await talk.call("config/patch", patch={"skills": {"identity": {"lineage": [ROTATED], "remaps": [REMAPPED]}}})
    assert answer["config"]["skills"]["identity"]["remaps"] == [REMAPPED]


async def test_a_scenario_decides_the_configuration_of_the_start():
    scenario = from_data({"config": {"agent": {"model": "gpt-5.4"}}, "realms": {"lab": {"default_binding": "b"}}})
    async with talking(World(scenario=scenario)) as talk:
        config = (await talk.call("config/get"))["config"]
    assert (config["agent"]["model"], config["realm"]) == ("gpt-5.4", {"lab": {"default_binding": "b"}})


async def test_a_file_in_the_folder_of_the_realm_is_read_afresh_by_every_call_and_written_back(tmp_path: Path):
    async with talking(World(flags=Flags(realm="desk", state_root=str(tmp_path)))) as talk:
        file = tmp_path / "desk" / "config.toml"
        file.write_text("max_tokens = 5\n[retry]\nmax_delay = '90s'\n")
        answer = await talk.call("config/get")
        assert (answer["config"]["max_tokens"], answer["config"]["retry"]["max_delay"], answer["generation"]) == (5, "1m 30s", 1)
        await talk.call("config/patch", patch={"agent": {"model": "m"}, "max_tokens": 6})
        assert "max_tokens = 6" in file.read_text()
        file.unlink()
        assert (await talk.call("config/get"))["config"]["agent"]["model"] == "m"


@pytest.mark.parametrize("text", ["max_tokens = ", "max_tokens = 'many'"])
async def test_a_broken_file_fails_every_reading_and_writing_but_no_other_surface(tmp_path: Path, text: str):
    async with talking(World(flags=Flags(realm="desk", state_root=str(tmp_path)))) as talk:
        (tmp_path / "desk" / "config.toml").write_text(text)
        for method, params in (("config/get", {}), ("config/set", {"config": {}}), ("config/patch", {"patch": {}})):
            assert (await talk.refusal(method, **params)).startswith("-32603 Parse error: ")
        assert len((await talk.call("models/catalog"))["providers"]) == 3
        assert (await talk.call("capabilities/get"))["capabilities"]
        (tmp_path / "desk" / "config.toml").unlink()


async def test_what_a_scenario_configures_is_not_configured_again_by_the_next_process_of_the_realm(tmp_path: Path):
    scenario = from_data({"config": {"agent": {"model": "gpt-5.4"}}})
    world = World(flags=Flags(realm="desk", state_root=str(tmp_path)), scenario=scenario)
    async with talking(world) as talk:
        await talk.call("config/patch", patch={"agent": {"model": "m"}})
    async with talking(world) as talk:
        assert (await talk.call("config/get"))["config"]["agent"]["model"] == "m"


def test_a_scenario_with_a_configuration_that_the_server_would_refuse_is_refused_by_name():
    with pytest.raises(ValueError, match="would refuse the `config` of this scenario: Validation error: max_tokens"):
        Server(World(scenario=from_data({"config": {"max_tokens": 0}})))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("90s", "1m 30s"), ("1500ms", "1s 500ms"), ("1h 30m", "1h 30m"), ("2days", "2days"), ("0s", "0s"), ("1 min", "1m")],
)
def test_lengths_of_time_are_written_back_in_whole_units(text: str, shown: str):
    assert written(nanoseconds_of(text) or 0) == shown
    assert in_seconds(shown) == in_seconds(text)


@pytest.mark.parametrize("text", ["", "5", "s", "1x", "1s!", "-1s"])
def test_other_texts_are_no_lengths_of_time(text: str):
    assert nanoseconds_of(text) is None


@settings(deadline=None)
@given(strategies.integers(min_value=0, max_value=10**18))
def test_a_written_length_of_time_reads_back_as_itself(nanoseconds: int):
    assert nanoseconds_of(written(nanoseconds)) == nanoseconds


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=5),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(JSON, JSON)
def test_merging_the_same_patch_again_changes_nothing(base: Any, patch: Any):
    once = merged(base, patch)
    if isinstance(once, dict) and isinstance(patch, dict) and None not in patch.values():
        assert merged(once, {key: value for key, value in patch.items() if not isinstance(value, dict)}) == once


def test_the_complete_configuration_reads_back_as_itself():
    section = config_section("/home/u/.rkat/sessions")
    assert section.read(section.read({})) == section.read({})


WRITES = strategies.tuples(
    strategies.sampled_from(["config/set", "config/patch"]),
    strategies.dictionaries(strategies.sampled_from(["max_tokens"]), strategies.integers(min_value=-1, max_value=3)),
    strategies.sampled_from(["right", "wrong", "none"]),
)


@settings(deadline=None)
@given(strategies.lists(WRITES, max_size=12))
def test_any_sequence_of_writes_leaves_what_the_rules_say(writes: list[tuple[str, dict[str, int], str]]):
    async def conversation() -> None:
        async with talking() as talk:
            generation, max_tokens = 1, 16384
            for method, values, guard in writes:
                wrapper = {"config/set": "config", "config/patch": "patch"}[method]
                expected = {"right": {"expected_generation": generation}, "wrong": {"expected_generation": generation + 1}, "none": {}}[
                    guard
                ]
                wanted = values.get("max_tokens", 16384 if method == "config/set" else max_tokens)
                _, answer = await talk.ask(method, {wrapper: values, **expected})
                if wanted == -1 and method == "config/set":
                    wanted = 16384  # the wrapped form does not parse: everything is reset, whatever generation was expected
                    guard = "none"
                if wanted < 1 or guard == "wrong":
                    with pytest.raises(Refused):
                        await answer
                else:
                    generation, max_tokens = generation + 1, wanted
                    assert (await answer)["generation"] == generation
                assert (await talk.call("config/get"))["config"]["max_tokens"] == max_tokens

    asyncio.run(conversation())
