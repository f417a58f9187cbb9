"""Logins against providers that refuse, dawdle, or answer nonsense: what becomes of each method (spec 06, 6.3 to 6.7)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.auth.flows import FLOW_LIMIT
from meerkat_mock.clock import VirtualClock
from meerkat_mock.runtime import World
from tests.meerkat_mock.surfaces.test_auth import CALLBACK, LAB
from tests.meerkat_mock.talk import MODEL, Talk, talking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CODE = {"provider": "google", "realm_id": "lab", "binding_id": "code"}
CHAT = {"provider": "openai", "realm_id": "lab", "binding_id": "chat"}
WRONG_SOURCE = "OAuth target source 'env' cannot store OAuth credentials; expected source.kind = 'managed_store' or 'platform_default'"
WRONG_BACKEND = "OAuth target backend_kind 'openai_api' cannot store credential mode ChatgptOauth; expected backend_kind 'chatgpt_backend'"
FOR_EVER = 300_000_000_000


@asynccontextmanager
async def lab(clock: VirtualClock | None = None, environ: dict[str, str] | None = None, **logins: Any) -> AsyncIterator[Talk]:
    async with talking(World(clock=clock or VirtualClock(), logins=logins, environ=environ or {})) as talk:
        await talk.call("config/patch", patch={"realm": {"lab": LAB}})
        yield talk


async def poll(talk: Talk, code: str = "dev-1") -> Any:
    return await talk.call("auth/login/device_complete", device_code=code, **CODE)


async def test_a_device_login_waits_slows_down_and_is_ready_as_the_provider_says() -> None:
    async with lab(devices=[{"polls": ["authorization_pending", "slow_down"]}]) as talk:
        started = await talk.call("auth/login/device_start", **CODE)
        assert (started["device_code"], started["user_code"], started["interval"]) == ("dev-1", "CODE-1", 2)
        assert [(await poll(talk))["state"] for _ in range(3)] == ["pending", "slow_down", "ready"]
        assert (await talk.call("auth/status/get", realm_id="lab", binding_id="code"))["state"] == "valid"


@pytest.mark.parametrize(("error", "state"), [("access_denied", "access_denied"), ("expired_token", "expired")])
async def test_a_device_login_that_the_user_ends_is_forgotten(error: str, state: str) -> None:
    async with lab(devices=[{"polls": [error]}]) as talk:
        await talk.call("auth/login/device_start", **CODE)
        assert await poll(talk) == {"state": state}
        refusal = await talk.refusal("auth/login/device_complete", device_code="dev-1", **CODE)
        assert refusal.startswith("-32602 oauth device state verification failed: ")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("invalid_client", "token endpoint error: status=400 body=error=invalid_client"),
        ({"status": 503, "body": {"detail": "busy"}}, 'token endpoint error: status=503 body={"detail": "busy"}'),
        ({"status": 200, "body": {"ok": True}}, "token endpoint error: status=200 body=200 but no access_token"),
        ({"status": 200, "body": "<html>"}, "network error: decode: error decoding response body"),
        ({"status": 200, "body": {"access_token": 7}}, "network error: decode: error decoding response body"),
    ],
)
async def test_a_poll_that_fails_leaves_the_device_login_usable(answer: Any, said: str) -> None:
    async with lab(devices=[{"polls": [answer]}]) as talk:
        await talk.call("auth/login/device_start", **CODE)
        refusal = await talk.refusal("auth/login/device_complete", device_code="dev-1", **CODE)
        assert refusal == f"-32603 device-code poll failed: {said}"
        assert (await poll(talk))["state"] == "ready"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ({"status": 500, "body": "down"}, "token endpoint error: status=500 body=down"),
        ({"user_code": 5}, "network error: decode: error decoding response body"),
        ({"expires_in": -1}, "network error: decode: error decoding response body"),
        ({"verification_uri_complete": 1}, "network error: decode: error decoding response body"),
    ],
)
async def test_a_device_request_that_fails_starts_nothing(start: Any, said: str) -> None:
    async with lab(devices=[{"start": start}]) as talk:
        assert await talk.refusal("auth/login/device_start", **CODE) == f"-32603 device-code request failed: {said}"
        assert (await talk.refusal("auth/login/device_complete", device_code="dev-1", **CODE)).startswith("-32602 ")


@pytest.mark.parametrize(("before", "phase"), [(0, "ReauthRequired"), (1, "Valid")])
async def test_the_refusal_of_a_device_code_given_twice_names_the_state_of_its_login(before: int, phase: str) -> None:
    same = {"start": {"device_code": "twin"}}
    async with lab(devices=[{}] * before + [same, same]) as talk:
        for _ in range(before):
            await talk.call("auth/login/device_start", **CODE)
            assert (await poll(talk))["state"] == "ready"
        await talk.call("auth/login/device_start", **CODE)
        refusal = await talk.refusal("auth/login/device_start", **CODE)
        assert refusal.endswith(f": guard rejected transition from phase {phase} for AdmitOAuthDeviceFlow")


async def test_a_device_code_that_is_given_twice_is_refused_the_second_time() -> None:
    async with lab(devices=[{}, {"start": {"device_code": "dev-1"}}]) as talk:
        await talk.call("auth/login/device_start", **CODE)
        refusal = await talk.refusal("auth/login/device_start", **CODE)
        assert refusal.startswith("-32603 oauth device state initialization failed: oauth flow lifecycle transition rejected")


async def test_a_device_login_without_an_end_of_its_tokens_has_none_in_its_answer() -> None:
    async with lab(devices=[{"polls": [{"json": {"access_token": "a"}}]}]) as talk:
        await talk.call("auth/login/device_start", **CODE)
        ready = await poll(talk)
        assert (ready["state"], ready["has_refresh_token"], "expires_at" in ready) == ("ready", False, False)


async def test_providers_that_cannot_be_reached_are_named_with_their_address() -> None:
    async with lab(unreachable=True) as talk:
        device = await talk.refusal("auth/login/device_start", **CODE)
        assert device.startswith("-32603 device-code request failed: network error: error sending request for url (http")
        started = await talk.call("auth/login/start", redirect_uri=CALLBACK, **CHAT)
        exchange = await talk.refusal("auth/login/complete", code="c", state=started["state"], redirect_uri=CALLBACK, **CHAT)
        assert exchange.startswith("-32603 Token exchange failed: network error: error sending request for url (http")
        key = await talk.refusal("auth/login/provision_api_key", access_token="t", realm_id="lab", binding_id="console")
        assert key.startswith("-32603 provision_api_key failed: network error: error sending request for url (http")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("invalid_grant", 'token endpoint returned 400: {"error": "invalid_grant"}'),
        ({"status": 200, "body": "{}"}, "Token exchange failed: network error: decode: error decoding response body"),
        ({"status": 200, "body": "[]"}, "Token exchange failed: network error: decode: error decoding response body"),
        ({"json": {"access_token": "a", "expires_in": -1}}, "Token exchange failed: network error: decode: error decoding response body"),
        (
            {"json": {"access_token": "a", "expires_in": FOR_EVER * 1000}},
            f"token expiry is invalid: token expires_in is out of range: {FOR_EVER * 1000}",
        ),
    ],
)
async def test_a_code_is_exchanged_as_the_script_of_its_endpoint_says(answer: Any, said: str) -> None:
    async with lab(codes={"bad": answer}) as talk:
        started = await talk.call("auth/login/start", redirect_uri=CALLBACK, **CHAT)
        flow = {"state": started["state"], "redirect_uri": CALLBACK, **CHAT}
        assert await talk.refusal("auth/login/complete", code="bad", **flow) == f"-32603 {said}"
        assert (await talk.call("auth/login/complete", code="@oauth{not json", **flow))["has_refresh_token"] is True


async def test_only_so_many_logins_can_be_outstanding() -> None:
    clock = VirtualClock()
    async with lab(clock) as talk:
        for _ in range(FLOW_LIMIT):
            await talk.call("auth/login/start", redirect_uri=CALLBACK, **CHAT)
        limit = f"{FLOW_LIMIT} outstanding OAuth flows >= {FLOW_LIMIT} max"
        refusal = await talk.refusal("auth/login/start", redirect_uri=CALLBACK, **CHAT)
        assert refusal.startswith("-32603 oauth state initialization failed: ")
        assert limit in refusal
        key = {"access_token": "t", "realm_id": "lab", "binding_id": "console"}
        assert limit in await talk.refusal("auth/login/provision_api_key", **key)
        await clock.advance("10m")
        assert (await talk.call("auth/login/provision_api_key", **key))["has_api_key"] is True


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"auth": {"cg_login": {"source": {"kind": "env", "env": "X"}}}}, f"-32602 {WRONG_SOURCE}"),
        ({"backend": {"cg": {"backend_kind": "openai_api"}}}, f"-32602 {WRONG_BACKEND}"),
        ({"backend": {"x": {"provider": "zzz", "backend_kind": "y"}}}, "-32603 realm 'lab' config invalid: unknown provider name: zzz"),
    ],
)
async def test_a_login_is_refused_when_its_realm_cannot_keep_it(change: dict[str, Any], said: str) -> None:
    async with lab() as talk:
        await talk.call("config/patch", patch={"realm": {"lab": change}})
        assert await talk.refusal("auth/login/start", redirect_uri=CALLBACK, **CHAT) == said


async def test_a_login_of_an_unknown_realm_is_refused() -> None:
    async with lab() as talk:
        refusal = await talk.refusal("auth/login/start", redirect_uri=CALLBACK, **{**CHAT, "realm_id": "lob"})
        assert refusal == "-32602 realm 'lob' not found in config.realm"


SHOP: dict[str, Any] = {
    "backend": {"own": {"provider": "self_hosted", "backend_kind": "self_hosted"}},
    "auth": {
        "kept": {"provider": "self_hosted", "auth_method": "api_key", "source": {"kind": "managed_store"}},
        "env": {"provider": "self_hosted", "auth_method": "api_key", "source": {"kind": "env", "env": "FIRST", "fallback": ["SECOND"]}},
        "inline": {"provider": "self_hosted", "auth_method": "api_key", "source": {"kind": "inline_secret", "secret": "s"}},
    },
    "binding": {name: {"backend_profile": "own", "auth_profile": name} for name in ("kept", "env", "inline")},
}


async def test_a_session_is_built_on_a_binding_only_when_its_secret_is_there() -> None:
    async with lab(environ={"SECOND": "key"}) as talk:
        await talk.call("config/patch", patch={"realm": {"shop": SHOP}})

        async def build(binding: str) -> Any:
            made = {"prompt": "hi", "model": MODEL, "auth_binding": {"realm": "shop", "binding": binding}}
            return await talk.call("session/create", **made)

        for binding in ("env", "inline"):
            assert (await build(binding))["session_id"]
        missing = {"prompt": "hi", "model": MODEL, "auth_binding": {"realm": "shop", "binding": "kept"}}
        assert "missing secret for auth resolution" in await talk.refusal("session/create", **missing)
        unknown = {**missing, "auth_binding": {"realm": "nowhere", "binding": "kept"}}
        assert "realm 'nowhere' not found in config.realm" in await talk.refusal("session/create", **unknown)
        await talk.call("auth/profile/create", realm_id="shop", binding_id="kept", auth_method="api_key", secret="k")
        assert (await build("kept"))["session_id"]
