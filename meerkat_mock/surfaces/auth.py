"""Realms, profiles, logins and status: `realm/*` and `auth/*` (spec 06).

No provider is contacted: what the login endpoints answer is played by `world.oauth`.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from meerkat_mock.auth.flows import BROWSER_SECONDS, BrowserFlow, DeviceFlow, Flows, Rejected
from meerkat_mock.auth.keyring import Keyring
from meerkat_mock.auth.providers import CONSOLE, PROVISION_URL, Endpoints, LoginProvider, by_alias
from meerkat_mock.auth.realms import PROVIDERS, BadSlug, Binding, Identity, Realms, SectionFault, UnknownName, check_slug, shown_profile
from meerkat_mock.clock import rfc3339
from meerkat_mock.surfaces.registry import Fault, handles
from meerkat_mock.world.oauth import HttpAnswer, LoginEndpoints, Tokens, Undecodable, Unreachable, tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.auth import (
        BindingIdParams,
        CreateProfileParams,
        DeviceCompleteParams,
        DeviceStartParams,
        LoginCompleteParams,
        LoginStartParams,
        ProvisionApiKeyParams,
        RealmIdParams,
    )
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.auth.realms import Section
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.surfaces.config import Config

INVALID, INTERNAL = -32602, -32603
_STORABLE_METHODS = ("api_key", "static_bearer")
_DEVICE_STATES = {
    "authorization_pending": "pending",
    "slow_down": "slow_down",
    "access_denied": "access_denied",
    "expired_token": "expired",
}
_LAST_MOMENT = 253_402_300_799
"""The last second of the year 9999. Assumption: a lifetime that leads beyond it is out of range (the server's own limit is later)."""


class Auth:
    """Credential realms of one runtime."""

    def __init__(self, runtime: Runtime, config: Config) -> None:
        self.realms = Realms(lambda: config.current)
        self.keyring = Keyring()
        self.flows = Flows()
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._environ = runtime.world.environ
        self._endpoints = Endpoints(runtime.world.environ)
        declared = runtime.scenario.auth if runtime.scenario is not None else None
        script = declared.to_data() if declared is not None and declared.model_fields_set else {}
        self._logins = LoginEndpoints(runtime.world.logins or script)
        for name, secret in declared.keys.items() if declared is not None else ():
            self._hold_key(name, secret)

    def _hold_key(self, name: str, secret: str) -> None:
        """Keep a key that the scenario says is stored already. Raises `ValueError` naming what is not in its `realms`."""
        realm_id, _, binding_id = name.partition("/")
        try:
            self.keyring.store_key(self._binding({"realm_id": realm_id, "binding_id": binding_id}), secret, self._clock.now())
        except Fault as fault:
            raise ValueError(f"the scenario's auth.keys names {name!r} (REALM/BINDING), but: {fault}") from fault

    # ---- realms ----------------------------------------------------------------------------------------------------------------------

    @handles("realm/list")
    def list_realms(self, params: JsonObject) -> JsonObject:
        """List the realms of the configuration; their sections are not validated here (4.1)."""
        return {"realms": [section.summary() for section in self.realms.all()]}

    @handles("realm/get")
    def get_realm(self, params: RealmIdParams) -> JsonObject:
        """Show one realm without its secrets (4.2)."""
        section = self._section(params["realm_id"])
        shown: JsonObject = {
            "auth_profiles": dict(section.shown_profiles()),
            "backends": dict(section.shown_backends()),
            "bindings": dict(section.shown_bindings()),
            "realm_id": section.realm_id,
        }
        return shown if section.default_binding is None else shown | {"default_binding": section.default_binding}

    @handles("auth/profile/list")
    def list_profiles(self, params: RealmIdParams) -> JsonObject:
        """Show the parts of one realm as lists (5.1)."""
        section = self._section(params["realm_id"])
        return {
            "realm_id": section.realm_id,
            "auth_profiles": list(section.shown_profiles().values()),
            "backend_profiles": list(section.shown_backends().values()),
            "bindings": list(section.shown_bindings().values()),
        }

    def _section(self, realm_id: str) -> Section:
        section = self.realms.get(realm_id)
        if section is None:
            raise Fault(INVALID, f"Unknown realm: {realm_id}")
        try:
            section.validate()
        except SectionFault as fault:
            raise Fault(INTERNAL, f"Realm config invalid: {fault}") from fault
        return section

    # ---- profiles --------------------------------------------------------------------------------------------------------------------

    @handles("auth/profile/get")
    def get_profile(self, params: BindingIdParams) -> JsonObject:
        """Show the effective profile of a binding (5.2)."""
        binding = self._binding(params)
        return {
            "auth_binding": binding.identity.wire(),
            "auth_profile": shown_profile(binding.profile_id, binding.profile),
            "binding_id": binding.identity.binding,
            "profile_id": binding.profile_id,
        }

    @handles("auth/profile/create")
    def create_profile(self, params: CreateProfileParams) -> JsonObject:
        """Store a secret for a binding (5.3)."""
        method = params["auth_method"]
        if method not in _STORABLE_METHODS:
            raise Fault(
                INVALID,
                f"auth_method '{method}' cannot be created via RPC. OAuth methods use auth/login/start + auth/login/complete; "
                "managed_store and external_resolver are configured via TOML.",
            )
        binding = self._binding(params)
        name = binding.identity.binding
        if binding.auth_method != method:
            raise Fault(INVALID, f"binding {name} resolves auth_method '{binding.auth_method}' not '{method}'")
        if binding.source_kind != "managed_store":
            raise Fault(
                INVALID,
                f"binding {name} resolves auth profile '{binding.profile_id}' with source '{binding.source_kind}'; "
                "auth/profile/create can only persist credentials for source.kind = 'managed_store'",
            )
        self.keyring.store_key(binding, params["secret"], self._clock.now())
        return self._identified(binding) | {"provider": binding.provider, "auth_method": method, "stored": True}

    @handles("auth/profile/delete")
    def delete_profile(self, params: BindingIdParams) -> JsonObject:
        """Forget what is stored for a binding, and its logins under way; the profile stays in the configuration (5.4)."""
        binding = self._binding(params)
        self.keyring.clear(binding.identity)
        self.flows.drop(binding.identity)
        return self._identified(binding) | {"cleared": True}

    @handles("auth/logout")
    def logout(self, params: BindingIdParams) -> JsonObject:
        """Do what `auth/profile/delete` does; nothing is revoked at the provider (5.5)."""
        return self.delete_profile(params)

    @handles("auth/status/get")
    def status(self, params: BindingIdParams) -> JsonObject:
        """Say how the credentials of a binding stand in this process (7)."""
        return self.keyring.status(self._binding(params), self._clock.now())

    def _binding(self, params: BindingIdParams | CreateProfileParams) -> Binding:
        """Look an identity up the way the profile methods do. Raises `Fault` with the texts of section 5."""
        realm_id, binding_id, profile_id = params["realm_id"], params["binding_id"], params.get("profile_id")
        section = self._section(realm_id)
        for what, slug in ((f"realm id {realm_id}", realm_id), (f"binding id {binding_id}", binding_id), ("profile id", profile_id)):
            try:
                if slug is not None:
                    check_slug(slug)
            except BadSlug as error:
                raise Fault(INVALID, f"Invalid {what}: {error}") from error
        try:
            return section.binding(binding_id, profile_id)
        except UnknownName as error:
            raise Fault(INVALID, f"Unknown auth identity {realm_id}:{binding_id}: {error}") from error

    @staticmethod
    def _identified(binding: Binding) -> JsonObject:
        identity = binding.identity
        return {
            "realm_id": identity.realm,
            "binding_id": identity.binding,
            "auth_binding": identity.wire(),
            "profile_id": binding.profile_id,
        }

    # ---- browser logins --------------------------------------------------------------------------------------------------------------

    @handles("auth/login/start")
    def start_login(self, params: LoginStartParams) -> JsonObject:
        """Begin a browser login; its state lives ten minutes (6.3)."""
        provider = _provider(params["provider"])
        binding = self._target(provider, params["realm_id"], params["binding_id"], params.get("profile_id"))
        now, state, redirect_uri = self._clock.now(), f"st-{self._ids.token()}", params["redirect_uri"]
        try:
            self.flows.start_browser(BrowserFlow(state, binding.identity, provider, redirect_uri, now + BROWSER_SECONDS), now)
        except Rejected as error:
            raise Fault(INTERNAL, f"oauth state initialization failed: {error}") from error
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._ids.token().encode()).digest()).rstrip(b"=").decode()
        url = provider.authorize_url(self._endpoints.authorize(provider), redirect_uri=redirect_uri, challenge=challenge, state=state)
        return {"authorize_url": url, "state": state, "redirect_uri": redirect_uri, "provider": params["provider"]}

    @handles("auth/login/complete")
    def complete_login(self, params: LoginCompleteParams) -> JsonObject:
        """Exchange the code of a browser login; only success consumes its state (6.4)."""
        provider = _provider(params["provider"])
        binding = self._target(provider, params["realm_id"], params["binding_id"], params.get("profile_id"))
        now = self._clock.now()
        try:
            phase = self._phase(binding.identity)
            flow = self.flows.browser(params["state"], binding.identity, provider, params["redirect_uri"], phase=phase, now=now)
        except Rejected as error:
            raise Fault(INVALID, f"oauth state verification failed: {error}") from error
        tokens = self._exchanged(provider, params["code"])
        self.flows.consume(flow)
        expires_at = self.keyring.store_tokens(binding, tokens, now)
        return self._ready(binding, params["provider"], tokens) | {"expires_at": None if expires_at is None else _login_time(expires_at)}

    def _exchanged(self, provider: LoginProvider, code: str) -> Tokens:
        try:
            answer = self._logins.exchange(code)
            if not answer.ok:
                raise Fault(INTERNAL, f"token endpoint returned {answer.status}: {answer.body}")
            tokens = tokens_of(answer)
        except Unreachable as error:
            url = self._endpoints.token(provider)
            raise Fault(INTERNAL, f"Token exchange failed: network error: error sending request for url ({url})") from error
        except Undecodable as error:
            raise Fault(INTERNAL, "Token exchange failed: network error: decode: error decoding response body") from error
        self._check_lifetime(tokens)
        return tokens

    def _check_lifetime(self, tokens: Tokens) -> None:
        if tokens.expires_in is not None and self._clock.now() + tokens.expires_in > _LAST_MOMENT:
            raise Fault(INTERNAL, f"token expiry is invalid: token expires_in is out of range: {tokens.expires_in}")

    def _ready(self, binding: Binding, alias: str, tokens: Tokens) -> JsonObject:
        return {
            **self._identified(binding),
            "provider": alias,
            "has_refresh_token": tokens.refresh_token is not None,
            "scopes": [*tokens.scopes],
        }

    def _phase(self, identity: Identity) -> str | None:
        """Return the login state of an identity: `Valid` when it holds a credential, None when there is none at all."""
        return "Valid" if self.keyring.leased(identity) else None

    # ---- device logins ---------------------------------------------------------------------------------------------------------------

    @handles("auth/login/device_start")
    def start_device(self, params: DeviceStartParams) -> JsonObject:
        """Begin a device login (6.5)."""
        provider = _device_provider(params["provider"])
        binding = self._target(provider, params["realm_id"], params["binding_id"], params.get("profile_id"))
        try:
            device = self._logins.start_device()
            answer = device.start
            if not answer.ok:
                raise Fault(INTERNAL, f"device-code request failed: token endpoint error: status={answer.status} body={answer.body}")
            started = _device_answer(answer)
        except Unreachable as error:
            url = self._endpoints.device(provider)
            raise Fault(INTERNAL, f"device-code request failed: network error: error sending request for url ({url})") from error
        except Undecodable as error:
            raise Fault(INTERNAL, "device-code request failed: network error: decode: error decoding response body") from error
        now, code = self._clock.now(), str(started["device_code"])
        lifetime = started["expires_in"]
        flow = DeviceFlow(code, binding.identity, provider, device, now + (lifetime if isinstance(lifetime, int) else 0))
        try:
            self.flows.start_device(flow, phase=self._phase(binding.identity), now=now)
        except Rejected as error:
            raise Fault(INTERNAL, f"oauth device state initialization failed: {error}") from error
        return started | {"provider": params["provider"]}

    @handles("auth/login/device_complete")
    def complete_device(self, params: DeviceCompleteParams) -> JsonObject:
        """Poll a device login once (6.6)."""
        provider = _device_provider(params["provider"])
        binding = self._target(provider, params["realm_id"], params["binding_id"], params.get("profile_id"))
        now = self._clock.now()
        try:
            phase = self._phase(binding.identity)
            flow = self.flows.device(params["device_code"], binding.identity, provider, phase=phase, now=now)
        except Rejected as error:
            raise Fault(INVALID, f"oauth device state verification failed: {error}") from error
        polled = self._polled(flow)
        if isinstance(polled, str):
            if polled in ("access_denied", "expired"):
                self.flows.consume(flow)
            return {"state": polled}
        self._check_lifetime(polled)
        self.flows.consume(flow)
        expires_at = self.keyring.store_tokens(binding, polled, now)
        ready = {"state": "ready", **self._ready(binding, params["provider"], polled)}
        return ready if expires_at is None else ready | {"expires_at": _login_time(expires_at)}

    def _polled(self, flow: DeviceFlow) -> Tokens | str:
        """Return the tokens of a poll, or the state it leaves the flow in. Raises `Fault`; the flow stays usable then."""
        try:
            answer = flow.device.poll()
            body = answer.json()
            error = body.get("error")
            if not answer.ok and isinstance(error, str):
                if error in _DEVICE_STATES:
                    return _DEVICE_STATES[error]
                raise Fault(INTERNAL, f"device-code poll failed: token endpoint error: status={answer.status} body=error={error}")
            if not answer.ok or "access_token" not in body:
                why = f"{answer.status} but no access_token" if answer.ok else answer.body
                raise Fault(INTERNAL, f"device-code poll failed: token endpoint error: status={answer.status} body={why}")
            return tokens_of(answer)
        except Undecodable as error_:
            raise Fault(INTERNAL, "device-code poll failed: network error: decode: error decoding response body") from error_

    # ---- provisioning ----------------------------------------------------------------------------------------------------------------

    @handles("auth/login/provision_api_key")
    def provision(self, params: ProvisionApiKeyParams) -> JsonObject:
        """Have the Anthropic console make an API key, and keep it (6.7)."""
        realm_id, binding_id = params.get("realm_id"), params.get("binding_id")
        for name, value in (("realm_id", realm_id), ("binding_id", binding_id)):
            if value is None:
                raise Fault(INVALID, f"{name} is required for OAuth login completion")
        binding = self._target(CONSOLE, str(realm_id), str(binding_id), params.get("profile_id"))
        try:
            self.flows.admit("admit_oauth_browser_flow", self._clock.now())
        except Rejected as error:
            raise Fault(INTERNAL, f"oauth provision lifecycle admission failed: {error}") from error
        self.keyring.store_key(binding, self._provisioned(params["access_token"]), self._clock.now())
        return {
            **self._identified(binding),
            "provider": "anthropic",
            "auth_mode": "oauth_to_api_key",
            "has_api_key": True,
            "scopes": [*CONSOLE.scopes.split()],
        }

    def _provisioned(self, access_token: str) -> str:
        try:
            answer = self._logins.provision(access_token)
        except Unreachable as error:
            text = f"provision_api_key failed: network error: error sending request for url ({PROVISION_URL})"
            raise Fault(INTERNAL, text) from error
        if not answer.ok:
            text = f"provision_api_key failed: api-key provisioning failed: status={answer.status} body={answer.body}"
            raise Fault(INTERNAL, text)
        key = answer.json().get("api_key")
        if not isinstance(key, str):
            raise Fault(INTERNAL, "provision_api_key failed: api-key provisioning failed: response missing api_key field")
        return key

    # ---- targets and sessions --------------------------------------------------------------------------------------------------------

    def _target(self, provider: LoginProvider, realm_id: str, binding_id: str, profile_id: str | None) -> Binding:
        """Look an identity up the way the login methods do and check that it can hold such a login (6.2)."""
        try:
            for slug in (realm_id, binding_id, profile_id):
                if slug is not None:
                    check_slug(slug)
            binding = self.resolve(Identity(realm_id, binding_id, profile_id), provider.provider)
        except (BadSlug, UnknownName) as error:
            raise Fault(INVALID, str(error)) from error
        except SectionFault as error:
            raise Fault(INTERNAL, str(error)) from error
        if binding.auth_method != provider.auth_method:
            text = f"OAuth target auth_method '{binding.auth_method}' cannot store credential mode {provider.mode}"
            raise Fault(INVALID, text)
        if binding.source_kind not in ("managed_store", "platform_default"):
            raise Fault(
                INVALID,
                f"OAuth target source '{binding.source_kind}' cannot store OAuth credentials; "
                "expected source.kind = 'managed_store' or 'platform_default'",
            )
        kind = binding.backend.get("backend_kind")
        if kind != provider.backend_kind:
            raise Fault(
                INVALID,
                f"OAuth target backend_kind '{kind}' cannot store credential mode {provider.mode}; "
                f"expected backend_kind '{provider.backend_kind}'",
            )
        return binding

    def resolve(self, identity: Identity, provider: str) -> Binding:
        """Return the binding of an identity for a provider. Raises `UnknownName` or `SectionFault` with the texts of 3.5."""
        section = self.realms.get(identity.realm)
        if section is None:
            raise UnknownName(f"realm '{identity.realm}' not found in config.realm")
        try:
            section.validate()
        except SectionFault as fault:
            raise SectionFault(f"realm '{identity.realm}' config invalid: {fault}") from fault
        name = f"{identity.realm}:{identity.binding}"
        try:
            binding = section.binding(identity.binding, identity.profile)
        except UnknownName as error:
            raise UnknownName(f"binding '{name}' is invalid: {error}") from error
        backend, profile = (PROVIDERS[str(each["provider"])] for each in (binding.backend, binding.profile))
        if {backend, profile} != {PROVIDERS.get(provider, provider)}:
            wanted = PROVIDERS.get(provider, provider)
            raise UnknownName(f"binding '{name}' resolves backend={backend} auth={profile}, expected provider {wanted}")
        return binding

    def build_failure(self, auth_binding: Mapping[str, Json], provider: str) -> str | None:
        """Try to build a session's client on an explicit binding: publish its lease, or return why it fails (3.5)."""
        profile = auth_binding.get("profile")
        identity = Identity(str(auth_binding["realm"]), str(auth_binding["binding"]), profile if isinstance(profile, str) else None)
        try:
            binding = self.resolve(identity, provider)
        except (UnknownName, SectionFault) as error:
            return str(error)
        if not self._has_secret(binding):
            return "auth error: missing secret for auth resolution"
        self.keyring.publish(identity)
        return None

    def use_default(self, storage_realm: str) -> None:
        """Publish the lease of the binding that a session without one is built on (3.5); an implicit one never fails a session here.

        The first realm with a `default_binding` decides, of those named like the storage realm and `default`. Assumption: that holds for
        models of the catalogue, too, as a mock plays them without keys.
        """
        for name in (storage_realm, "default"):
            section = self.realms.get(name)
            if section is None or section.default_binding is None:
                continue
            try:
                section.validate()
                binding = section.binding(section.default_binding, None)
            except (UnknownName, SectionFault):
                return
            if self._has_secret(binding):
                self.keyring.publish(Identity(name, section.default_binding, None))
            return

    def _has_secret(self, binding: Binding) -> bool:
        source, kind = binding.source, binding.source_kind
        if kind == "managed_store":
            return self.keyring.holds(binding.identity)
        if kind == "env":
            fallback = source.get("fallback")
            names = [source.get("env"), *(fallback if isinstance(fallback, list) else [])]
            return any(isinstance(name, str) and name in self._environ for name in names)
        return True  # assumption: inline secrets are there, and resolvers, commands and descriptors of a mock always deliver


