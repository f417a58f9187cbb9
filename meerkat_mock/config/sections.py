"""The configuration as a table: every section, its keys in the server's order, their kinds and defaults (spec 05, section 2.6).

Names of structs and integer types show in refusals; where no recording names them they are assumed from the section's name and range.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from meerkat_mock.config.hooks import HOOKS
from meerkat_mock.config.kinds import REQUIRED, Choice, Duration, Flag, FreeForm, Key, ListOf, MapOf, Real, Section, Text, Whole
from meerkat_mock.config.mcp import MCP_SERVER
from meerkat_mock.config.realms import REALM
from meerkat_mock.config.skills import SKILLS

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

_TEXT = Text()
_PATH = Text("path string")

_AGENT = Section(
    "AgentConfig",
    {
        "system_prompt": Key(_TEXT, None),
        "system_prompt_file": Key(_PATH, None),
        "tool_instructions": Key(_TEXT, None),
        "model": Key(_TEXT, "claude-opus-4-7"),
        "max_tokens_per_turn": Key(Whole("u32"), 16384),
        "temperature": Key(Real("f32"), None),
        "budget_warning_threshold": Key(Real("f32"), 0.8),
        "max_turns": Key(Whole("u32"), None),
        "provider_params": Key(FreeForm()),
        "output_schema": Key(FreeForm()),
        "structured_output_retries": Key(Whole("u32"), 2),
        "extraction_prompt": Key(_TEXT),
    },
)
_BUDGET = Section(
    "BudgetConfig",
    {
        "max_tokens": Key(Whole("u64"), None),
        "max_duration": Key(Duration(numeric=True), None),
        "max_tool_calls": Key(Whole("usize"), None),
    },
)
_RETRY = Section(
    "RetryConfig",
    {
        "max_retries": Key(Whole("u32"), 3),
        "initial_delay": Key(Duration(), "500ms"),
        "max_delay": Key(Duration(), "30s"),
        "multiplier": Key(Real("f64"), 2.0),
        "call_timeout": Key(Duration(words=("disabled",))),
    },
)
_TOOL_TIMEOUT = Section("Duration", {"secs": Key(Whole("u64"), REQUIRED), "nanos": Key(Whole("u32"), REQUIRED)})
_TOOLS = Section(
    "ToolsConfig",
    {
        "mcp_servers": Key(ListOf(MCP_SERVER), []),
        "default_timeout": Key(Duration(), "10m"),
        "tool_timeouts": Key(MapOf(_TOOL_TIMEOUT), {}),
        "max_concurrent": Key(Whole("usize"), 10),
        "builtins_enabled": Key(Flag(), False),
        "shell_enabled": Key(Flag(), False),
        "comms_enabled": Key(Flag(), False),
        "mob_enabled": Key(Flag(), False),
    },
)
_MODELS = Section(
    "ModelDefaults",
    {
        "anthropic": Key(_TEXT, "claude-opus-4-7"),
        "openai": Key(_TEXT, "gpt-5.5"),
        "gemini": Key(_TEXT, "gemini-3-flash-preview"),
    },
)


def _with_allowlist(given: JsonObject) -> JsonObject:
    """Read `allowlist` as patterns in mode `allow_list`; keys that say the same in full win (spec 05, section 2.6)."""
    if "allowlist" not in given:
        return given
    return {"security_mode": "allow_list", "security_patterns": given["allowlist"], **given}


_SHELL = Section(
    "ShellDefaults",
    {
        "program": Key(_TEXT, "nu"),
        "timeout_secs": Key(Whole("u64"), 30),
        "security_mode": Key(Choice(("unrestricted", "allow_list", "deny_list")), "unrestricted"),
        "security_patterns": Key(ListOf(_TEXT), []),
    },
    prepare=_with_allowlist,
)
_COMMS = Section(
    "CommsRuntimeConfig",
    {
        "mode": Key(Choice(("inproc", "tcp", "uds")), "inproc"),
        "address": Key(_TEXT, None),
        "auth": Key(Choice(("none", "ed25519")), "none"),
        "require_peer_auth": Key(Flag(), True),
        "event_address": Key(_TEXT, None),
    },
)
_COMPACTION = Section(
    "CompactionRuntimeConfig",
    {
        "auto_compact_threshold": Key(Whole("u64"), 100_000),
        "recent_turn_budget": Key(Whole("usize"), 4),
        "max_summary_tokens": Key(Whole("u32"), 4096),
        "min_turns_between_compactions": Key(Whole("u32"), 3),
    },
)
_LIMITS = Section(
    "LimitsConfig",
    {
        "budget": Key(Whole("u64"), None),
        "max_sessions": Key(Whole("usize"), None),
        "max_duration": Key(Duration(numeric=True), None),
    },
)
_SERVER = Section(
    "SelfHostedServerConfig",
    {
        "transport": Key(Choice(("open_ai_compatible",), (("openai_compatible", "open_ai_compatible"),)), REQUIRED),
        "base_url": Key(_TEXT, REQUIRED),
        "api_style": Key(Choice(("chat_completions", "responses")), "chat_completions"),
        "bearer_token_env": Key(_TEXT),
    },
)
"""`bearer_token` may be given, too; it is neither kept nor written back, so it is no key here."""

_MODEL = Section(
    "SelfHostedModelConfig",
    {
        "server": Key(_TEXT, REQUIRED),
        "remote_model": Key(_TEXT, REQUIRED),
        "display_name": Key(_TEXT, REQUIRED),
        "family": Key(_TEXT, REQUIRED),
        "tier": Key(Choice(("recommended", "supported")), "supported"),
        "context_window": Key(Whole("u32")),
        "max_output_tokens": Key(Whole("u32")),
        "vision": Key(Flag(), False),
        "image_tool_results": Key(Flag(), False),
        "inline_video": Key(Flag(), False),
        "supports_temperature": Key(Flag(), True),
        "supports_thinking": Key(Flag(), False),
        "supports_reasoning": Key(Flag(), False),
        "supports_web_search": Key(Flag(), False),
        "call_timeout_secs": Key(Whole("u64")),
    },
)
_SELF_HOSTED = Section("SelfHostedConfig", {"servers": Key(MapOf(_SERVER), {}), "models": Key(MapOf(_MODEL), {})})
_PROVIDER_TOOLS = Section(
    "ProviderToolsConfig",
    {
        "anthropic": Key(Section("AnthropicProviderTools", {"web_search": Key(Flag(), True)}), {}),
        "openai": Key(Section("OpenAiProviderTools", {"web_search": Key(Flag(), True)}), {}),
        "gemini": Key(Section("GeminiProviderTools", {"google_search": Key(Flag(), True)}), {}),
    },
)
_REST = Section("RestServerConfig", {"host": Key(_TEXT, "127.0.0.1"), "port": Key(Whole("u16"), 8080)})
_STORE = Section("StoreConfig", {"sessions_path": Key(_PATH, None), "tasks_path": Key(_PATH, None), "database_dir": Key(_PATH, None)})


@lru_cache(maxsize=64)
def config_section(storage_directory: str | None) -> Section:
    """Return the whole configuration; `storage_directory` is the one default that depends on the environment."""
    storage = Section("StorageConfig", {"directory": Key(_PATH, storage_directory)})
    return Section("Config", {"agent": Key(_AGENT, {}), "storage": Key(storage, {}), **_OTHER_SECTIONS})


@lru_cache(maxsize=64)
def default_config(storage_directory: str | None) -> JsonObject:
    """Return what `config_section` reads from `{}`: every server starts with it, so that it is to be read only."""
    return cast("JsonObject", config_section(storage_directory).read({}))


_OTHER_SECTIONS: Final = {
    "budget": Key(_BUDGET, {}),
    "retry": Key(_RETRY, {}),
    "tools": Key(_TOOLS, {}),
    "models": Key(_MODELS, {}),
    "max_tokens": Key(Whole("u32"), 16384),
    "shell": Key(_SHELL, {}),
    "store": Key(_STORE, {}),
    "comms": Key(_COMMS, {}),
    "compaction": Key(_COMPACTION, {}),
    "limits": Key(_LIMITS, {}),
    "rest": Key(_REST, {}),
    "hooks": Key(HOOKS, {}),
    "skills": Key(SKILLS, {}),
    "self_hosted": Key(_SELF_HOSTED, {}),
    "provider_tools": Key(_PROVIDER_TOOLS, {}),
    "realm": Key(MapOf(REALM), {}, empty_is_absent=True),
}
