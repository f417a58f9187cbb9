"""The life of a client: constructed, connected, closed; its tools and capabilities; and the one request that all surfaces make.

Owns the present `Link` and what survives it: tools, limits, the count of request ids. Connecting a connected client is an error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import meerkat
from meerkat.client.base import CapableSurface, StreamingSurface
from meerkat.client.connection import Oddities
from meerkat.client.dispatch import Dispatcher
from meerkat.client.handshake import check_version
from meerkat.client.link import Link
from meerkat.client.opening import open_transport
from meerkat.client.options import ConnectOptions, Limits
from meerkat.client.subscriptions import Subscriptions
from meerkat.errors import (
    CapabilityUnavailableError,
    ConnectionLostError,
    InvalidParamsError,
    MeerkatError,
    NotConnectedError,
    ProtocolError,
    ToolRegistrationError,
)
from meerkat.parsing.core import parse_capabilities, parse_initialize
from meerkat.tools import ToolRegistry
from meerkat.transports.base import Transport
from meerkat.wire.base import JsonObject

log = logging.getLogger("meerkat")

_Client = TypeVar("_Client", bound="Lifecycle")
_Handler = TypeVar("_Handler", bound="Callable[..., Any]")

_NEEDS_TOOLS = frozenset({"session/create", "turn/start", "mob/turn_start", "mob/create", "mob/spawn", "help/ask"})
"""Requests that are not sent before the server knows the tools declared so far."""


class Lifecycle(StreamingSurface, CapableSurface):
    """A client without surfaces."""

    def __init__(
        self,
        rkat_path: str = "rkat-rpc",
        *,
        transport: Transport | None = None,
        limits: Limits | None = None,
        serialize_turns: bool = True,
        detect_deadlocks: bool = True,
    ) -> None:
        """Start nothing yet.

        `transport` is a connected one to be used by the first `connect`. With `serialize_turns=False` turns of one session may
        overlap, which the server can stall (spec 02, section 3.5); with `detect_deadlocks=False` a tool handler may make calls
        that wait for its own turn.
        """
        self._rkat_path = rkat_path
        self._given_transport = transport
        self._limits = limits or Limits()
        self._serialize_turns = serialize_turns
        self._detect_deadlocks = detect_deadlocks
        self._tools = ToolRegistry()
        self._unannounced = False
        self._announcement: asyncio.Task[None] | None = None
        self._announcing = asyncio.Lock()
        self._link: Link | None = None
        self._turn_dispatcher = Dispatcher(lambda method, params: self._request(method, params))
        self._connecting = False
        self._next_id = 1
        self._capabilities: list[meerkat.Capability] = []
        self._methods: list[str] = []
        self._server_version = ""

    # Connect and close

    async def __aenter__(self: _Client) -> _Client:
        """Connect with default options."""
        return await self.connect()

    async def __aexit__(self, *_exc: object) -> None:
        """Close."""
        await self.close()

    async def connect(
        self: _Client,
        *,
        realm_id: str | None = None,
        instance_id: str | None = None,
        realm_backend: str | None = None,
        isolated: bool = False,
        state_root: str | None = None,
        context_root: str | None = None,
        user_config_root: str | None = None,
        live_ws: bool = False,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        extra_args: Sequence[str] = (),
        tcp: str | None = None,
    ) -> _Client:
        """Start a server, or with `tcp="HOST:PORT"` reach one that runs, and shake hands (spec 08, section 2).

        A failed or cancelled `connect` leaves no process behind. Raises `ServerStartError`, `ConnectionLostError` with what the
        server said on stderr, `ProtocolError` `VERSION_MISMATCH`, `ToolRegistrationError`; `MeerkatError` `ALREADY_CONNECTED` for a
        connected client: close it first.
        """
        if realm_id and isolated:
            raise InvalidParamsError("INVALID_ARGS", "realm_id and isolated cannot both be set")
        if self._connecting or (self._link is not None and self._link.connection.lost is None):
            raise MeerkatError("ALREADY_CONNECTED", "This client is connected; close() it first, or use another client")
        options = ConnectOptions(
            self._rkat_path, realm_id, instance_id, realm_backend, isolated, state_root, context_root, user_config_root, live_ws,
            env, cwd, tuple(extra_args), tcp,
        )  # fmt: skip
        self._connecting = True
        try:
            await self.close()
            await self._open(options)
        finally:
            self._connecting = False
        return self

    async def _open(self, options: ConnectOptions) -> None:
        transport, self._given_transport = self._given_transport, None
        link = Link(
            transport or await open_transport(options),
            self._tools,
            self._limits,
            first_id=self._next_id,
            serialize_turns=self._serialize_turns,
            detect_deadlocks=self._detect_deadlocks,
        )
        self._link = link
        link.connection.start()
        try:
            await self._shake_hands()
        except BaseException:
            await self.close()
            raise

    async def _shake_hands(self) -> None:
        self._server_version, self._methods = parse_initialize(await self._request("initialize", {}))
        check_version(self._server_version)
        self._capabilities = parse_capabilities(await self._request("capabilities/get", {}))
        if self._tools:
            self._unannounced = True
            await self._announce()

    async def close(self) -> None:
        """End the connection: every waiting call fails with `CLIENT_CLOSED`, streams end, tool handlers are cancelled, the server goes.

        A server process gets end-of-file first and time to tidy up, signals only after that. May be called any number of times;
        afterwards `connect` works again.
        """
        announcement, self._announcement = self._announcement, None
        if announcement is not None:
            announcement.cancel()
        link, self._link = self._link, None
        if link is not None:
            self._next_id = link.connection.next_id
            await link.close()

    @property
    def connected(self) -> bool:
        """Whether calls can succeed."""
        return self._link is not None and self._link.connection.lost is None

    @property
    def oddities(self) -> Oddities | None:
        """How often the server said what it should not have, on the present connection."""
        return None if self._link is None else self._link.connection.oddities

    # The one request

    async def _request(self, method: str, params: JsonObject) -> JsonObject:
        link = self._connected_link()
        if self._unannounced and method in _NEEDS_TOOLS:
            await self._announce()
        result = await link.request(method, params)
        if not isinstance(result, dict):
            raise ProtocolError("INVALID_RESPONSE", f"{method} answered with {result!r}, expected an object", method=method, data=result)
        return result

    def _connected_link(self) -> Link:
        if self._link is None:
            raise NotConnectedError("NOT_CONNECTED", "Client not connected")
        return self._link

    @property
    def _dispatcher(self) -> Dispatcher:
        self._connected_link()
        return self._turn_dispatcher

    @property
    def _subscriptions(self) -> Subscriptions:
        return self._connected_link().subscriptions

    @property
    def _stream_limits(self) -> Limits:
        return self._limits

    # Tools

    def tool(self, name: str, *, description: str = "", input_schema: dict[str, Any] | None = None) -> Callable[[_Handler], _Handler]:
        """Declare a tool that the model may call; the decorated function handles it and stays as it is (spec 08, section 3.3).

        A tool declared while connected is announced at once; if the server refuses it, the next turn raises `ToolRegistrationError`.
        """

        def declare(handler: _Handler) -> _Handler:
            self._tools.register(name, handler, description=description, input_schema=input_schema)
            self._unannounced = self.connected
            if self._unannounced and self._announcement is None:
                self._announcement = asyncio.ensure_future(self._announce_later())
            return handler

        return declare

    async def _announce_later(self) -> None:
        try:
            await self._announce()
        except MeerkatError as error:
            # nobody awaits this: the next turn tries again, and raises
            self._unannounced = True
            log.warning("tools declared while connected are not known to the server: %s", error)
        finally:
            self._announcement = None

    async def _announce(self) -> None:
        async with self._announcing:
            if not self._unannounced:
                return
            tools = self._tools.definitions()
            try:
                await self._request("tools/register", {"tools": cast("Any", tools)})
            except (ConnectionLostError, NotConnectedError):
                raise
            except MeerkatError as error:
                # told once; what is refused would be refused again
                self._unannounced = False
                names = tuple(str(tool["name"]) for tool in tools)
                raise ToolRegistrationError(
                    f"The server refused the tools {', '.join(names)}: {error}", tools=names, data=error.data
                ) from error
            self._unannounced = False

    # Capabilities

    @property
    def capabilities(self) -> list[meerkat.Capability]:
        """What the server said it offers; empty before `connect`."""
        return list(self._capabilities)

    @property
    def server_version(self) -> str:
        """The contract version of the server; empty before `connect`."""
        return self._server_version

    def has_capability(self, capability_id: str) -> bool:
        """Return whether the server offers a capability; mobs count as offered when their methods are."""
        if capability_id == "mob":
            return "mob/create" in self._methods or "mob/list" in self._methods
        return any(capability.id == capability_id and capability.available for capability in self._capabilities)

    def require_capability(self, capability_id: str) -> None:
        """Raise `CapabilityUnavailableError` when the server does not offer a capability."""
        if not self.has_capability(capability_id):
            raise CapabilityUnavailableError("CAPABILITY_UNAVAILABLE", f"Capability '{capability_id}' is not available")
