"""Blobs by their content, and artifacts (spec 02, section 15.1; spec 05, section 4)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.artifacts.blobs import blob_id
from meerkat_mock.flags import Flags
from meerkat_mock.runtime import World
from meerkat_mock.scenario.models import from_data
from tests.meerkat_mock.talk import talking

if TYPE_CHECKING:
    from pathlib import Path

    from meerkat.wire.base import JsonObject

TEXT = base64.b64encode(b"all green").decode()
SCENARIO: dict[str, Any] = {
    "blobs": [{"media_type": "image/png", "data": "aGk="}],
    "artifacts": [
        {"artifact_id": "b-report", "text": "all green", "title": "Report", "hash": "h", "metadata": {"labels": {"team": "x"}}},
        {"artifact_id": "a-log", "artifact_type": {"other": "odd"}, "data": "aGk=", "owner": {"session_id": "s1"}},
    ],
}


def _world() -> World:
    return World(scenario=from_data(SCENARIO))


def test_the_id_of_a_blob_is_a_hash_of_its_type_and_its_base64_text():
    expected = hashlib.sha256(b"image/png\0aGk=").hexdigest()
    assert blob_id("image/png", "aGk=") == f"sha256:{expected}"


async def test_a_blob_is_found_with_and_without_prefix_but_not_in_capitals():
    name = blob_id("image/png", "aGk=")
    async with talking(_world()) as talk:
        assert await talk.call("blob/get", blob_id=name) == {"blob_id": name, "media_type": "image/png", "data": "aGk="}
        bare = name.removeprefix("sha256:")
        assert (await talk.call("blob/get", blob_id=bare))["blob_id"] == bare
        assert await talk.refusal("blob/get", blob_id=name.upper()) == f"-32602 blob not found: {name.upper()}"


async def test_artifacts_are_listed_by_id_and_chosen_by_owner_and_labels():
    async with talking(_world()) as talk:
        assert await _ids(talk) == ["a-log", "b-report"]
        assert await _ids(talk, session_id="s1") == ["a-log"]
        assert await _ids(talk, label_equals={"team": "x"}) == ["b-report"]
        assert await _ids(talk, label_equals={"team": "x", "more": "y"}) == []


async def _ids(talk: Any, **params: Any) -> list[str]:
    return [record["artifact_id"] for record in (await talk.call("artifact/list", **params))["artifacts"]]


async def test_a_record_tells_size_type_and_where_the_content_is():
    async with talking(_world()) as talk:
        record = await talk.call("artifact/get", artifact_id=" b-report ")
        assert (record["size_bytes"], record["media_type"], record["handle"]) == (9, "text/plain", {"artifact_id": "b-report"})
        assert record["content_handle"]["blob_id"] == blob_id("text/plain", TEXT)
        assert (await talk.call("artifact/get", artifact_id="a-log"))["artifact_type"] == {"other": "odd"}


async def test_a_download_brings_the_whole_content_with_the_record():
    async with talking(_world()) as talk:
        answer = await talk.call("artifact/download", artifact_id="b-report", expected_media_type="text/plain")
        assert answer["payload"] == {"artifact_id": "b-report", "media_type": "text/plain", "size_bytes": 9, "hash": "h", "data": TEXT}
        assert answer["record"] == await talk.call("artifact/get", artifact_id="b-report")


async def test_a_download_of_another_media_type_than_expected_is_refused():
    async with talking(_world()) as talk:
        refusal = await talk.refusal("artifact/download", artifact_id="b-report", expected_media_type="text/html")
    assert refusal == "-32602 artifact media type mismatch: expected text/html, found text/plain"


@pytest.mark.parametrize("method", ["artifact/get", "artifact/download"])
async def test_unknown_ids_and_texts_that_are_none_are_refused(method: str):
    async with talking() as talk:
        assert await talk.refusal(method, artifact_id=" a1 ") == "-32602 artifact not found: a1"
        for bad in ("a/b", "", "..", "."):
            assert (await talk.refusal(method, artifact_id=bad)).startswith(f"-32602 Invalid params: invalid artifact id: {bad} at")


async def test_records_in_the_folder_of_the_realm_are_read_on_every_call(tmp_path: Path):
    async with talking(World(flags=Flags(realm="desk", state_root=str(tmp_path)))) as talk:
        assert await _ids(talk) == []
        _store(tmp_path, "x1", {"kind": "opaque", "handle": "elsewhere", "media_type": "text/plain"})
        _store(tmp_path, "x2", {"kind": "blob", "blob_id": "sha256:gone", "media_type": "text/plain"})
        assert await _ids(talk) == ["x1", "x2"]
        assert await talk.refusal("artifact/download", artifact_id="x1") == "-32602 artifact content is not blob-backed: elsewhere"
        assert await talk.refusal("artifact/download", artifact_id="x2") == "-32602 artifact payload not found: x2"


async def test_one_broken_record_fails_the_whole_listing(tmp_path: Path):
    async with talking(World(flags=Flags(realm="desk", state_root=str(tmp_path)))) as talk:
        _store(tmp_path, "x1", {"kind": "opaque", "handle": "h", "media_type": "t"})
        (tmp_path / "desk" / "artifacts" / "x2.json").write_text("{")
        refusal = await talk.refusal("artifact/list")
        assert refusal == "-32603 artifact store read failed: EOF while parsing an object at line 1 column 1"
        assert (await talk.call("artifact/get", artifact_id="x1"))["title"] == "T"


def _store(root: Path, name: str, content: JsonObject) -> None:
    folder = root / "desk" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "artifact_id": name,
        "handle": {"artifact_id": name},
        "artifact_type": "text",
        "title": "T",
        "media_type": "text/plain",
        "size_bytes": 1,
        "content_handle": content,
        "owner": {},
        "metadata": {},
        "created_at": {"secs_since_epoch": 1, "nanos_since_epoch": 0},
        "provenance": {},
    }
    (folder / f"{name}.json").write_text(json.dumps(record))
