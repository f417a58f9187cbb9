# ruff: noqa: TC001 - pydantic reads the annotations when the classes are made
"""What the surfaces hold when the simulation starts: models, skills, logins, MCP servers, blobs, artifacts, approvals.

The words are those of the contract. `config` and `realms` are wholly the contract's and stay plain data, checked where they are used.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from meerkat_mock.scenario.models.base import Count, Data, Duration, Flag, Model, Name, Text, one_of_keys
from meerkat_mock.scenario.models.matchers import Matcher

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

Uuid = Annotated[Text, Field(pattern=_UUID)]
Base64 = Annotated[Text, Field(pattern=r"^[A-Za-z0-9+/\s]*={0,2}\s*$")]


def _any_object() -> Data:
    return {"type": "object"}


def _owned_by_runtime() -> Data:
    return {"owner_type": "runtime"}


class ModelEntry(Model):
    """A self-hosted alias that the catalogue shows beside the shipped models (spec 05, section 2.6)."""

    id: Name
    provider: Literal["anthropic", "openai", "gemini", "self_hosted"] = "self_hosted"
    display_name: Text | None = None
    family: Text | None = None
    tier: Literal["recommended", "supported"] = "supported"
    context_window: Count | None = None
    max_output_tokens: Count | None = None
    vision: Flag = False
    image_tool_results: Flag = False
    inline_video: Flag = False
    supports_temperature: Flag = True
    supports_thinking: Flag = False
    supports_reasoning: Flag = False
    supports_web_search: Flag = False
    realtime: Flag = False


class Skill(Model):
    """A skill that the registry lists (spec 05, section 5)."""

    name: Annotated[Text, Field(pattern=_SLUG)]
    description: Text = ""
    body: Text = ""
    source_uuid: Uuid | None = None
    scope: Literal["builtin", "project", "user"] = "project"
    active: Flag = True
    broken: Text | None = None
    """Its file cannot be parsed: the message in the diagnostics of a git, HTTP or stdio source; other sources leave it out silently."""


class Device(Model):
    """How one device login goes: what the start answers, and what each poll meets."""

    nullable: ClassVar[frozenset[str]] = frozenset({"start"})

    start: Data = Field(default_factory=dict)
    polls: tuple[JsonValue, ...] = ()
    """A text is an OAuth error like `authorization_pending`; `{json: {...}}` tokens; `{status, body}` a raw answer."""


class TokenAnswer(Model):
    """What the token endpoint answers to a login code: tokens, or a status and a body."""

    json_value: Data | None = Field(default=None, alias="json")
    status: Annotated[int, Field(strict=True, ge=100, le=599)] | None = None
    body: Text | None = None


class Auth(Model):
    """The login endpoints of all providers. Values are test data: put no real secret here."""

    codes: dict[Name, TokenAnswer] = Field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    unreachable: Flag = False
    keys: dict[Name, Text] = Field(default_factory=dict)
    """Stored API keys by `realm/binding`."""


class McpTool(Model):
    """A tool of a scripted MCP server, and what it answers; `args` narrows an answer to matching arguments."""

    nullable: ClassVar[frozenset[str]] = frozenset({"result"})

    name: Name
    description: Text = ""
    input_schema: Data = Field(default_factory=_any_object)
    args: Matcher = None
    result: JsonValue = None
    error: Text | None = None
    after: Duration = 0


class McpServerFields(Model):
    """What an MCP server may say; exactly one way of coming about."""

    name: Name
    tools: tuple[McpTool, ...] | None = None
    start: Duration = 0
    fail: Text | None = None
    """The server never comes up; the text is its reason."""
    crash_after: Count | None = None
    """The server dies after so many calls."""
    command: Name | None = None
    args: tuple[Text, ...] = ()
    env: dict[Name, Text] = Field(default_factory=dict)
    url: Name | None = None
    headers: dict[Name, Text] = Field(default_factory=dict)
    transport: Literal["streamable-http", "sse"] | None = None
    connect_timeout_secs: Count | None = None


McpServer = Annotated[McpServerFields, one_of_keys("tools", "fail", "command", "url")]
"""An MCP server: scripted (`tools`, `fail`) or real (`command`, `url`)."""


class Blob(Model):
    """A blob of the realm; its id follows from its content."""

    media_type: Name
    data: Base64


class ArtifactOwner(Model):
    """Whose artifact it is."""

    session_id: Name | None = None
    mob_id: Name | None = None
    run_id: Name | None = None
    tool_call_id: Name | None = None


class Artifact(Model):
    """An artifact record with its content (spec 05, section 4)."""

    artifact_id: Annotated[Text, Field(pattern=r"^[A-Za-z0-9_:@-]+(\.[A-Za-z0-9_:@-]+)*$")]
    artifact_type: Name | dict[Literal["other"], Name] = "text"
    title: Text = ""
    media_type: Name = "text/plain"
    data: Base64 | None = None
    text: Text | None = None
    hash: Text | None = None
    owner: ArtifactOwner = ArtifactOwner()
    metadata: Data = Field(default_factory=dict)


class Action(Model):
    """What an approval is asked for."""

    kind: Literal["shell_command", "file_write", "file_delete", "network_call", "device_control", "tool_call", "other"]
    summary: Text
    body: JsonValue = None


class Resource(Model):
    """What an approval is about."""

    kind: Literal["file", "shell_command", "tool_call", "device", "runtime", "network", "other"]
    id: Name


class Approval(Model):
    """An approval request that waits when the simulation starts (spec 05, section 3)."""

    approval_id: Uuid | None = None
    requester: Name
    owner: Data = Field(default_factory=_owned_by_runtime)
    resource: Resource
    proposed_action: Action
    risk: Literal["low", "medium", "high", "critical"] = "low"
    request_body: JsonValue = None
    allowed_decisions: tuple[Literal["approve", "deny"], ...] = ("approve", "deny")
    expires_in: Duration | None = None
    metadata: Data = Field(default_factory=dict)
