"""Where an application's own words would lead a real server, and how they are kept at the endpoint.

An application may configure servers of models itself. In the mock that changes nothing, the scenario answers anyway; a real server would
ask the address, and the test would talk to somebody else's model, or to none. So every `base_url` that leads elsewhere is exchanged for the
endpoint's on its way to the server, and remembered as `Astray`: a test never leaves the machine, and never passes without a word. An
address that `config:` of the scenario names is the scenario's own and is exchanged without one.

The names of models are `stand_ins`; which requests hold some is computed nowhere but in `MODEL_PLACES`, which a test compares with the
contract. Only `config/set` and `config/patch` take a `base_url` (spec 05, section 2; spec 06, section 3).
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from meerkat_mock.realserver.stand_ins import SERVER
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.realserver.stand_ins import StandIns

MODEL_PLACES: Final[dict[str, tuple[str, ...]]] = {
    "session/create": (),
    "turn/start": (),
    "help/ask": (),
    "mob/turn_start": (),
    "mob/create": ("definition", "profiles", "*"),
    "mob/spawn": ("override_profile",),
    "mob/profile/create": ("profile",),
    "mob/profile/update": ("profile",),
    "schedule/create": ("target", "create"),
    "schedule/update": ("target", "create"),
}
"""The requests that name a model, and where in their params the object stands that has the key `model`."""
CONFIGURING: Final = {"config/set": "config", "config/patch": "patch"}
"""The requests that change the configuration, and the key that it stands under unless it is the params themselves."""
_ADDRESSES: Final = (("self_hosted", "servers", "*"), ("realm", "*", "backend", "*"))
"""Where in a configuration objects stand that have a `base_url`."""


@dataclass(frozen=True)
class Astray:
    """One thing of an application that would have led the server away from the endpoint. `given` None: it took the endpoint away."""

    request: str
    path: str
    given: str | None

    def violation(self) -> Violation:
        """Return what is held against the test, and the ways out."""
        if self.given is None:
            message = f"`{self.path}` is null, which takes the endpoint of the scenario out of the server's configuration; it was put back"
            fixes = (f"remove single entries instead of `{self.path}` as a whole", "let another test, without the fixture, take it away")
            return Violation("server", self.request, message, "", fixes)
        message = (
            f"`{self.path}` is {self.given!r}: a server would ask that address instead of the scenario's model; "
            "the address of the scenario's endpoint was put in its place"
        )
        fixes = (
            f"leave `{self.path}` out of what the application configures in tests: every model already leads to the scenario",
            "name the same address as a `base_url` in `config:` of the scenario: then it is known to be played by the scenario",
        )
        return Violation("server", self.request, message, "", fixes)


class Pointing:
    """Keeps the lines of one connection pointed at the endpoint `url`. `own` is the patch that the server was configured with."""

    def __init__(self, stand_ins: StandIns, url: str, own: JsonObject, known: Iterable[str] = ()) -> None:
        self.astray: list[Astray] = []
        """What led elsewhere, in the order in which it came."""
        self._stand_ins = stand_ins
        self._url = url
        self._own = own
        self._known = {url.rstrip("/"), *(each.rstrip("/") for each in known)}

    def to_server(self, line: bytes) -> bytes:
        """Return a line of the application as it is handed to the server."""
        if b'"model"' not in line and b"config" not in line:
            return line
        try:
            message: Json = json.loads(line)
        except (ValueError, RecursionError):
            return line
        if not isinstance(message, dict) or not isinstance(params := message.get("params"), dict):
            return line
        method = str(message.get("method"))
        changed: JsonObject = copy.deepcopy(params)
        if method in CONFIGURING:
            self._configure(method, message.get("id"), changed)
        else:
            for place in objects_at(changed, MODEL_PLACES[method]) if method in MODEL_PLACES else ():
                self._stand_ins.exchange(place)
        return line if changed == params else json.dumps({**message, "params": changed}).encode() + b"\n"

    def _configure(self, method: str, request_id: Json, params: JsonObject) -> None:
        inner = params.get(CONFIGURING[method])
        # A generation that is no number makes the server read the params themselves as the configuration (spec 05, 2.2).
        wrapped = isinstance(params.get("expected_generation"), (int, type(None)))
        config = inner if isinstance(inner, dict) and wrapped else params
        request = f"request {json.dumps(request_id)} ({method})"
        for path, owner in addresses_in(config):
            given = str(owner["base_url"])
            if given.rstrip("/") not in self._known:
                self.astray.append(Astray(request, path, _shown(given)))
        point(config, self._url)
        self._keep_own(request, config, everything=method == "config/set")
        agent = config.get("agent")
        if isinstance(agent, dict):
            self._stand_ins.exchange(agent)

    def _keep_own(self, request: str, config: JsonObject, *, everything: bool) -> None:
        """Keep the endpoint in the configuration: `config/set` drops what it does not name, a null in a patch removes what it names."""
        for path in removals_in(config, self._own) if not everything else ():
            self.astray.append(Astray(request, path, None))
        for section, value in self._own.items():
            if everything or section in config:
                config[section] = _kept(value, config.get(section), everything=everything)


def point(config: JsonObject, url: str) -> None:
    """Point every address in a configuration at `url`, where every model answers under the name by which it is configured."""
    for path, owner in addresses_in(config):
        owner["base_url"] = url
        if path.startswith("self_hosted.") and "api_style" in owner:
            owner["api_style"] = "chat_completions"
    for hosted in objects_at(config, ("self_hosted",)):
        models = hosted.get("models")
        for name, model in models.items() if isinstance(models, dict) else ():
            if isinstance(model, dict) and "remote_model" in model and model.get("server") != SERVER:
                model["remote_model"] = name


def addresses_in(config: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield the path of every `base_url` in a configuration, and the object that it stands in."""
    for place in _ADDRESSES:
        for path, owner in _found(config, place, ()):
            if isinstance(owner.get("base_url"), str):
                yield ".".join((*path, "base_url")), owner


def objects_at(value: JsonObject, place: tuple[str, ...]) -> Iterator[JsonObject]:
    """Yield the objects at a place; `*` stands for every key."""
    for _path, found in _found(value, place, ()):
        yield found


def _found(value: Json, place: tuple[str, ...], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], JsonObject]]:
    if not isinstance(value, dict):
        return
    if not place:
        yield path, value
        return
    for key in value if place[0] == "*" else (place[0],):
        yield from _found(value.get(key), place[1:], (*path, key))


def removals_in(patch: JsonObject, own: JsonObject, path: str = "") -> Iterator[str]:
    """Yield the paths at which a patch removes something that `own` put there."""
    for key, value in own.items():
        here = f"{path}.{key}" if path else key
        if key in patch and patch[key] is None:
            yield here
        elif isinstance(inner := patch.get(key), dict) and isinstance(value, dict):
            yield from removals_in(inner, value, here)


def _kept(own: Json, given: Json, *, everything: bool) -> Json:
    """Return what is given with what is the endpoint's own where it is missing (`everything`) or would be removed."""
    if not isinstance(own, dict):
        return own if given is None else given
    if not isinstance(given, dict):
        return own if given is None else given
    kept = {key: _kept(value, given.get(key), everything=everything) for key, value in own.items() if everything or key in given}
    return {**given, **kept}


def _shown(address: str) -> str:
    """Return an address without what may be secret in it: user, password and query."""
    try:
        parts = urlsplit(address)
        host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme and parts.hostname else address.partition("?")[0][:200]
