"""What an application says never leads a real server away from the scenario's endpoint, and never without a word."""

from __future__ import annotations

import json
import sys
import typing
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import MeerkatClient
from meerkat.wire.methods import METHODS
from meerkat_mock.realserver.mock import ServerMock
from meerkat_mock.realserver.pointing import CONFIGURING, MODEL_PLACES, Pointing
from meerkat_mock.realserver.stand_ins import MARK, StandIns

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:4000"
NAMES = StandIns({"claude-opus-4-7": "anthropic", "gpt-5.5": "openai"})
OWN = NAMES.configuration(URL, "claude-opus-4-7", ["desk-large"])


def sent(method: str, params: Any, pointing: Pointing) -> Any:
    line = json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode() + b"\n"
    passed = pointing.to_server(line)
    assert passed.endswith(b"\n")
    return json.loads(passed)["params"]


def pointing(*known: str) -> Pointing:
    return Pointing(NAMES, URL, OWN, known)


def local(base_url: str) -> dict[str, Any]:
    model = {"server": "local", "remote_model": "qwen3:8b", "display_name": "Q", "family": "custom"}
    server = {"transport": "openai_compatible", "base_url": base_url, "api_style": "responses"}
    return {"servers": {"local": server}, "models": {"quick": model}}


@pytest.mark.parametrize("method", sorted(CONFIGURING))
@pytest.mark.parametrize("wrapped", [True, False])
def test_an_address_that_leads_elsewhere_is_exchanged_and_told(method: str, wrapped: bool) -> None:
    road = pointing()
    config = {"self_hosted": local("http://me:secret@gpu.example:8080/v1?key=1")}
    params = sent(method, {CONFIGURING[method]: config} if wrapped else config, road)
    found = (params[CONFIGURING[method]] if wrapped else params)["self_hosted"]
    assert found["servers"]["local"] == {"transport": "openai_compatible", "base_url": URL, "api_style": "chat_completions"}
    assert found["models"]["quick"]["remote_model"] == "quick"
    (violation,) = [each.violation() for each in road.astray]
    assert (violation.code, violation.where) == ("server", f"request 7 ({method})")
    assert "`self_hosted.servers.local.base_url` is 'http://gpu.example:8080/v1'" in violation.message
    assert "leave `self_hosted.servers.local.base_url` out" in violation.fixes[0]


def test_the_backend_of_a_realm_is_held_as_well() -> None:
    road = pointing()
    backend = {"provider": "openai", "backend_kind": "openai_api", "base_url": "https://proxy.example/v1"}
    params = sent("config/patch", {"patch": {"realm": {"desk": {"backend": {"oa": backend}}}}}, road)
    assert params["patch"]["realm"]["desk"]["backend"]["oa"] == {**backend, "base_url": URL}
    assert [(each.path, each.given) for each in road.astray] == [("realm.desk.backend.oa.base_url", "https://proxy.example/v1")]


def test_an_address_of_the_scenario_and_the_endpoints_own_are_no_findings() -> None:
    for address in ("http://127.0.0.1:11434", "http://127.0.0.1:11434/", URL):
        road = pointing("http://127.0.0.1:11434")
        params = sent("config/patch", {"patch": {"self_hosted": local(address)}}, road)
        assert (params["patch"]["self_hosted"]["servers"]["local"]["base_url"], road.astray) == (URL, [])


def test_setting_the_whole_configuration_keeps_the_endpoint_in_it() -> None:
    road = pointing()
    config = sent("config/set", {"config": {"max_tokens": 100}, "expected_generation": 3}, road)["config"]
    assert (config["max_tokens"], config["self_hosted"], config["agent"]) == (100, OWN["self_hosted"], OWN["agent"])
    assert road.astray == []


def test_what_the_server_reads_as_the_bare_form_keeps_the_endpoint_too() -> None:
    params = sent("config/set", {"config": {"max_tokens": 100}, "expected_generation": "3"}, pointing())
    assert (params["self_hosted"], params["config"]) == (OWN["self_hosted"], {"max_tokens": 100})


