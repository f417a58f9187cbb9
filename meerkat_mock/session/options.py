"""What a session was made with: the durable options of `session/create`, and the changes a turn may make to them (spec 02, 2.1 and 3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import BudgetLimits, OutputSchema

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import JsonObject


@dataclass(frozen=True)
class SkillKey:
    """A skill by the UUID of its source and its slug."""

    source_uuid: str
    skill_name: str


@dataclass(frozen=True)
class Builtins:
    """The tri-state switches of builtin tools; None inherits the binary's default."""

    builtins: bool | None = None
    shell: bool | None = None
    memory: bool | None = None
    mob: bool | None = None


@dataclass(frozen=True)
class Options:
    """Everything durable about a session but its transcript. `provider` is None until it can be inferred."""

    model: str
    provider: str | None = None
    max_tokens: int | None = None
    system_prompt: str | None = None
    output_schema: OutputSchema | None = None
    structured_output_retries: int = 2
    hooks_override: JsonObject | None = None
    builtins: Builtins = Builtins()
    keep_alive: bool = False
    comms_name: str | None = None
    peer_meta: JsonObject | None = None
    budget: BudgetLimits | None = None
    provider_params: Json = None
    """The provider's parameters as given (any JSON); None when there are none."""
    auth_binding: JsonObject | None = None
    preload_skills: tuple[SkillKey, ...] = ()
    additional_instructions: tuple[str, ...] = ()
    app_context: Json = None
    shell_env: dict[str, str] | None = None


@dataclass(frozen=True)
class TurnChanges:
    """What one `turn/start` changes for the rest of the session. Empty members change nothing."""

    keep_alive: bool | None = None
    model: str | None = None
    provider: str | None = None
    provider_params: Json = None
    clear_provider_params: bool = False
    auth_binding: JsonObject | None = None
    clear_auth_binding: bool = False

    @property
    def replaces_client(self) -> bool:
        """Tell whether the live agent gets another model client, which loses its deltas (spec 03, section 6.10)."""
        return (
            self.model is not None
            or self.provider_params is not None
            or self.clear_provider_params
            or self.auth_binding is not None
            or self.clear_auth_binding
        )

    def applied(self, options: Options) -> Options:
        """Return the options after this turn's changes; a model without provider keeps the provider."""
        changed: dict[str, object] = {}
        if self.keep_alive is not None:
            changed["keep_alive"] = self.keep_alive
        if self.model is not None:
            changed["model"] = self.model
            changed["provider"] = self.provider or options.provider
        if self.provider_params is not None or self.clear_provider_params:
            changed["provider_params"] = self.provider_params
        if self.auth_binding is not None or self.clear_auth_binding:
            changed["auth_binding"] = self.auth_binding
        return options if not changed else replace(options, **changed)  # type: ignore[arg-type]  # the names above are fields of theirs


NO_CHANGES = TurnChanges()


@dataclass(frozen=True)
class TurnRequest:
    """What a client asks of one turn: the prompt and what holds for this turn alone."""

    prompt: str | list[JsonObject]
    skills: tuple[SkillKey, ...] = ()
    allowed_tools: frozenset[str] | None = None
    blocked_tools: frozenset[str] = frozenset()
    has_overlay: bool = False
    changes: TurnChanges = field(default=NO_CHANGES)
