"""Credentials and realms: profiles, logins, their state (spec 06)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U64, Json, NotRequired, Rfc3339, Tag, Usize
from meerkat.wire.core import AuthBindingRef

AuthStatusPhase: TypeAlias = Literal["valid", "expiring", "expired", "reauth_required", "refresh_failed", "unknown"]
"""Whether credentials can be used (spec 06, section 7)."""


class RealmIdParams(TypedDict):
    """Which realm is meant (spec 06, section 4)."""

    realm_id: str


class BindingIdParams(TypedDict):
    """Which binding of which realm is meant (spec 06, section 5)."""

    realm_id: str
    binding_id: str
    profile_id: NotRequired[str | None]


class CreateProfileParams(TypedDict):
    """Params of `auth/profile/create` (spec 06, section 5.3)."""

    realm_id: str
    binding_id: str
    auth_method: str
    secret: str
    profile_id: NotRequired[str | None]


class LoginStartParams(TypedDict):
    """Params of `auth/login/start` (spec 06, section 6.3)."""

    provider: str
    redirect_uri: str
    realm_id: str
    binding_id: str
    profile_id: NotRequired[str | None]


class LoginCompleteParams(TypedDict):
    """Params of `auth/login/complete` (spec 06, section 6.4)."""

    provider: str
    code: str
    state: str
    redirect_uri: str
    realm_id: str
    binding_id: str
    profile_id: NotRequired[str | None]


class DeviceStartParams(TypedDict):
    """Params of `auth/login/device_start` (spec 06, section 6.5)."""

    provider: str
    realm_id: str
    binding_id: str
    profile_id: NotRequired[str | None]


class DeviceCompleteParams(TypedDict):
    """Params of `auth/login/device_complete` (spec 06, section 6.6)."""

    provider: str
    device_code: str
    realm_id: str
    binding_id: str
    profile_id: NotRequired[str | None]


class ProvisionApiKeyParams(TypedDict):
    """Params of `auth/login/provision_api_key` (spec 06, section 6.7)."""

    access_token: str
    binding_id: NotRequired[str | None]
    profile_id: NotRequired[str | None]
    realm_id: NotRequired[str | None]


class WireAuthProfilesList(TypedDict):
    """Result of `auth/profile/list` (spec 06, section 5.1)."""

    realm_id: str
    auth_profiles: list[WireAuthProfile]
    backend_profiles: list[WireBackendProfile]
    bindings: list[WireProviderBinding]


class WireAuthProfileDetail(TypedDict):
    """Result of `auth/profile/get` (spec 06, section 5.2)."""

    auth_binding: AuthBindingRef
    binding_id: str
    profile_id: str
    auth_profile: WireAuthProfile


class WireAuthProfileCreated(TypedDict):
    """Result of `auth/profile/create` (spec 06, section 5.3)."""

    realm_id: str
    binding_id: str
    auth_binding: AuthBindingRef
    profile_id: str
    provider: str
    auth_method: str
    stored: bool


class WireAuthProfileCleared(TypedDict):
    """Credentials that were taken away (spec 06, section 5.4)."""

    realm_id: str
    binding_id: str
    auth_binding: AuthBindingRef
    profile_id: str
    cleared: bool


class WireLoginStart(TypedDict):
    """Result of `auth/login/start` (spec 06, section 6.3)."""

    authorize_url: str
    state: str
    redirect_uri: str
    provider: str


class WireLoginReady(TypedDict):
    """Result of `auth/login/complete` (spec 06, section 6.4)."""

    realm_id: str
    binding_id: str
    auth_binding: AuthBindingRef
    profile_id: str
    provider: str
    has_refresh_token: bool
    scopes: list[str]
    expires_at: Rfc3339 | None
    state: NotRequired[str]


class WireDeviceStart(TypedDict):
    """Result of `auth/login/device_start` (spec 06, section 6.5)."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: U64
    interval: U64
    provider: str
    verification_uri_complete: str | None


class WireDeviceCompleteResultPending(TypedDict):
    """A device login that is `pending` (spec 06, section 6.6)."""

    state: Literal["pending"]


class WireDeviceCompleteResultSlowDown(TypedDict):
    """A device login that is `slow_down` (spec 06, section 6.6)."""

    state: Literal["slow_down"]


class WireDeviceCompleteResultAccessDenied(TypedDict):
    """A device login that is `access_denied` (spec 06, section 6.6)."""

    state: Literal["access_denied"]


class WireDeviceCompleteResultExpired(TypedDict):
    """A device login that is `expired` (spec 06, section 6.6)."""

    state: Literal["expired"]


class WireDeviceCompleteResultReady(TypedDict):
    """A device login that is `ready` (spec 06, section 6.6)."""

    state: Literal["ready"]
    realm_id: str
    binding_id: str
    auth_binding: AuthBindingRef
    profile_id: str
    provider: str
    has_refresh_token: bool
    scopes: list[str]
    expires_at: NotRequired[Rfc3339]


class WireProvisionApiKeyResult(TypedDict):
    """Result of `auth/login/provision_api_key` (spec 06, section 6.7)."""

    realm_id: str
    binding_id: str
    auth_binding: AuthBindingRef
    profile_id: str
    provider: str
    auth_mode: str
    has_api_key: bool
    scopes: list[str]


class WireAuthStatusDetail(TypedDict):
    """Result of `auth/status/get` (spec 06, section 7)."""

    realm_id: str
    binding_id: str
    auth_binding: AuthBindingRef
    profile_id: str
    provider: str
    auth_method: str
    state: AuthStatusPhase
    has_refresh_token: bool
    account_id: NotRequired[str]
    expires_at: NotRequired[Rfc3339]
    last_refresh_at: NotRequired[Rfc3339]


class WireRealmList(TypedDict):
    """Result of `realm/list` (spec 06, section 4.1)."""

    realms: list[WireRealmSummary]


class WireRealmConnectionSet(TypedDict):
    """Result of `realm/get` (spec 06, section 4.2)."""

    realm_id: str
    backends: dict[str, WireBackendProfile]
    auth_profiles: dict[str, WireAuthProfile]
    bindings: dict[str, WireProviderBinding]
    default_binding: NotRequired[str]


class WireAuthProfile(TypedDict):
    """How to authenticate, without the secret (spec 06, section 5.1)."""

    id: str
    provider: str
    auth_method: str
    source_kind: str


class WireBackendProfile(TypedDict):
    """Where a provider is reached (spec 06, section 5.1)."""

    id: str
    provider: str
    backend_kind: str
    base_url: NotRequired[str]
    options: NotRequired[Json]


class WireProviderBinding(TypedDict):
    """A backend with the credentials for it (spec 06, section 5.1)."""

    id: str
    backend_profile: str
    auth_profile: str
    allow_auth_override: bool
    default_model: NotRequired[str]
    require_metadata_account: bool
    require_metadata_workspace: bool


class WireRealmSummary(TypedDict):
    """One realm, counted (spec 06, section 4.1)."""

    realm_id: str
    backend_count: Usize
    auth_profile_count: Usize
    binding_count: Usize
    default_binding: str | None


WireDeviceCompleteResult: TypeAlias = Annotated[
    WireDeviceCompleteResultPending
    | WireDeviceCompleteResultSlowDown
    | WireDeviceCompleteResultAccessDenied
    | WireDeviceCompleteResultExpired
    | WireDeviceCompleteResultReady,
    Tag("state", "WireDeviceCompleteResult"),
]
"""Result of `auth/login/device_complete` (spec 06, section 6.6)."""
