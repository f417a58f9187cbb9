"""Realms, profiles, logins and status, asked through the SDK: what a client sees of each (spec 06)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat.errors import MeerkatError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meerkat import MeerkatClient
    from meerkat_mock.mock import MeerkatMock

LAB: dict[str, Any] = {
    "backend": {
        "cg": {"provider": "openai", "backend_kind": "chatgpt_backend"},
        "oa": {"provider": "openai", "backend_kind": "openai_api"},
        "gg": {"provider": "gemini", "backend_kind": "google_code_assist"},
        "an": {"provider": "anthropic", "backend_kind": "anthropic_api"},
    },
    "auth": {
        "cg_login": {"provider": "openai", "auth_method": "managed_chatgpt_oauth", "source": {"kind": "managed_store"}},
        "oa_key": {"provider": "openai", "auth_method": "api_key", "source": {"kind": "managed_store"}},
        "oa_env": {"provider": "openai", "auth_method": "api_key", "source": {"kind": "env", "env": "NO_SUCH"}},
        "gg_login": {"provider": "gemini", "auth_method": "google_oauth", "source": {"kind": "managed_store"}},
        "an_console": {"provider": "anthropic", "auth_method": "oauth_to_api_key", "source": {"kind": "managed_store"}},
    },
    "binding": {
        "chat": {"backend_profile": "cg", "auth_profile": "cg_login"},
        "api": {"backend_profile": "oa", "auth_profile": "oa_key", "default_model": "gpt-5.4"},
        "env": {"backend_profile": "oa", "auth_profile": "oa_env"},
        "code": {"backend_profile": "gg", "auth_profile": "gg_login"},
        "console": {"backend_profile": "an", "auth_profile": "an_console"},
    },
    "default_binding": "api",
}
CALLBACK = "http://localhost/callback"


@pytest.fixture
async def client(meerkat_mock: MeerkatMock) -> AsyncIterator[MeerkatClient]:
    async with meerkat_mock.client() as client:
        await client.patch_config({"realm": {"lab": LAB}})
        yield client


async def ask(client: MeerkatClient, method: str, **params: Any) -> Any:
    return await client._request(method, params)


async def refused(client: MeerkatClient, method: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(MeerkatError) as failure:
        await ask(client, method, **params)
    return failure.value.code, str(failure.value)


async def test_realms_are_listed_and_shown_without_secrets(client: MeerkatClient) -> None:
    assert [realm["realm_id"] for realm in await client.list_realms()] == ["lab"]
    realm = await client.get_realm("lab")
    assert realm["auth_profiles"]["oa_key"] == {
        "id": "oa_key",
        "provider": "openai",
        "auth_method": "api_key",
        "source_kind": "managed_store",
    }
    assert realm["default_binding"] == "api"
    assert {each["id"] for each in (await client.list_auth_profiles("lab"))["bindings"]} == set(LAB["binding"])


async def test_an_unknown_realm_is_named(client: MeerkatClient) -> None:
    assert await refused(client, "realm/get", realm_id="lob") == ("-32602", "Unknown realm: lob")
    assert await refused(client, "auth/profile/list", realm_id="lob") == ("-32602", "Unknown realm: lob")


async def test_a_section_is_validated_when_it_is_used_not_when_it_is_stored(client: MeerkatClient) -> None:
    await client.patch_config({"realm": {"bad": {"backend": {"x": {"provider": "google", "backend_kind": "y"}}}}})
    assert await refused(client, "realm/get", realm_id="bad") == ("-32603", "Realm config invalid: unknown provider name: google")


async def test_a_stored_key_makes_its_binding_valid_until_logout(client: MeerkatClient, meerkat_mock: MeerkatMock) -> None:
    assert (await client.auth_status("lab", "api"))["state"] == "unknown"
    created = await client.create_auth_profile(
        {"realm_id": "lab", "binding_id": "api", "auth_method": "api_key", "secret": "sk-very-secret"}
    )
    assert created["stored"] is True
    status = await client.auth_status("lab", "api")
    assert (status["state"], status["has_refresh_token"]) == ("valid", False)
    await client.auth_logout("lab", "api")
    assert (await client.auth_status("lab", "api"))["state"] == "unknown"
    assert not any(b"sk-very-secret" in line.data for line in meerkat_mock.journal)


async def test_the_status_of_a_profile_override_is_its_own(client: MeerkatClient) -> None:
    await ask(client, "auth/profile/create", realm_id="lab", binding_id="env", profile_id="oa_key", auth_method="api_key", secret="s")
    assert (await client.auth_status("lab", "env", "oa_key"))["state"] == "valid"
    assert (await client.auth_status("lab", "env"))["state"] == "unknown"
    assert (await client.get_auth_profile("lab", "env", "oa_key"))["profile_id"] == "oa_key"
    await client.delete_auth_profile("lab", "env", "oa_key")
    assert (await client.auth_status("lab", "env", "oa_key"))["state"] == "unknown"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"binding_id": "api", "auth_method": "managed_chatgpt_oauth"}, "cannot be created via RPC"),
        ({"binding_id": "nope", "auth_method": "api_key"}, "Unknown auth identity lab:nope: unknown binding: nope"),
        ({"binding_id": "b d", "auth_method": "api_key"}, "Invalid binding id b d: identity slug contains invalid character ' '"),
        ({"binding_id": "chat", "auth_method": "api_key"}, "binding chat resolves auth_method 'managed_chatgpt_oauth' not 'api_key'"),
        ({"binding_id": "env", "auth_method": "api_key"}, "with source 'env'"),
    ],
)
async def test_keys_are_refused_where_they_cannot_be_kept(client: MeerkatClient, params: dict[str, str], message: str) -> None:
    code, text = await refused(client, "auth/profile/create", realm_id="lab", secret="s", **params)
    assert code == "-32602"
    assert message in text


async def begin(client: MeerkatClient) -> str:
    started = await ask(client, "auth/login/start", provider="openai", redirect_uri=CALLBACK, realm_id="lab", binding_id="chat")
    assert f"state={started['state']}" in started["authorize_url"]
    return str(started["state"])


async def complete(client: MeerkatClient, state: str, code: str = "code", redirect_uri: str = CALLBACK) -> dict[str, Any]:
    return await client.auth_login_complete("openai", code, state, realm_id="lab", binding_id="chat", redirect_uri=redirect_uri)


async def test_a_browser_login_ends_with_a_status_that_expires_by_the_clock(client: MeerkatClient, meerkat_mock: MeerkatMock) -> None:
    ready = await complete(client, await begin(client))
    assert (ready["has_refresh_token"], ready["profile_id"]) == (True, "cg_login")
    states = [(await client.auth_status("lab", "chat"))["state"]]
    for step in ("3541s", "60s"):
        await meerkat_mock.clock.advance(step)  # type: ignore[attr-defined]  # the fixture's clock is virtual
        states.append((await client.auth_status("lab", "chat"))["state"])
    assert states == ["valid", "expiring", "expired"]


async def test_a_failed_exchange_leaves_the_state_usable_and_success_consumes_it(client: MeerkatClient) -> None:
    state = await begin(client)
    with pytest.raises(MeerkatError, match="token endpoint returned 400"):
        await complete(client, state, '@oauth{"status": 400, "body": "no"}')
    await complete(client, state)
    with pytest.raises(MeerkatError, match="oauth state verification failed"):
        await complete(client, state)


async def test_a_state_fits_only_its_own_redirect_and_lives_ten_minutes(client: MeerkatClient, meerkat_mock: MeerkatMock) -> None:
    state = await begin(client)
    with pytest.raises(MeerkatError, match="phase ReauthRequired"):
        await complete(client, state, redirect_uri="http://elsewhere")
    await meerkat_mock.clock.advance("10m")  # type: ignore[attr-defined]  # the fixture's clock is virtual
    with pytest.raises(MeerkatError, match="no auth machine registered for lease_key `lab:chat`"):
        await complete(client, state)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"provider": "zzz", "binding_id": "chat"}, "Unknown provider 'zzz'. Supported: anthropic, openai, google."),
        ({"provider": "openai", "binding_id": "api"}, "OAuth target auth_method 'api_key' cannot store credential mode ChatgptOauth"),
        ({"provider": "google", "binding_id": "chat"}, "binding 'lab:chat' resolves backend=OpenAI auth=OpenAI, expected provider Gemini"),
        ({"provider": "openai", "binding_id": ""}, "identity slug is empty"),
        ({"provider": "openai", "binding_id": "zz"}, "binding 'lab:zz' is invalid: unknown binding: zz"),
    ],
)
async def test_a_login_is_refused_where_its_tokens_cannot_be_kept(client: MeerkatClient, params: dict[str, str], message: str) -> None:
    assert await refused(client, "auth/login/start", redirect_uri="", realm_id="lab", **params) == ("-32602", message)


async def device(client: MeerkatClient, code: str) -> dict[str, Any]:
    return await client.auth_login_device_complete("google", code, realm_id="lab", binding_id="code")


async def test_a_device_login_is_ready_at_once_unless_scripted(client: MeerkatClient) -> None:
    started = await ask(client, "auth/login/device_start", provider="google", realm_id="lab", binding_id="code")
    assert (await device(client, started["device_code"]))["state"] == "ready"
    with pytest.raises(MeerkatError, match="oauth device state verification failed"):
        await device(client, started["device_code"])


async def test_only_google_has_a_device_flow(client: MeerkatClient) -> None:
    code, text = await refused(client, "auth/login/device_start", provider="openai", realm_id="lab", binding_id="chat")
    assert (code, text) == ("-32602", "provider 'openai' does not support the device-code flow")


async def test_a_console_key_is_provisioned_and_its_token_kept_out_of_the_journal(client: MeerkatClient, meerkat_mock: MeerkatMock) -> None:
    result = await client.auth_provision_api_key("very-secret-token", realm_id="lab", binding_id="console")
    assert result["has_api_key"] is True
    assert not any(b"very-secret-token" in line.data for line in meerkat_mock.journal)


async def test_provisioning_asks_for_the_realm_first(client: MeerkatClient) -> None:
    assert await refused(client, "auth/login/provision_api_key", access_token="t") == (
        "-32602",
        "realm_id is required for OAuth login completion",
    )


@pytest.mark.parametrize(("default", "state"), [("inline", "valid"), ("env", "unknown"), ("nowhere", "unknown")])
async def test_a_session_without_a_binding_uses_the_default_one(client: MeerkatClient, default: str, state: str) -> None:
    auth = {**LAB["auth"], "in": {"provider": "openai", "auth_method": "api_key", "source": {"kind": "inline_secret", "secret": "s"}}}
    binding = {**LAB["binding"], "inline": {"backend_profile": "oa", "auth_profile": "in"}}
    home = {**LAB, "auth": auth, "binding": binding, "default_binding": default}
    await client.patch_config({"realm": {"default": home}})
    shown = "env" if default == "nowhere" else default
    before = await ask(client, "auth/status/get", realm_id="default", binding_id=shown)
    await client.create_session("hello")
    after = await ask(client, "auth/status/get", realm_id="default", binding_id=shown)
    assert (before["state"] == "valid", after["state"] == "valid") == (False, state == "valid")
