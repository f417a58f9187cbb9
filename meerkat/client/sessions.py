"""Sessions: made, listed, read, forked, archived, and spoken to between turns (spec 02)."""

from __future__ import annotations

import uuid
from typing import Any, Literal, cast

import meerkat
from meerkat.client.base import Surface, given
from meerkat.client.parameters import create_params, wire_value
from meerkat.parsing.history import parse_history
from meerkat.parsing.runs import parse_run_result
from meerkat.parsing.sessions import parse_blob, parse_deferred_create, parse_fork_result, parse_session_details, parse_session_list
from meerkat.session import DeferredSession, Session
from meerkat.wire.base import JsonObject


class Sessions(Surface):
    """The methods about sessions."""

    async def create_session(
        self,
        prompt: str | list[meerkat.ContentBlock],
        *,
        model: str | None = None,
        provider: str | None = None,
        auth_binding: dict[str, str] | None = None,
        system_prompt: str | None = None,
        max_tokens: int | None = None,
        output_schema: dict[str, Any] | None = None,
        structured_output_retries: int | None = None,
        hooks_override: dict[str, Any] | None = None,
        enable_builtins: bool | None = None,
        enable_shell: bool | None = None,
        enable_memory: bool | None = None,
        enable_mob: bool | None = None,
        keep_alive: bool | None = None,
        comms_name: str | None = None,
        peer_meta: dict[str, Any] | None = None,
        budget_limits: dict[str, Any] | None = None,
        provider_params: dict[str, Any] | None = None,
        preload_skills: list[meerkat.SkillRef] | None = None,
        skill_refs: list[meerkat.SkillRef] | None = None,
        labels: dict[str, str] | None = None,
        additional_instructions: list[str] | None = None,
        app_context: dict[str, Any] | None = None,
        shell_env: dict[str, str] | None = None,
        external_tools: list[dict[str, Any]] | None = None,
    ) -> Session:
        """Make a session and run its first turn (`session/create`); the server archives it when that turn fails (spec 02, section 2).

        `external_tools` are gone after a failed turn (spec 02, section 5.3); tools declared with `tool` stay.
        """
        return Session(
            cast("meerkat.MeerkatClient", self), parse_run_result(await self._request("session/create", create_params(locals())))
        )

    async def create_deferred_session(
        self,
        prompt: str | list[meerkat.ContentBlock],
        *,
        model: str | None = None,
        provider: str | None = None,
        auth_binding: dict[str, str] | None = None,
        system_prompt: str | None = None,
        max_tokens: int | None = None,
        output_schema: dict[str, Any] | None = None,
        structured_output_retries: int | None = None,
        hooks_override: dict[str, Any] | None = None,
        enable_builtins: bool | None = None,
        enable_shell: bool | None = None,
        enable_memory: bool | None = None,
        enable_mob: bool | None = None,
        keep_alive: bool | None = None,
        comms_name: str | None = None,
        peer_meta: dict[str, Any] | None = None,
        budget_limits: dict[str, Any] | None = None,
        provider_params: dict[str, Any] | None = None,
        preload_skills: list[meerkat.SkillRef] | None = None,
        skill_refs: list[meerkat.SkillRef] | None = None,
        labels: dict[str, str] | None = None,
        additional_instructions: list[str] | None = None,
        app_context: dict[str, Any] | None = None,
        shell_env: dict[str, str] | None = None,
        external_tools: list[dict[str, Any]] | None = None,
    ) -> DeferredSession:
        """Make a session without running it (`session/create`); the prompt goes in front of its first turn's (spec 02, section 2.4)."""
        params = create_params(locals())
        result = await self._request("session/create", {**params, "initial_turn": "deferred"})
        return DeferredSession(cast("meerkat.MeerkatClient", self), *parse_deferred_create(result))

    def session(self, session_id: str, session_ref: str | None = None) -> DeferredSession:
        """Return a handle for a session that exists, by its id; makes no request."""
        return DeferredSession(cast("meerkat.MeerkatClient", self), session_id, session_ref)

    async def ask_help(
        self,
        question: str,
        *,
        prompt: str | None = None,
        execution_mode: meerkat.HelpExecutionMode = "explain_only",
        model: str | None = None,
        provider: str | None = None,
        max_tokens: int | None = None,
    ) -> meerkat.RunResult:
        """Ask how to use the platform (`help/ask`); runs a turn in a session of its own (spec 01, section 11.5)."""
        params: JsonObject = {"question": question, "execution_mode": execution_mode}
        params.update(given(prompt=prompt, model=model, provider=provider, max_tokens=max_tokens))
        return parse_run_result(await self._request("help/ask", params))

    async def archive_session(self, session_id: str) -> None:
        """Archive a session for good (`session/archive`); waits for a running turn's end (spec 02, section 12)."""
        await self._request("session/archive", {"session_id": session_id})

    async def list_sessions(
        self, *, labels: dict[str, str] | None = None, limit: int | None = None, offset: int | None = None
    ) -> list[meerkat.SessionSummary]:
        """Return the sessions that have all these labels (`session/list`), in no order of time; waits for running turns.

        A session whose agent was rebuilt, as after a failed turn or a fork, shows no labels until it is rebuilt again: do not find
        sessions by labels alone (spec 02, section 9.1).
        """
        return parse_session_list(await self._request("session/list", given(labels=labels, limit=limit, offset=offset)))

    async def read_session(self, session_id: str) -> meerkat.SessionDetails:
        """Return what the server says of a session (`session/read`); waits for running turns. Labels may be hidden, see `list_sessions`."""
        return parse_session_details(await self._request("session/read", {"session_id": session_id}))

    async def read_session_history(self, session_id: str, *, offset: int = 0, limit: int | None = None) -> meerkat.SessionHistory:
        """Return a page of the committed transcript, oldest message first (`session/history`)."""
        params: JsonObject = {"session_id": session_id, "offset": offset, **given(limit=limit)}
        return parse_history(await self._request("session/history", params))

    async def fork_session_at(
        self, session_id: str, message_index: int, *, running_behavior: meerkat.TranscriptEditRunningBehavior | None = None
    ) -> meerkat.SessionForkResult:
        """Make a new session of the first `message_index` messages (`session/fork_at`); the source stays as it is."""
        params: JsonObject = {"session_id": session_id, "message_index": message_index, **given(running_behavior=running_behavior)}
        return parse_fork_result(await self._request("session/fork_at", params))

    async def fork_session_replace(
        self,
        session_id: str,
        message_index: int,
        replacement: meerkat.TranscriptReplacement,
        *,
        running_behavior: meerkat.TranscriptEditRunningBehavior | None = None,
    ) -> meerkat.SessionForkResult:
        """Make a new session that ends with an edited message (`session/fork_replace`; spec 02, section 11)."""
        params: JsonObject = {
            "session_id": session_id,
            "message_index": message_index,
            "replacement": wire_value(replacement),
            **given(running_behavior=running_behavior),
        }
        return parse_fork_result(await self._request("session/fork_replace", params))

    async def inject_context(
        self, session_id: str, text: str, *, source: str | None = None, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """Add to the system prompt of the next model call (`session/inject_context`).

        The server forgets a text without `idempotency_key` before the model sees it (spec 02, section 13), so one is made when none
        is given.
        """
        key = uuid.uuid4().hex if idempotency_key is None else idempotency_key
        params: JsonObject = {"session_id": session_id, "text": text, **given(source=source), "idempotency_key": key}
        return await self._request("session/inject_context", params)

    async def send_external_event(
        self, session_id: str, event_type: str, payload: Any, *, blocks: list[meerkat.ContentBlock] | None = None
    ) -> meerkat.ExternalEventOutcome:
        """Queue an event that stands in front of the next prompt (`session/external_event`; spec 02, section 14.1)."""
        params: JsonObject = {"session_id": session_id, "kind": "generic_json", "event_type": event_type, "payload": wire_value(payload)}
        params.update(given(blocks=wire_value(blocks)))
        return cast("meerkat.ExternalEventOutcome", await self._request("session/external_event", params))

    async def send_peer_response_terminal(
        self,
        session_id: str,
        peer_id: meerkat.PeerId,
        request_id: meerkat.PeerCorrelationId,
        status: Literal["completed", "failed", "cancelled"],
        result: Any,
        *,
        display_name: str | None = None,
    ) -> meerkat.ExternalEventOutcome:
        """Deliver a peer's last answer; the session wakes and reacts (`session/peer_response_terminal`; spec 02, section 14.2)."""
        params: JsonObject = {
            "session_id": session_id,
            "peer_id": str(peer_id),
            "request_id": str(request_id),
            "status": status,
            "result": wire_value(result),
            **given(display_name=display_name),
        }
        return cast("meerkat.ExternalEventOutcome", await self._request("session/peer_response_terminal", params))

    async def get_blob(self, blob_id: str) -> meerkat.BlobPayload:
        """Return stored content (`blob/get`)."""
        return parse_blob(await self._request("blob/get", {"blob_id": blob_id}))
