"""Building the live agent of a session: what it takes from options and configuration, and what may go wrong (spec 02, 5.2 and 16.8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from meerkat_mock.agent.loop import LiveAgent
from meerkat_mock.agent.ports import AgentSpec, BudgetLimits, Ports
from meerkat_mock.clock import seconds
from meerkat_mock.contract.grammar import RunChecker
from meerkat_mock.session.builtins import BuiltinTools
from meerkat_mock.session.channels import Channel
from meerkat_mock.session.system import system_message
from meerkat_mock.session.tools import SessionTools

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Agent, JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.session.options import Options
    from meerkat_mock.session.state import Session
    from meerkat_mock.session.surroundings import Surroundings

SELF_HOSTED_PARAMS = frozenset({"reasoning", "reasoning_effort", "seed", "presence_penalty", "frequency_penalty", "web_search"})
"""Provider parameters that a self-hosted model takes (spec 02, section 16.8)."""
REASONING_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh"})


class BuildFailed(Exception):
    """An agent that could not be built; `str()` is what follows `Build error: `."""


@dataclass(eq=False)
class LiveSession:
    """One incarnation of a session's agent and what lives and dies with it."""

    agent: Agent
    channel: Channel
    tools: SessionTools
    built_at: float
    first: bool
    """True when it was built from a staged session, not from storage (spec 02, section 9.1)."""
    judge: RunChecker = field(default_factory=RunChecker)
    """Holds the runs of this incarnation against the run grammar."""


class Builder:
    """Makes live agents."""

    def __init__(self, runtime: Runtime, surroundings: Surroundings) -> None:
        self._runtime = runtime
        self._surroundings = surroundings

    def build(self, session: Session) -> LiveSession:
        """Build an agent and give the session its first message if it has none. Raises `BuildFailed`."""
        runtime = self._runtime
        spec = self.spec_of(session)
        now = runtime.clock.now()
        sources = [BuiltinTools(session, runtime.clock), *(source(session) for source in self._surroundings.tool_sources)]
        tools = SessionTools(runtime.current, session.external_tools, sources, runtime.clock)
        if not session.messages or session.messages[0]["role"] != "system":
            # Also for a fork that was cut before it: every materialized transcript begins so (spec 02, section 2.7).
            session.messages = [system_message(session.options, tools, self._surroundings, now), *session.messages]
        ports = Ports(runtime.model, tools, runtime.clock, runtime.ids, self._surroundings.put_blob)
        sent = 0 if runtime.quirks.on("seq_restarts") else session.sent_before
        channel = Channel(session.id, session.log, session.readers, runtime.clock, runtime.ids, sent=sent)
        return LiveSession(LiveAgent(spec, ports, now), channel, tools, now, first=session.staged)

    def spec_of(self, session: Session) -> AgentSpec:
        """Return what an agent of this session is built from. Raises `BuildFailed`."""
        options = session.options
        provider = self._provider(options)
        if provider == "self_hosted":
            _check_self_hosted_params(options.provider_params)
        if options.auth_binding is None:
            self._surroundings.use_default_binding()
        elif (text := self.client_failure(options, provider)) is not None:
            raise BuildFailed(f"LLM client creation failed: {text}")
        return AgentSpec(
            session_id=session.id,
            model=options.model,
            provider=provider,
            labels=session.labels,
            identity=session.identity,
            mob=session.owner,
            output_schema=options.output_schema,
            structured_output_retries=options.structured_output_retries,
            budget=options.budget if options.budget is not None else self._default_budget(),
            max_tokens=options.max_tokens,
            hooks=self._hooks(options),
            hook_timeout_ms=self._hook_timeout_ms(),
            compaction=self._surroundings.config_object("compaction"),
            drops_unreadable_calls=self._runtime.quirks.on("unreadable_call_vanishes"),
        )

    def client_failure(self, options: Options, provider: str) -> str | None:
        """Return why no client can be built for these options, None when one can."""
        if options.auth_binding is None:
            return None
        text = self._surroundings.connection_failure(options.auth_binding, provider)
        return None if text is None else f"Failed to create client: {text}"

    def _provider(self, options: Options) -> str:
        owner = self._surroundings.provider_of(options.model)
        if options.provider == "self_hosted" and owner != "self_hosted":
            raise BuildFailed(f"Config error: self-hosted model '{options.model}' is not registered in config")
        provider = options.provider or owner
        if provider is None or provider == "other":
            raise BuildFailed(f"Cannot infer provider from model '{options.model}'")
        return provider

    def _default_budget(self) -> BudgetLimits:
        given = self._surroundings.config_object("budget")
        duration = given.get("max_duration")
        return BudgetLimits(
            max_tokens=cast("int | None", given.get("max_tokens")),
            max_tool_calls=cast("int | None", given.get("max_tool_calls")),
            max_duration=seconds(duration) if isinstance(duration, (str, int, float)) else None,
        )

    def _hook_timeout_ms(self) -> int:
        given = self._surroundings.config_object("hooks").get("default_timeout_ms")
        return given if isinstance(given, int) else AgentSpec.hook_timeout_ms

    def _hooks(self, options: Options) -> tuple[JsonObject, ...]:
        """Return the hook entries; without any in the configuration there is no hook engine (spec 02, section 16.6)."""
        configured = self._surroundings.hook_entries()
        if not configured and self._runtime.quirks.on("hooks_override_inert"):
            return ()
        override = options.hooks_override or {}
        disabled = override.get("disable")
        kept = [entry for entry in configured if not (isinstance(disabled, list) and entry.get("id") in disabled)]
        return (*kept, *_objects(override.get("entries")))


def _objects(value: Json) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _check_self_hosted_params(params: Json) -> None:
    prefix = "Config error: invalid provider_params for provider SelfHosted: "
    if params is None:
        return
    if not isinstance(params, dict):
        raise BuildFailed(f"{prefix}legacy provider-params value is not an object")
    unknown = sorted(key for key in params if key not in SELF_HOSTED_PARAMS)
    if unknown:
        raise BuildFailed(f"{prefix}unknown legacy provider-params key: {unknown[0]}")
    effort = params.get("reasoning_effort")
    if "reasoning_effort" in params and effort not in REASONING_EFFORTS:
        raise BuildFailed(f"{prefix}legacy provider-params shape invalid for field reasoning_effort")
