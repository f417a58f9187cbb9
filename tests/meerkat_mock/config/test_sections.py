"""How each section of the configuration is read: what it takes, how it writes that back, and its words for everything else."""

from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.config.kinds import Unreadable, Unstorable
from meerkat_mock.config.sections import config_section

CONFIG = config_section(None)
NO_SLUG: dict[str, Any] = {"source_uuid": "00000000-0000-4000-8000-00000000000a", "skill_name": 3}
KEY = {"source_uuid": "00000000-0000-4000-8000-00000000000a", "skill_name": "s"}
PROFILE = {"provider": "p", "auth_method": "m"}
MODEL = {"server": "local", "remote_model": "m", "display_name": "M", "family": "f"}


def _read(value: Any) -> Any:
    return CONFIG.read(value)


@pytest.mark.parametrize(
    ("given", "path", "shown"),
    [
        ({"budget": {"max_duration": 90_000}}, "budget.max_duration", "1m 30s"),
        ({"limits": {"max_duration": "2h"}}, "limits.max_duration", "2h"),
        ({"retry": {"call_timeout": "disabled"}}, "retry.call_timeout", "disabled"),
        ({"retry": {"multiplier": 3}}, "retry.multiplier", 3.0),
        ({"agent": {"temperature": 1e39}}, "agent.temperature", float("inf")),
        ({"agent": {"provider_params": None, "output_schema": {"a": [1]}}}, "agent.output_schema", {"a": [1]}),
        ({"tools": {"tool_timeouts": {"t": {"secs": 1, "nanos": 2, "more": 3}}}}, "tools.tool_timeouts.t", {"secs": 1, "nanos": 2}),
        ({"limits": [5, 6]}, "limits.max_sessions", 6),
        (
            {"tools": {"mcp_servers": [{"name": "n", "url": "u"}]}},
            "tools.mcp_servers",
            [{"name": "n", "url": "u", "headers": {}, "transport": None}],
        ),
        (
            {"tools": {"mcp_servers": [{"name": "n", "command": "c", "connect_timeout_secs": 3}]}},
            "tools.mcp_servers",
            [{"name": "n", "connect_timeout_secs": 3, "command": "c", "args": [], "env": {}}],
        ),
        (
            {"hooks": {"entries": [{"runtime": {"type": "command", "config": {"command": "true"}}}]}},
            "hooks.entries",
            [
                {
                    "id": "hook",
                    "enabled": True,
                    "point": "turn_boundary",
                    "mode": "foreground",
                    "capability": "observe",
                    "priority": 100,
                    "runtime": {"type": "command", "command": "true"},
                }
            ],
        ),
        (
            {"skills": {"repositories": [{"name": "r", "source_uuid": KEY["source_uuid"], "type": "git", "url": "u"}]}},
            "skills.repositories",
            [
                {
                    "name": "r",
                    "source_uuid": KEY["source_uuid"],
                    "type": "git",
                    "url": "u",
                    "git_ref": "main",
                    "ref_type": "branch",
                    "skills_root": None,
                    "auth_token": None,
                    "ssh_key": None,
                    "refresh_seconds": 300,
                    "depth": 1,
                }
            ],
        ),
        (
            {"realm": {"lab": {"auth": {"a": {"provider": "p", "auth_method": "m", "source": {"kind": "command", "program": "x"}}}}}},
            "realm.lab.auth.a.source",
            {"kind": "command", "program": "x", "args": [], "env": {}, "timeout_ms": 30_000},
        ),
        ({"realm": {"lab": {"unknown": 1, "backend": {}}}}, "realm.lab", {}),
    ],
)
def test_what_is_given_is_written_back_with_its_defaults(given: Any, path: str, shown: Any):
    found = _read(given)
    assert _read(found) == found
    for key in path.split("."):
        found = found[key]
    assert found == shown


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (3, "invalid type: integer `3`, expected struct Config"),
        ([{}] * 30, "invalid length 30, expected fewer elements in array"),
        ({"agent": {"model": None}}, "invalid type: null, expected a string"),
        ({"agent": {"temperature": "warm"}}, 'invalid type: string "warm", expected f32'),
        ({"agent": {"system_prompt_file": 3}}, "invalid type: integer `3`, expected path string"),
        ({"agent": {"max_turns": 2**32}}, "invalid value: integer `4294967296`, expected u32"),
        ({"agent": {"max_turns": 1.5}}, "invalid type: floating point `1.5`, expected u32"),
        ({"skills": {"enabled": "yes"}}, 'invalid type: string "yes", expected a boolean'),
        ({"shell": {"security_mode": 3}}, "invalid type: integer `3`, expected string or map"),
        ({"shell": {"security_patterns": "x"}}, 'invalid type: string "x", expected a sequence'),
        ({"comms": {"auth": "x"}}, "unknown variant `x`, expected `none` or `ed25519`"),
        ({"retry": {"max_delay": 5}}, "invalid type: integer `5`, expected a duration"),
        ({"retry": {"max_delay": "soon"}}, 'invalid value: string "soon", expected a duration'),
        ({"self_hosted": {"models": []}}, "invalid type: sequence, expected a map"),
        ({"self_hosted": {"models": {"m": {**MODEL, "family": None}}}}, "invalid type: null, expected a string"),
        ({"self_hosted": {"models": {"m": {"server": "local"}}}}, "missing field `remote_model`"),
        ({"tools": {"mcp_servers": [3]}}, "invalid type: integer `3`, expected struct McpServerConfig"),
        ({"tools": {"mcp_servers": [{"name": "n"}]}}, "data did not match any variant of untagged enum McpTransportConfig"),
        ({"tools": {"mcp_servers": [{"command": "c"}]}}, "missing field `name`"),
        ({"hooks": {"entries": [{"runtime": 3}]}}, "invalid type: integer `3`, expected a map"),
        ({"hooks": {"entries": [{"runtime": {}}]}}, "hook runtime missing required field 'type'"),
        ({"hooks": {"entries": [{"priority": 2**31}]}}, "invalid value: integer `2147483648`, expected i32"),
        (
            {"skills": {"identity": {"aliases": [{"alias": "a", "to": {**KEY, "skill_name": "B"}}]}}},
            "skill parse failed: invalid skill_name 'B': expected lowercase slug [a-z0-9-], no '--'",
        ),
        ({"skills": {"identity": {"aliases": [{"alias": "a", "to": NO_SLUG}]}}}, "invalid type: integer `3`, expected a string"),
        ({"skills": {"repositories": [{"name": "r", "source_uuid": KEY["source_uuid"]}]}}, "missing field `type`"),
        ({"skills": {"repositories": [3]}}, "invalid type: integer `3`, expected struct SkillRepositoryConfig"),
        ({"realm": {"r": {"auth": {"a": {**PROFILE, "source": 3}}}}}, "invalid type: integer `3`, expected internally tagged enum"),
        ({"realm": {"r": {"auth": {"a": {**PROFILE, "source": {"kind": 3}}}}}}, "invalid type: integer `3`, expected variant identifier"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_by_its_first_fault(given: Any, text: str):
    with pytest.raises(Unreadable) as refused:
        _read(given)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    "given",
    [
        {"limits": {"budget": 2**63}},
        {"agent": {"output_schema": {"a": [{"b": None}]}}},
        {"hooks": {"entries": [{"runtime": {"type": "http", "url": None}}]}},
        {"realm": {"lab": {"backend": {"b": {"provider": "p", "backend_kind": "k", "options": [1, None]}}}}},
    ],
)
def test_what_a_file_cannot_hold_is_noticed_wherever_it_stands(given: Any):
    with pytest.raises(Unstorable):
        CONFIG.storable(_read(given))


def test_the_defaults_and_a_full_realm_can_be_stored():
    source = {"kind": "env", "env": "KEY", "fallback": ["OTHER"]}
    given = {
        "realm": {"lab": {"auth": {"a": {"provider": "p", "auth_method": "m", "source": source}}}},
        "skills": {"repositories": [{"name": "r", "source_uuid": KEY["source_uuid"], "type": "filesystem", "path": "p"}]},
        "tools": {"mcp_servers": [{"name": "n", "command": "c"}]},
    }
    CONFIG.storable(_read(given))
