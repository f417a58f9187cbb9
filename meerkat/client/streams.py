"""Streams: one turn streamed as it runs, and subscriptions to a session, a mob or one member (spec 03, section 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import meerkat
from meerkat.client.base import StreamingSurface
from meerkat.client.parameters import create_params
from meerkat.errors import invalid_response
from meerkat.events import parse_attributed, parse_envelope, parse_event
from meerkat.parsing.core import parse_stream_open
from meerkat.parsing.runs import parse_run_result
from meerkat.streaming import EventStream, EventSubscription
from meerkat.streaming.feed import TurnFeed
from meerkat.wire.base import JsonObject


class Streams(StreamingSurface):
    """The methods that hand out streams."""

    def create_session_streaming(
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
    ) -> EventStream:
        """Make a session and stream its first turn (`session/create`), sent when the stream is entered; any number at once."""
        return self._turn_stream("session/create", create_params(locals()), parse_run_result)

    def stream_turn(
        self,
        params: JsonObject,
        session: meerkat.Session | None = None,
        parse_result: Callable[[JsonObject], meerkat.RunResult] = parse_run_result,
    ) -> EventStream:
        """Stream a turn of the session that `params` (those of `turn/start`) name; `Session.stream` is the convenient form."""
        return self._turn_stream("turn/start", params, parse_result, session)

    def _turn_stream(
        self,
        method: str,
        params: JsonObject,
        parse_result: Callable[[JsonObject], meerkat.RunResult],
        session: meerkat.Session | None = None,
    ) -> EventStream:
        limits = self._stream_limits
        feed = TurnFeed(events_held=limits.events_held, tail_wait_s=limits.tail_wait_s)
        feed.patient = not (method == "session/create" and params.get("keep_alive") is True)
        return EventStream(
            session_id=str(params.get("session_id", "")),
            event_queue=feed,
            response_future=asyncio.get_running_loop().create_future(),
            dispatcher=self._dispatcher,
            parse_result=parse_result,
            pending_send=(method, params),
            session=session,
        )

    async def subscribe_session_events(self, session_id: str) -> EventSubscription:
        """Subscribe to all events of a session (`session/stream_open`); yields `EventEnvelope`s. Waits for a running turn's end."""
        return await self._subscribe("session", {"session_id": session_id}, parse_envelope)

    async def subscribe_mob_events(self, mob_id: str) -> EventSubscription:
        """Subscribe to the events of all members of a mob (`mob/stream_open`); yields `AttributedEvent`s."""
        return await self._subscribe("mob", {"mob_id": mob_id}, parse_attributed)

    async def subscribe_mob_member_events(self, mob_id: str, agent_identity: str) -> EventSubscription:
        """Subscribe to the events of one member of a mob (`mob/stream_open`); yields `EventEnvelope`s."""
        return await self._subscribe("mob", {"mob_id": mob_id, "agent_identity": agent_identity}, parse_envelope)

    async def _subscribe(self, kind: str, params: JsonObject, parse: Callable[[dict[str, Any]], object]) -> EventSubscription:
        subscriptions = self._subscriptions
        with subscriptions.opening() as opened:
            stream_id = parse_stream_open(await self._request(f"{kind}/stream_open", params), f"{kind}/stream_open")
            box = opened(stream_id)
        return EventSubscription(
            stream_id=stream_id,
            event_queue=box,
            dispatcher=subscriptions,
            close_remote=partial(self._close_stream, kind),
            parse_event_fn=partial(_parse_notification, parse),
        )

    async def _close_stream(self, kind: str, stream_id: str) -> None:
        await self._request(f"{kind}/stream_close", {"stream_id": stream_id})


def _parse_notification(parse: Callable[[dict[str, Any]], object], params: JsonObject) -> object:
    """Read the event in a stream notification (spec 03, section 4)."""
    event = params.get("event")
    if not isinstance(event, dict):
        raise invalid_response("Invalid stream event", "event", "an object", event)
    if "payload" not in event and "envelope" not in event and ("scope_id" in params or "scope_path" in params):
        # provided for by the contract, sent by no server yet (spec 03, section 2.4)
        return parse_event(params)
    return parse(event)
