"""The login endpoints of the providers, played: what a token request, a device request and a poll come to.

Scripted by the scenario, by `MEERKAT_MOCK_OAUTH` (`{"codes": {}, "devices": [], "unreachable": bool}`), or by a code `@oauth{...}`;
unscripted, every login succeeds with tokens for an hour. Nothing is ever contacted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json, JsonObject

_MARK = "@oauth"
DEFAULT_TOKENS: JsonObject = {"access_token": "mock-access", "refresh_token": "mock-refresh", "expires_in": 3600, "token_type": "Bearer"}


class Unreachable(Exception):
    """Nothing answers at the address."""


class Undecodable(Exception):
    """An answer that is no JSON of the expected shape."""


@dataclass(frozen=True)
class HttpAnswer:
    """What an endpoint answers: status, and the body as it is."""

    status: int
    body: str

    @property
    def ok(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> JsonObject:
        """Return the body as an object. Raises `Undecodable`."""
        try:
            value = json.loads(self.body)
        except ValueError:
            raise Undecodable from None
        if not isinstance(value, dict):
            raise Undecodable
        return cast("JsonObject", value)


@dataclass(frozen=True)
class Tokens:
    """A token answer, decoded. No repr shows the tokens."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_in: int | None = None
    scopes: tuple[str, ...] = ()


def tokens_of(answer: HttpAnswer) -> Tokens:
    """Return the tokens of a 2xx answer. Raises `Undecodable` for a missing or mistyped member."""
    body = answer.json()
    access, refresh, lifetime, scope = (body.get(name) for name in ("access_token", "refresh_token", "expires_in", "scope"))
    if not isinstance(access, str) or not isinstance(refresh, (str, type(None))) or not isinstance(scope, (str, type(None))):
        raise Undecodable
    if lifetime is not None and (not isinstance(lifetime, int) or isinstance(lifetime, bool) or lifetime < 0):
        raise Undecodable
    return Tokens(access, refresh, lifetime, tuple((scope or "").split()))


def _said(value: Json) -> HttpAnswer:
    """Return what an item of a script means: an OAuth error by name, a JSON body, or a raw answer."""
    if isinstance(value, str):
        return HttpAnswer(400, json.dumps({"error": value}))
    if isinstance(value, dict) and "status" in value:
        status, body = value["status"], value.get("body", "")
        return HttpAnswer(status if isinstance(status, int) else 500, body if isinstance(body, str) else json.dumps(body))
    given = value.get("json") if isinstance(value, dict) else None
    return HttpAnswer(200, json.dumps(DEFAULT_TOKENS if given is None else given))


@dataclass
class Device:
    """One device flow at the provider: its first answer, and the polls it still answers."""

    start: HttpAnswer
    polls: list[Json]

    def poll(self) -> HttpAnswer:
        """Return the answer to the next poll; past the script the user has agreed."""
        return _said(self.polls.pop(0)) if self.polls else _said(None)


class LoginEndpoints:
    """All login endpoints of one runtime."""

    def __init__(self, script: Mapping[str, Json] | None = None) -> None:
        script = script or {}
        devices = script.get("devices")
        self._devices: list[Json] = list(devices) if isinstance(devices, list) else []
        codes = script.get("codes")
        self._codes: dict[str, Json] = dict(codes) if isinstance(codes, dict) else {}
        self._unreachable = script.get("unreachable") is True
        self._started = 0

    def exchange(self, code: str) -> HttpAnswer:
        """Answer a token request for `code`. Raises `Unreachable`."""
        self._reach()
        return _said(self._codes.get(code, _scripted(code)))

    def start_device(self) -> Device:
        """Answer a device request. Raises `Unreachable`."""
        self._reach()
        self._started += 1
        item = self._devices.pop(0) if self._devices else None
        script = item if isinstance(item, dict) else {}
        polls = script.get("polls")
        return Device(_device_start(self._started, script.get("start")), list(polls) if isinstance(polls, list) else [])

    def provision(self, access_token: str) -> HttpAnswer:
        """Answer a request for an API key. Raises `Unreachable`."""
        self._reach()
        return HttpAnswer(200, json.dumps({"api_key": "mock-api-key"}))

    def _reach(self) -> None:
        if self._unreachable:
            raise Unreachable


def _device_start(number: int, changes: Json) -> HttpAnswer:
    if isinstance(changes, dict) and "status" in changes:
        return _said(changes)
    body: JsonObject = {
        "device_code": f"dev-{number}",
        "user_code": f"CODE-{number}",
        "verification_uri": "https://example.test/device",
        "verification_uri_complete": f"https://example.test/device?user_code=CODE-{number}",
        "expires_in": 600,
        "interval": 2,
    }
    body |= changes if isinstance(changes, dict) else {}
    return HttpAnswer(200, json.dumps({name: value for name, value in body.items() if value is not None}))


def _scripted(code: str) -> Json:
    """Return what a code says about its answer, None for an ordinary code."""
    at = code.find(_MARK)
    if at < 0:
        return None
    try:
        value: Json = json.JSONDecoder().raw_decode(code[at + len(_MARK) :])[0]
    except ValueError:
        return None
    return value
