"""The flat contract names of realms and authentication: profiles, bindings, logins, status, errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict


@dataclass
class WireAuthBindingRef:
    """Names a binding of a realm."""

    binding: str
    realm: str
    profile: str | None = None


@dataclass
class WireBackendProfile:
    """Where a provider is reached."""

    backend_kind: str
    id: str
    provider: str
    base_url: str | None = None
    options: Any = None


@dataclass
class WireAuthProfile:
    """How a provider is authenticated."""

    auth_method: str
    id: str
    provider: str
    source_kind: str


@dataclass
class WireProviderBinding:
    """Joins a backend and an auth profile."""

    auth_profile: str
    backend_profile: str
    id: str
    allow_auth_override: bool | None = None
    default_model: str | None = None
    require_metadata_account: bool | None = None
    require_metadata_workspace: bool | None = None


@dataclass
class WireRealmConnectionSet:
    """All connections of a realm."""

    auth_profiles: dict[str, dict[str, Any]]
    backends: dict[str, dict[str, Any]]
    bindings: dict[str, dict[str, Any]]
    realm_id: str
    default_binding: str | None = None


@dataclass
class WireBindingIdentity:
    """Names a binding."""

    auth_binding: WireAuthBindingRef
    binding_id: str
    realm_id: str


@dataclass
class WireAuthProfileCreated:
    """Result of `auth/profile/create`."""

    auth_binding: WireAuthBindingRef
    auth_method: str
    binding_id: str
    profile_id: str
    provider: str
    realm_id: str
    stored: bool


@dataclass
class WireAuthProfileDetail:
    """Result of `auth/profile/get`."""

    auth_binding: WireAuthBindingRef
    auth_profile: dict[str, Any]
    binding_id: str
    profile_id: str


@dataclass
class WireAuthProfileCleared:
    """Result of `auth/profile/delete` and `auth/logout`."""

    auth_binding: WireAuthBindingRef
    binding_id: str
    cleared: bool
    profile_id: str
    realm_id: str


@dataclass
class WireLoginStart:
    """Result of `auth/login/start`."""

    authorize_url: str
    provider: str
    redirect_uri: str
    state: str


@dataclass
class WireLoginReady:
    """Result of `auth/login/complete`."""

    auth_binding: WireAuthBindingRef
    binding_id: str
    has_refresh_token: bool
    profile_id: str
    provider: str
    realm_id: str
    scopes: list[str]
    expires_at: str | None = None
    state: str | None = None


@dataclass
class WireDeviceStart:
    """Result of `auth/login/device_start`."""

    device_code: str
    expires_in: int
    interval: int
    provider: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str | None = None


@dataclass
class WireRealmSummary:
    """One realm in a list."""

    auth_profile_count: int
    backend_count: int
    binding_count: int
    realm_id: str
    default_binding: str | None = None


@dataclass
class WireRealmList:
    """Result of `realm/list`."""

    realms: list[dict[str, Any]]


@dataclass
class WireAuthProfilesList:
    """Result of `auth/profile/list`."""

    auth_profiles: list[dict[str, Any]]
    backend_profiles: list[dict[str, Any]]
    bindings: list[dict[str, Any]]
    realm_id: str


@dataclass
class WireAuthStatus:
    """The state of a credential."""

    auth_method: str
    profile_id: str
    provider: str
    state: Literal["valid", "expiring", "expired", "reauth_required", "refresh_failed", "unknown"]
    account_id: str | None = None
    expires_at: str | None = None
    last_error: dict[str, Any] | None = None
    last_refresh_at: str | None = None


@dataclass
class WireAuthStatusDetail:
    """Result of `auth/status/get`."""

    auth_binding: WireAuthBindingRef
    auth_method: str
    binding_id: str
    has_refresh_token: bool
    profile_id: str
    provider: str
    realm_id: str
    state: Literal["valid", "expiring", "expired", "reauth_required", "refresh_failed", "unknown"]
    account_id: str | None = None
    expires_at: str | None = None
    last_refresh_at: str | None = None


class WireAuthErrorMissingSecret(TypedDict):
    """The auth error `missing_secret`."""

    kind: Literal["missing_secret"]


class WireAuthErrorUnsupportedCombination(TypedDict):
    """The auth error `unsupported_combination`."""

    kind: Literal["unsupported_combination"]
    auth: str
    backend: str


class WireAuthErrorMissingRequiredMetadata(TypedDict):
    """The auth error `missing_required_metadata`."""

    kind: Literal["missing_required_metadata"]
    field: str


class WireAuthErrorWorkspaceMismatch(TypedDict):
    """The auth error `workspace_mismatch`."""

    kind: Literal["workspace_mismatch"]


class WireAuthErrorExpired(TypedDict):
    """The auth error `expired`."""

    kind: Literal["expired"]


class WireAuthErrorStaleCredential(TypedDict):
    """The auth error `stale_credential`."""

    kind: Literal["stale_credential"]


class WireAuthErrorRefreshRequired(TypedDict):
    """The auth error `refresh_required`."""

    kind: Literal["refresh_required"]


class WireAuthErrorLeaseAbsent(TypedDict):
    """The auth error `lease_absent`."""

    kind: Literal["lease_absent"]


class WireAuthErrorUserReauthRequired(TypedDict):
    """The auth error `user_reauth_required`."""

    kind: Literal["user_reauth_required"]


class WireAuthErrorRefreshFailed(TypedDict):
    """The auth error `refresh_failed`."""

    kind: Literal["refresh_failed"]
    detail: str


class WireAuthErrorInteractiveLoginRequired(TypedDict):
    """The auth error `interactive_login_required`."""

    kind: Literal["interactive_login_required"]


class WireAuthErrorHostOwnedUnavailable(TypedDict):
    """The auth error `host_owned_unavailable`."""

    kind: Literal["host_owned_unavailable"]


class WireAuthErrorIo(TypedDict):
    """The auth error `io`."""

    kind: Literal["io"]
    detail: str


class WireAuthErrorOther(TypedDict):
    """The auth error `other`."""

    kind: Literal["other"]
    detail: str


WireAuthError = (
    WireAuthErrorMissingSecret
    | WireAuthErrorUnsupportedCombination
    | WireAuthErrorMissingRequiredMetadata
    | WireAuthErrorWorkspaceMismatch
    | WireAuthErrorExpired
    | WireAuthErrorStaleCredential
    | WireAuthErrorRefreshRequired
    | WireAuthErrorLeaseAbsent
    | WireAuthErrorUserReauthRequired
    | WireAuthErrorRefreshFailed
    | WireAuthErrorInteractiveLoginRequired
    | WireAuthErrorHostOwnedUnavailable
    | WireAuthErrorIo
    | WireAuthErrorOther
)
"""Why there is no usable credential."""
