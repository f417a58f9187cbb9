"""`live/*`: opening channels and steering them from the RPC side (spec 07, section 3). What happens on them is in `meerkat_mock.live`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from meerkat_mock.live.adapter import AdapterClosed
from meerkat_mock.live.base64_text import BadBase64
from meerkat_mock.live.book import AUDIO_FORMAT, ChannelBook
from meerkat_mock.live.chunks import check_payload
from meerkat_mock.live.listener import Listener
from meerkat_mock.live.observations import config_rejected, error
from meerkat_mock.live.uuids import session_uuid
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.live.channel import Channel
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session
    from meerkat_mock.surfaces.config import Config
    from meerkat_mock.surfaces.registry import Params

CAPABILITIES: JsonObject = {
    "audio_in": True,
    "audio_out": True,
    "barge_in_supported": True,
    "image_in": False,
    "provider_native_resume": False,
    "text_in": True,
    "text_out": True,
    "transcript_supported": True,
    "video_in": False,
}
"""What every channel can carry: the constant set of the one adapter there is."""

_SHOWN_PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic", "gemini": "Gemini", "self_hosted": "SelfHosted"}


class Live:
    """The live channels of a process."""

    def __init__(self, runtime: Runtime, book: SessionBook, config: Config) -> None:
        self._runtime = runtime
        self._book = book
        self.channels = ChannelBook(runtime, book)
        self.listener = Listener(self.channels.attach, runtime.flags.live_ws or "127.0.0.1:0")
        runtime.at_close(self.listener.close)
        config.at_change(self._config_changed)
        config.hold_answers(self._holds_config)

    def abandon(self) -> None:
        """Let go of every socket without waiting."""
        self.channels.abandon()
        self.listener.abandon()

    # ---- opening ---------------------------------------------------------------------------------------------------------------------

    @handles("live/open")
    async def open(self, params: Params) -> JsonObject:
        """Open a channel for a session; a deferred one gets its agent without a turn."""
        self.channels.sweep()
        session = self._openable(params["session_id"])
        await self._runtime.turns.session_over(session.id)
        model = self._realtime_model(self._openable(session.id))
        await self.listener.start()
        channel, token = self.channels.open(session, model, params.get("turning_mode") or "provider_managed")
        address = f"{self._runtime.flags.live_ws_scheme}://{self.listener.address}/live/ws"
        url = f"{address}?token={token}&channel={channel.id}&format={AUDIO_FORMAT}"
        return {
            "capabilities": dict(CAPABILITIES),
            "channel_id": channel.id,
            "continuity": {"mode": "transcript_only" if session.messages else "fresh"},
            "transport": {"token": token, "transport": "websocket", "url": url},
        }

    def _openable(self, given: str) -> Session:
        """Return the session to open a channel for. Raises `Fault` -32602."""
        session_id = session_uuid(given)
        session = self._book.get(session_id)
        if session is None or session.archived:
            raise Fault(-32602, f"session {session_id} not found")
        if self.channels.of_session(session_id) is not None:
            raise Fault(-32602, f"session {session_id} already has an active live channel")
        return session

    def _realtime_model(self, session: Session) -> tuple[str, str]:
        """Return model and provider of a session. Raises `Fault` -32602 when the model is not capable of realtime."""
        model, provider = self._model_of(session)
        if not self._is_realtime(model):
            raise Fault(-32602, f"model {model} (provider {provider}) does not support realtime")
        return model, provider

    def _model_of(self, session: Session) -> tuple[str, str]:
        model = session.options.model
        return model, session.options.provider or self._book.surroundings.provider_of(model) or "other"

    def _is_realtime(self, model: str) -> bool:
        profile = self._book.surroundings.profile(model)
        return profile is not None and profile.get("realtime") is True

    # ---- looking and closing ---------------------------------------------------------------------------------------------------------

    @handles("live/status")
    def status(self, params: Params) -> JsonObject:
        """Return the status of a channel, for a minute after its end too."""
        self.channels.sweep()
        channel = self.channels.find(params["channel_id"])
        return {"channel_id": channel.id, "status": {"status": channel.status}}

    @handles("live/close")
    async def close(self, params: Params) -> JsonObject:
        """Close a channel, again if it is closed already."""
        self.channels.sweep()
        await self.channels.find(params["channel_id"]).close()
        return {"closed": True}

    # ---- steering --------------------------------------------------------------------------------------------------------------------

    @handles("live/send_input")
    def send_input(self, params: Params) -> JsonObject:
        """Hand on a piece of input; what the provider cannot take is refused on the socket."""
        chunk: dict[str, Any] = params["chunk"]
        try:
            check_payload(chunk)
        except BadBase64 as bad:
            raise Fault(-32602, str(bad)) from bad
        channel = self.channels.find(params["channel_id"])
        if channel.status != "ready":
            raise _not_ready(channel)
        try:
            channel.adapter.send_input(chunk)
        except AdapterClosed as closed:
            raise _adapter_closed() from closed
        return {"sent": True}

    @handles("live/commit_input")
    def commit_input(self, params: Params) -> JsonObject:
        """End the staged turn. What the turning mode does not allow ends the channel, not this call."""
        modality: dict[str, str] = params.get("response_modality") or {"modality": "audio"}
        if modality["modality"] == "unknown":
            raise Fault(-32602, f"invalid response_modality: unknown wire response-modality variant: {modality['debug']}")
        channel = self._open_channel(params)
        try:
            channel.adapter.commit(spoken=modality["modality"] == "audio")
        except AdapterClosed as closed:
            raise _adapter_closed() from closed
        return {"committed": True}

    @handles("live/interrupt")
    def interrupt(self, params: Params) -> JsonObject:
        """Cancel the answer under way, if there is one."""
        channel = self._open_channel(params)
        try:
            channel.adapter.interrupt()
        except AdapterClosed as closed:
            raise _adapter_closed() from closed
        return {"interrupted": True}

    @handles("live/truncate")
    def truncate(self, params: Params) -> JsonObject:
        """Tell the provider how much of an answer was heard."""
        if not params["item_id"]:
            raise Fault(-32602, "item_id must be non-empty")
        channel = self._open_channel(params)
        try:
            channel.adapter.truncate(params["item_id"])
        except AdapterClosed as closed:
            raise _adapter_closed() from closed
        return {"truncated": True}

    @handles("live/refresh")
    def refresh(self, params: Params) -> JsonObject:
        """Hand instructions and tools on again; a model that has changed ends the channel."""
        channel = self._open_channel(params)
        try:
            channel.adapter.refresh()
        except AdapterClosed as closed:
            raise _adapter_closed() from closed
        session = self._book.get(channel.session_id)
        if session is not None:
            self._check_identity(channel, *self._model_of(session))
        return {"refresh_enqueued": True, "status": "queued"}

    def _open_channel(self, params: Params) -> Channel:
        """Return a channel that takes commands. Raises `Fault` for one that is unknown or closed."""
        channel = self.channels.find(params["channel_id"])
        if channel.status == "closed":
            raise _not_ready(channel)
        return channel

    def _check_identity(self, channel: Channel, model: str, provider: str) -> None:
        """End a channel whose session has another model or provider than at its opening (section 5.4)."""
        if model != channel.model:
            reason: JsonObject = {"kind": "refresh_model_swap", "from_model": channel.model, "to_model": model}
            what, rest = "model", " (OpenAI Realtime does not accept a mutable `model` on session.update)"
            before, after = channel.model, model
        elif provider != channel.provider:
            reason = {"kind": "refresh_provider_swap", "from_provider": channel.provider, "to_provider": provider}
            what, rest, before, after = "provider", "", channel.provider, provider
        else:
            return
        text = f"live adapter refresh: {what} swap from `{before}` to `{after}` requires close + reopen{rest}"
        channel.adapter.fail(error(config_rejected(reason), text))

    # ---- configuration ---------------------------------------------------------------------------------------------------------------

    def _holds_config(self, params: Json) -> bool:
        """Tell whether a write of the configuration is answered late: another model, while a session with a channel runs a turn."""
        channels = self.channels.active()
        if not channels or not isinstance(params, dict):
            return False
        body = next((inner for name in ("patch", "config") if isinstance(inner := params.get(name), dict)), params)
        model = _default_model(body)
        running = self._runtime.turns.sessions()
        changes = model is not None and model != _default_model(self._book.surroundings.config())
        return changes and any(channel.session_id in running for channel in channels)

    def _config_changed(self, before: JsonObject, after: JsonObject) -> None:
        """Switch every session with an active channel to a new default model, before the configuration is answered (section 7)."""
        old, new = _default_model(before), _default_model(after)
        if new is None or new == old:
            return
        provider = self._book.surroundings.provider_of(new) or "other"
        for channel in self.channels.active():
            session = self._book.get(channel.session_id)
            if session is not None and not self._book.running(session):
                session.options = replace(session.options, model=new, provider=provider)
                if session.live is not None:
                    session.live.agent.switch(new, provider)
                self._book.committed(session)
                self._swap(channel, new, provider)

    def _swap(self, channel: Channel, model: str, provider: str) -> None:
        if not self._is_realtime(model):
            detail = f'ModelNotRealtime {{ model: "{model}", provider: "{provider}" }}'
            reason: JsonObject = {"kind": "non_realtime_resolution", "detail": detail}
            channel.condemn(error(config_rejected(reason), f"non_realtime_resolution: {detail}"))
        elif (model, provider) != (channel.model, channel.provider):
            reason = {
                "kind": "channel_identity_swap",
                "from_model": channel.model,
                "from_provider": channel.provider,
                "to_model": model,
                "to_provider": provider,
            }
            text = f"model_swap: {channel.model} ({_shown(channel.provider)}) -> {model} ({_shown(provider)})"
            channel.condemn(error(config_rejected(reason), text))


def _default_model(config: JsonObject) -> str | None:
    agent = config.get("agent")
    model = agent.get("model") if isinstance(agent, dict) else None
    return model if isinstance(model, str) else None


def _shown(provider: str) -> str:
    return _SHOWN_PROVIDERS.get(provider, provider)


def _not_ready(channel: Channel) -> Fault:
    return Fault(-32603, f"channel {channel.id} is not ready (status: {channel.shown_status})")


def _adapter_closed() -> Fault:
    return Fault(-32603, "adapter is closed")
