"""The handles of sessions: `Session` for one that has run, `DeferredSession` for one that has not, or is known by its id only.

Both are thin: they hold an id and ask the client. A `Session` also holds its last result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import meerkat
from meerkat._side_doors import side_door
from meerkat.parsing.runs import parse_run_result
from meerkat.wire.base import JsonObject


class _Handle:
    """What both handles do alike."""

    __slots__ = ("_client", "_id", "_ref")

    _client: meerkat.MeerkatClient
    _id: str
    _ref: str | None

    @property
    def id(self) -> str:
        """The session id."""
        return self._id

    @property
    def ref(self) -> str | None:
        """The id with its realm in front, `<realm_id>:<session_id>`; None when the server has no realm."""
        return self._ref

    async def interrupt(self) -> None:
        """Stop the running turn, if there is one (`turn/interrupt`)."""
        await self._client.interrupt_turn(self._id)

    async def archive(self) -> None:
        """Archive the session for good (`session/archive`)."""
        await self._client.archive_session(self._id)

    async def inject_context(self, text: str, *, source: str | None = None, idempotency_key: str | None = None) -> dict[str, Any]:
        """Add to the system prompt of the next model call; see `MeerkatClient.inject_context`."""
        return await self._client.inject_context(self._id, text, source=source, idempotency_key=idempotency_key)

    async def send_external_event(
        self, event_type: str, payload: Any, *, blocks: list[meerkat.ContentBlock] | None = None
    ) -> dict[str, Any]:
        """Queue an event that stands in front of the next prompt; see `MeerkatClient.send_external_event`."""
        return cast("dict[str, Any]", await self._client.send_external_event(self._id, event_type, payload, blocks=blocks))

    async def send_peer_response_terminal(
        self, peer_id: meerkat.PeerId, request_id: meerkat.PeerCorrelationId, status: str, result: Any, *, display_name: str | None = None
    ) -> dict[str, Any]:
        """Deliver a peer's last answer; see `MeerkatClient.send_peer_response_terminal`."""
        outcome = await self._client.send_peer_response_terminal(
            self._id, peer_id, request_id, cast("Any", status), result, display_name=display_name
        )
        return cast("dict[str, Any]", outcome)

    async def history(self, *, offset: int = 0, limit: int | None = None) -> meerkat.SessionHistory:
        """Return a page of the transcript, oldest message first (`session/history`)."""
        return await self._client.read_session_history(self._id, offset=offset, limit=limit)

    async def fork_at(
        self, message_index: int, *, running_behavior: meerkat.TranscriptEditRunningBehavior | None = None
    ) -> meerkat.SessionForkResult:
        """Make a new session of the first `message_index` messages (`session/fork_at`)."""
        return await self._client.fork_session_at(self._id, message_index, running_behavior=running_behavior)

    async def fork_replace(
        self,
        message_index: int,
        replacement: meerkat.TranscriptReplacement,
        *,
        running_behavior: meerkat.TranscriptEditRunningBehavior | None = None,
    ) -> meerkat.SessionForkResult:
        """Make a new session that ends with an edited message (`session/fork_replace`)."""
        return await self._client.fork_session_replace(self._id, message_index, replacement, running_behavior=running_behavior)

    def _turn(self, arguments: dict[str, Any]) -> JsonObject:
        from meerkat.client.parameters import turn_params  # late: the client package builds on this module

        return {"session_id": self._id, **turn_params(arguments)}

    def __repr__(self) -> str:
        """Show the id, and the reference if there is one."""
        reference = f" ref={self._ref!r}" if self._ref else ""
        return f"<{type(self).__name__} id={self._id!r}{reference}>"


