"""The host: what it is, what it can, how it is; its event log; and six retired methods that only say so (spec 01, 11; spec 03, 8)."""

from __future__ import annotations

import warnings
from typing import Any

import meerkat
from meerkat.client.base import Surface
from meerkat.errors import MethodNotFoundError

RETIRED_WARNING = "Retired runtime session control methods are deprecated and always fail before transport."
RETIRED_ERROR = "Retired runtime session control methods are no longer supported by the public RPC surface."


class Runtime(Surface):
    """The methods about the host."""

    async def get_runtime_host_info(self) -> dict[str, Any]:
        """Return who and where the host is (`runtime/host_info`)."""
        return await self._request("runtime/host_info", {})

    async def get_runtime_host_capabilities(self) -> dict[str, Any]:
        """Return the features of the host (`runtime/capabilities`)."""
        return await self._request("runtime/capabilities", {})

    async def get_runtime_host_health(self) -> dict[str, Any]:
        """Return the health of the host (`runtime/health`); answered while turns run."""
        return await self._request("runtime/health", {})

    async def latest_event_cursor(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return where the durable log of a scope ends (`events/latest_cursor`)."""
        return await self._request("events/latest_cursor", params)

    async def list_events_since(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return logged events after a cursor (`events/list_since`); the log lags behind (spec 03, section 8.4)."""
        return await self._request("events/list_since", params)

    async def event_snapshot(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return a session with the cursor that belongs to it (`events/snapshot`); waits for a running turn's end."""
        return await self._request("events/snapshot", params)

    async def runtime_status(self, session_id: str) -> None:
        """Raise `MethodNotFoundError`: retired."""
        _retired()

    async def runtime_submit(self, session_id: str, input: dict[str, Any] | meerkat.ContentInput) -> None:
        """Raise `MethodNotFoundError`: retired."""
        _retired()

    async def runtime_submission(self, session_id: str, input_id: str) -> None:
        """Raise `MethodNotFoundError`: retired."""
        _retired()

    async def runtime_submissions(self, session_id: str) -> None:
        """Raise `MethodNotFoundError`: retired."""
        _retired()

    async def runtime_retire(self, session_id: str) -> None:
        """Raise `MethodNotFoundError`: retired."""
        _retired()

    async def runtime_reset(self, session_id: str) -> None:
        """Raise `MethodNotFoundError`: retired."""
        _retired()


def _retired() -> None:
    warnings.warn(RETIRED_WARNING, DeprecationWarning, stacklevel=3)
    raise MethodNotFoundError("METHOD_NOT_FOUND", RETIRED_ERROR)
