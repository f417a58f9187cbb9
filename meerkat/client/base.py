"""What every surface sees of the client: one request; those that stream also see who delivers. The surfaces hold no state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.client.dispatch import Dispatcher
    from meerkat.client.options import Limits
    from meerkat.client.subscriptions import Subscriptions
    from meerkat.wire.base import JsonObject


class Surface(ABC):
    """The declared base of all surfaces."""

    @abstractmethod
    async def _request(self, method: str, params: JsonObject) -> JsonObject:
        """Ask the server and return the result object; the one seam that all public methods go through. Raises `MeerkatError`."""


class StreamingSurface(Surface):
    """The declared base of surfaces that hand out streams."""

    @property
    @abstractmethod
    def _dispatcher(self) -> Dispatcher:
        """Who makes the requests of turn streams. Raises `NotConnectedError`."""

    @property
    @abstractmethod
    def _subscriptions(self) -> Subscriptions:
        """Who delivers the events of subscriptions. Raises `NotConnectedError`."""

    @property
    @abstractmethod
    def _stream_limits(self) -> Limits:
        """How much streams hold, and how long they wait."""


class CapableSurface(Surface):
    """The declared base of surfaces that a server may lack."""

    @abstractmethod
    def require_capability(self, capability_id: str) -> None:
        """Raise `CapabilityUnavailableError` when the server does not offer a capability."""


def given(**optional: Any) -> dict[str, Any]:
    """Return the parameters that were given: all that are not None. Empty texts, zeros and False are given (spec 08, D-39)."""
    return {name: value for name, value in optional.items() if value is not None}


def pick(params: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of `params` that were given, in the order of `names`."""
    return {name: params[name] for name in names if params[name] is not None}
