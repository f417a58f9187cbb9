"""What is stored and what is published per identity: secrets, leases, and the status that follows from both (spec 06, section 7).

Secrets never leave this module but as "there is one": no result, repr, journal or error shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

from meerkat_mock.auth.providers import OAUTH_METHODS

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.auth.realms import Binding, Identity
    from meerkat_mock.world.oauth import Tokens

State = Literal["valid", "expiring", "expired", "unknown"]
EXPIRING_SECONDS = 60
"""How long before its end a lease counts as expiring."""


@dataclass(frozen=True)
class Stored:
    """A secret in the token store: how it was obtained, when, and whether it can be refreshed."""

    secret: str = field(repr=False)
    auth_method: str
    stored_at: float
    has_refresh_token: bool = False


@dataclass(frozen=True)
class Lease:
    """What this process has published for an identity; `expires_at` in Unix seconds, None: never."""

    expires_at: float | None = None


class Keyring:
    """The token store and the leases of one process."""

    def __init__(self) -> None:
        self._stored: dict[Identity, Stored] = {}
        self._leases: dict[Identity, Lease] = {}

    def store_key(self, binding: Binding, secret: str, now: float) -> None:
        """Keep an API key or bearer token and publish its lease."""
        self._stored[binding.identity] = Stored(secret, binding.auth_method, now)
        self._leases[binding.identity] = Lease()

    def store_tokens(self, binding: Binding, tokens: Tokens, now: float) -> float | None:
        """Keep the tokens of a login, publish their lease and return when it ends."""
        expires_at = None if tokens.expires_in is None else now + tokens.expires_in
        self._stored[binding.identity] = Stored(tokens.access_token, binding.auth_method, now, tokens.refresh_token is not None)
        self._leases[binding.identity] = Lease(expires_at)
        return expires_at

    def publish(self, identity: Identity) -> None:
        """Publish the lease of an identity that a session was built on, unless there is one."""
        self._leases.setdefault(identity, Lease())

    def holds(self, identity: Identity) -> bool:
        """Tell whether a secret is stored."""
        return identity in self._stored

    def leased(self, identity: Identity) -> bool:
        """Tell whether a lease is published."""
        return identity in self._leases

    def clear(self, identity: Identity) -> None:
        """Remove secret and lease; nothing need be there."""
        self._stored.pop(identity, None)
        self._leases.pop(identity, None)

    def status(self, binding: Binding, now: float) -> JsonObject:
        """Return the result of `auth/status/get`."""
        lease, stored = self._leases.get(binding.identity), self._shown(binding)
        state = _state(lease, now) if lease is not None and self._usable(binding, stored) else "unknown"
        status: JsonObject = {
            "realm_id": binding.identity.realm,
            "binding_id": binding.identity.binding,
            "auth_binding": binding.identity.wire(),
            "profile_id": binding.profile_id,
            "provider": binding.provider,
            "auth_method": binding.auth_method,
            "state": state,
        }
        if state == "unknown" or lease is None:
            return status | {"has_refresh_token": False}
        if lease.expires_at is not None:
            status["expires_at"] = whole_seconds(lease.expires_at)
        if stored is not None:
            status["last_refresh_at"] = whole_seconds(stored.stored_at)
        return status | {"has_refresh_token": stored is not None and stored.has_refresh_token}

    def _shown(self, binding: Binding) -> Stored | None:
        """Return the stored secret if its source is one that status speaks of."""
        return self._stored.get(binding.identity) if binding.source_kind in ("managed_store", "platform_default") else None

    @staticmethod
    def _usable(binding: Binding, stored: Stored | None) -> bool:
        if stored is not None:
            return stored.auth_method == binding.auth_method
        return binding.auth_method not in OAUTH_METHODS


def _state(lease: Lease, now: float) -> State:
    if lease.expires_at is None or lease.expires_at - now >= EXPIRING_SECONDS:
        return "valid"
    return "expiring" if lease.expires_at > now else "expired"


def whole_seconds(moment: float) -> str:
    """Return a moment as a status shows it."""
    return datetime.fromtimestamp(int(moment), timezone.utc).isoformat()