class Session(_Handle):
    """A session that has run at least one turn."""

    __slots__ = ("_last_result",)

    def __init__(self, client: meerkat.MeerkatClient, result: meerkat.RunResult) -> None:
        """Take the session that `result` belongs to."""
        self._client = client
        self._id = result.session_id
        self._ref = result.session_ref
        self._last_result = result

    @property
    def last_result(self) -> meerkat.RunResult:
        """The result of the last turn that this handle has run to its end."""
        return self._last_result

    @property
    def text(self) -> str:
        """The text of the last result."""
        return self._last_result.text

    @property
    def usage(self) -> Any:
        """The usage in the last result: of the whole session, not of its last turn (spec 02, section 6)."""
        return self._last_result.usage

    @property
    def turns(self) -> int:
        """The model rounds of the last result."""
        return self._last_result.turns

    @property
    def tool_calls(self) -> int:
        """The tool calls of the last result."""
        return self._last_result.tool_calls

    @property
    def structured_output(self) -> Any:
        """The structured output of the last result; None without."""
        return self._last_result.structured_output

    async def turn(
        self,
        prompt: str | list[meerkat.ContentBlock],
        *,
        skill_refs: list[meerkat.SkillRef] | None = None,
        flow_tool_overlay: dict[str, Any] | None = None,
        additional_instructions: list[str] | None = None,
        keep_alive: bool | None = None,
        model: str | None = None,
        provider: str | None = None,
        max_tokens: int | None = None,
        system_prompt: str | None = None,
        output_schema: dict[str, Any] | None = None,
        structured_output_retries: int | None = None,
        provider_params: dict[str, Any] | None = None,
    ) -> meerkat.RunResult:
        """Run a turn to its end (`turn/start`); its result becomes `last_result`.

        Turns of one session wait for each other. Raises `TurnFailedError`, `TurnStalledError`, `RequestCancelledError`.
        """
        self._last_result = await self._client.start_turn(self._turn(locals()))
        return self._last_result

    def stream(
        self,
        prompt: str | list[meerkat.ContentBlock],
        *,
        skill_refs: list[meerkat.SkillRef] | None = None,
        flow_tool_overlay: dict[str, Any] | None = None,
        additional_instructions: list[str] | None = None,
        keep_alive: bool | None = None,
        model: str | None = None,
        provider: str | None = None,
        max_tokens: int | None = None,
        system_prompt: str | None = None,
        output_schema: dict[str, Any] | None = None,
        structured_output_retries: int | None = None,
        provider_params: dict[str, Any] | None = None,
    ) -> meerkat.EventStream:
        """Return the stream of a turn, which is sent when the stream is entered; read to its end, its result becomes `last_result`."""
        return self._client.stream_turn(self._turn(locals()), self, self._keep)

    def _keep(self, raw: JsonObject) -> meerkat.RunResult:
        self._last_result = parse_run_result(raw)
        return self._last_result

    async def subscribe_events(self) -> meerkat.EventSubscription:
        """Subscribe to all events of this session (`session/stream_open`)."""
        return await self._client.subscribe_session_events(self._id)

    async def invoke_skill(self, skill_ref: meerkat.SkillRef, prompt: str | list[meerkat.ContentBlock]) -> meerkat.RunResult:
        """Run a turn with one skill. Raises `CapabilityUnavailableError` when the server has no skills."""
        self._client.require_capability("skills")
        return await self.turn(prompt, skill_refs=[skill_ref])

    async def send(self, **kwargs: Any) -> dict[str, Any]:
        """Send as this session (`comms/send`); takes what `MeerkatClient.send` takes, but for the session."""
        kwargs.pop("session_id", None)
        return await self._client.send(self._id, **kwargs)

    async def peers(self) -> list[dict[str, Any]]:
        """Return the peers that this session can reach (`comms/peers`)."""
        peers = (await self._client.peers(self._id)).get("peers", [])
        return cast("list[dict[str, Any]]", peers)


class DeferredSession(_Handle):
    """A session that has not run yet; its first turn comes after the prompt it was made with (spec 02, section 2.4)."""

    __slots__ = ()

    def __init__(self, client: meerkat.MeerkatClient, session_id: str, session_ref: str | None = None) -> None:
        """Take a session by its id."""
        self._client = client
        self._id = session_id
        self._ref = session_ref

    async def start_turn(
        self,
        prompt: str | list[meerkat.ContentBlock],
        *,
        skill_refs: list[meerkat.SkillRef] | None = None,
        flow_tool_overlay: dict[str, Any] | None = None,
        additional_instructions: list[str] | None = None,
        keep_alive: bool | None = None,
        model: str | None = None,
        provider: str | None = None,
        max_tokens: int | None = None,
        system_prompt: str | None = None,
        output_schema: dict[str, Any] | None = None,
        structured_output_retries: int | None = None,
        provider_params: dict[str, Any] | None = None,
    ) -> meerkat.RunResult:
        """Run a turn to its end (`turn/start`); the result is returned and not kept."""
        return await self._client.start_turn(self._turn(locals()))


if not TYPE_CHECKING:
    __getattr__ = side_door(__name__)