def test_the_default_model_is_exchanged_wherever_it_is_set() -> None:
    for method, key in CONFIGURING.items():
        assert sent(method, {key: {"agent": {"model": "gpt-5.5"}}}, pointing())[key]["agent"]["model"] == MARK + "gpt-5.5"
    reset = pointing()
    assert sent("config/patch", {"patch": {"agent": {"model": None}}}, reset)["patch"]["agent"]["model"] == MARK + "claude-opus-4-7"
    assert [each.path for each in reset.astray] == ["agent.model"]


def test_a_patch_that_takes_the_endpoint_away_is_undone_and_told() -> None:
    road = pointing()
    patch = sent("config/patch", {"patch": {"self_hosted": None}}, road)["patch"]
    assert patch["self_hosted"] == OWN["self_hosted"]
    (violation,) = [each.violation() for each in road.astray]
    assert "`self_hosted` is null, which takes the endpoint of the scenario out" in violation.message


def test_a_patch_of_something_else_passes_as_it_was_written() -> None:
    line = b'{"jsonrpc": "2.0",  "id": 1, "method": "config/patch", "params": {"patch": {"max_tokens": 5, "agent": {"temperature": 1}}}}\n'
    assert pointing().to_server(line) == line


@pytest.mark.parametrize("line", [b'{"model"\n', b'["model"]\n', b'{"method": "config/set", "params": [{}]}\n', b"[" * 9000 + b'"model"\n'])
def test_what_is_no_request_passes_as_it_was_written(line: bytes) -> None:
    assert pointing().to_server(line) == line


@pytest.mark.parametrize("method", sorted(MODEL_PLACES))
def test_a_model_of_the_catalogue_is_asked_for_by_its_stand_in(method: str) -> None:
    inner: dict[str, Any] = {"model": "gpt-5.5", "provider": "openai"}
    for key in reversed(MODEL_PLACES[method]):
        inner = {"lead" if key == "*" else key: inner}
    found = sent(method, inner, pointing())
    for key in MODEL_PLACES[method]:
        found = found["lead" if key == "*" else key]
    assert found == {"model": MARK + "gpt-5.5", "provider": "self_hosted"}


def test_every_request_of_the_contract_that_names_a_model_is_known() -> None:
    named = {method.name: set(model_paths(method.params, ())) for method in METHODS.values() if method.params_name is not None}
    assert {name: paths for name, paths in named.items() if paths} == {
        name: {tuple(key for key in path if key != "*")} for name, path in MODEL_PLACES.items()
    }


HOSTED = "config: {self_hosted: {servers: {gpu: {transport: openai_compatible, base_url: 'http://10.0.0.1:9/v1'}}}}"


@pytest.mark.parametrize(
    ("scenario", "findings"), [("sessions: []", ["`self_hosted.servers.local.base_url` is 'http://10.0.0.1:9/v1'"]), (HOSTED, [])]
)
async def test_an_application_that_configures_a_server_of_its_own_is_played_the_scenario(
    tmp_path: Path, scenario: str, findings: list[str]
) -> None:
    (tmp_path / "hosted.mock.yaml").write_text(scenario)
    mock = ServerMock([sys.executable, "-m", "meerkat_mock.dropin"])
    mock.load(tmp_path / "hosted.mock.yaml")
    mock.session(model="quick").turn(say="Quick")
    mock.session(model="gpt-5.5").turn(say="GPT")
    with mock.intercepting():
        async with MeerkatClient() as client:
            await client.patch_config({"self_hosted": local("http://10.0.0.1:9/v1"), "agent": {"model": "gpt-5.5"}})
            assert (await client.create_session("q", model="quick")).text == "Quick"
            assert (await client.create_session("q")).text == "GPT"
    assert [each.message.partition(":9/v1'")[0] + ":9/v1'" for each in mock.violations] == findings


def model_paths(kind: Any, path: tuple[str, ...], seen: tuple[Any, ...] = ()) -> typing.Iterator[tuple[str, ...]]:
    """Yield the paths at which a wire type has a key `model`."""
    for part in getattr(kind, "__args__", ()):
        yield from model_paths(part, path, seen)
    if isinstance(kind, type) and issubclass(kind, dict) and kind not in seen and kind is not dict:
        for key, value in typing.get_type_hints(kind).items():
            if key == "model":
                yield path
            yield from model_paths(value, (*path, key), (*seen, kind))