def _provider(alias: str) -> LoginProvider:
    provider = by_alias(alias)
    if provider is None:
        raise Fault(INVALID, f"Unknown provider '{alias}'. Supported: anthropic, openai, google.")
    return provider


def _device_provider(alias: str) -> LoginProvider:
    provider = _provider(alias)
    if provider.device is None:
        raise Fault(INVALID, f"provider '{alias}' does not support the device-code flow")
    return provider


def _device_answer(answer: HttpAnswer) -> JsonObject:
    """Return the result of a device start, without the provider's echo. Raises `Undecodable` for a missing or mistyped member."""
    body = answer.json()
    texts = [body.get(name) for name in ("device_code", "user_code", "verification_uri")]
    complete, lifetime, interval = body.get("verification_uri_complete"), body.get("expires_in"), body.get("interval", 5)
    if not all(isinstance(text, str) for text in texts) or not isinstance(complete, (str, type(None))):
        raise Undecodable
    if not isinstance(lifetime, int) or not isinstance(interval, int) or lifetime < 0 or interval < 0:
        raise Undecodable
    return {
        "device_code": texts[0],
        "user_code": texts[1],
        "verification_uri": texts[2],
        "verification_uri_complete": complete,
        "expires_in": lifetime,
        "interval": interval,
    }


def _login_time(moment: float) -> str:
    """Return the end of a lease as login results show it: nine digits below the second (spec 06, section 1)."""
    return rfc3339(moment).replace("+00:00", "000+00:00")
