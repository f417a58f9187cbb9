"""The login providers: the names they go by, what a target of theirs must be, and where a browser is sent (spec 06, 6.1, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class LoginProvider:
    """One identity that several aliases may name."""

    alias: str
    """The canonical alias: the path element under a fixture's base address."""
    provider: str
    auth_method: str
    backend_kind: str
    mode: str
    authorize: str
    token: str
    scopes: str
    extra: tuple[tuple[str, str], ...] = ()
    device: str | None = None
    """Address of the device endpoint; None: no device flow."""

    def authorize_url(self, endpoint: str, *, redirect_uri: str, challenge: str, state: str) -> str:
        """Return the address a browser opens, members in the server's order, values percent-encoded."""
        members = (
            ("response_type", "code"),
            ("client_id", f"meerkat-mock-{self.alias}"),
            ("redirect_uri", redirect_uri),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
            ("state", state),
            ("scope", self.scopes),
            *self.extra,
        )
        return f"{endpoint}?" + "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in members)


CLAUDE = LoginProvider(
    "anthropic",
    "anthropic",
    "claude_ai_oauth",
    "anthropic_api",
    "ClaudeAiOauth",
    "https://claude.com/cai/oauth/authorize",
    "https://platform.claude.com/v1/oauth/token",
    "org:create_api_key user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload",
    (("code", "true"),),
)
CONSOLE = LoginProvider(
    "anthropic_console_api_key",
    "anthropic",
    "oauth_to_api_key",
    "anthropic_api",
    "OauthToApiKey",
    "https://platform.claude.com/oauth/authorize",
    "https://platform.claude.com/v1/oauth/token",
    "org:create_api_key user:profile",
)
CHATGPT = LoginProvider(
    "openai",
    "openai",
    "managed_chatgpt_oauth",
    "chatgpt_backend",
    "ChatgptOauth",
    "https://auth.openai.com/oauth/authorize",
    "https://auth.openai.com/oauth/token",
    "openid profile email offline_access api.connectors.read api.connectors.invoke",
    (("id_token_add_organizations", "true"), ("codex_cli_simplified_flow", "true"), ("originator", "codex_cli_rs")),
)
_GOOGLE_SCOPE = "https://www.googleapis.com/auth/"
GOOGLE = LoginProvider(
    "google",
    "gemini",
    "google_oauth",
    "google_code_assist",
    "GoogleOauth",
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://oauth2.googleapis.com/token",
    f"{_GOOGLE_SCOPE}cloud-platform {_GOOGLE_SCOPE}userinfo.email {_GOOGLE_SCOPE}userinfo.profile",
    device="https://oauth2.googleapis.com/device/code",
)
PROVISION_URL = "https://api.anthropic.com/api/oauth/claude_cli/create_api_key"

_ALIASES: Mapping[str, LoginProvider] = {
    "anthropic": CLAUDE,
    "claude": CLAUDE,
    "claude.ai": CLAUDE,
    "anthropic_console_api_key": CONSOLE,
    "openai": CHATGPT,
    "chatgpt": CHATGPT,
    "google": GOOGLE,
    "gemini": GOOGLE,
    "code_assist": GOOGLE,
}
OAUTH_METHODS = frozenset({"managed_chatgpt_oauth", "external_chatgpt_tokens", "claude_ai_oauth", "oauth_to_api_key", "google_oauth"})
"""Methods whose status needs a stored token (spec 06, section 7)."""


def by_alias(alias: str) -> LoginProvider | None:
    """Return the provider of an alias, compared with case; None for an unknown one."""
    return _ALIASES.get(alias)


class Endpoints:
    """Where requests would go: the providers' own addresses, or a fixture named by the environment (spec 06, section 9)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        overridden = environ.get("MEERKAT_TEST_OAUTH_ENDPOINT_OVERRIDE") == "1"
        self._base = environ.get("MEERKAT_TEST_OAUTH_BASE_URL") if overridden else None

    def authorize(self, provider: LoginProvider) -> str:
        """Return the authorize address."""
        return f"{self._base}/{provider.alias}/authorize" if self._base else provider.authorize

    def token(self, provider: LoginProvider) -> str:
        """Return the token address."""
        return f"{self._base}/{provider.alias}/token" if self._base else provider.token

    def device(self, provider: LoginProvider) -> str:
        """Return the device address."""
        return f"{self._base}/{provider.alias}/device/code" if self._base else str(provider.device)
