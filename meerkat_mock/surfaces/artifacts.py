"""`blob/get` and `artifact/*`: reading what runs have left behind (spec 02, section 15.1; spec 05, section 4)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from meerkat_mock.artifacts.blobs import Blobs
from meerkat_mock.artifacts.declared import declared_record
from meerkat_mock.artifacts.records import BrokenRecord, Records
from meerkat_mock.instants import nanoseconds
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.artifacts import (
        ArtifactDownloadParams,
        ArtifactDownloadResult,
        ArtifactIdParams,
        ArtifactListParams,
        ArtifactListResult,
        ArtifactPayload,
        ArtifactRecord,
        BlobContent,
        BlobGetParams,
        BlobPayload,
    )
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.scenario.models.scenario import Scenario


class Artifacts:
    """The blobs and artifact records of the realm."""

    def __init__(self, runtime: Runtime) -> None:
        self._clock = runtime.clock
        self._blobs = Blobs(runtime.store)
        self._records = Records(runtime.realm.root)
        if runtime.scenario is not None:
            self._declare(runtime.scenario)

    # ---- for other surfaces ----------------------------------------------------------------------------------------------------------

    def put_blob(self, media_type: str, data_base64: str) -> str:
        """Keep content in base64 and return its blob id."""
        return self._blobs.put(media_type, data_base64)

    def blob(self, blob_id: str) -> tuple[str, str] | None:
        """Return media type and base64 data of a blob, None for an unknown one."""
        found = self._blobs.get(blob_id)
        return None if found is None else (found.media_type, found.data)

    def put_artifact(self, record: ArtifactRecord) -> None:
        """Keep the record of an artifact; its content is a blob."""
        self._records.put(record)

    # ---- methods ---------------------------------------------------------------------------------------------------------------------

    @handles("blob/get")
    def get_blob(self, params: BlobGetParams) -> BlobPayload:
        """Return a blob under the id that was asked for."""
        found = self._blobs.get(params["blob_id"])
        if found is None:
            raise Fault(-32602, f"blob not found: {params['blob_id']}")
        return {"blob_id": params["blob_id"], "media_type": found.media_type, "data": found.data}

    @handles("artifact/list")
    def list(self, params: ArtifactListParams) -> ArtifactListResult:
        """Return the records of an owner whose labels match, sorted by id."""
        try:
            records = self._records.all()
        except BrokenRecord as error:
            raise Fault(-32603, f"artifact store read failed: {error}") from error
        return {"artifacts": [record for record in records if _matches(record, params)]}

    @handles("artifact/get")
    def get(self, params: ArtifactIdParams) -> ArtifactRecord:
        """Return one record."""
        return self._find(params["artifact_id"])

    @handles("artifact/download")
    def download(self, params: ArtifactDownloadParams) -> ArtifactDownloadResult:
        """Return a record with its whole content; size and hash are copied from the record."""
        record = self._find(params["artifact_id"])
        expected = params.get("expected_media_type")
        if expected is not None and expected != record["media_type"]:
            raise Fault(-32602, f"artifact media type mismatch: expected {expected}, found {record['media_type']}")
        content = record["content_handle"]
        if content["kind"] == "opaque":
            raise Fault(-32602, f"artifact content is not blob-backed: {content['handle']}")
        return {"record": record, "payload": self._payload(record, content)}

    def _declare(self, scenario: Scenario) -> None:
        for blob in scenario.blobs:
            self.put_blob(blob.media_type, blob.data)
        for artifact in scenario.artifacts:
            data = artifact.data if artifact.data is not None else base64.b64encode((artifact.text or "").encode()).decode()
            blob_id = self.put_blob(artifact.media_type, data)
            self.put_artifact(declared_record(artifact, blob_id, data, nanoseconds(self._clock.now())))

    def _payload(self, record: ArtifactRecord, content: BlobContent) -> ArtifactPayload:
        blob = self._blobs.get(content["blob_id"])
        if blob is None:
            raise Fault(-32602, f"artifact payload not found: {record['artifact_id']}")
        payload: ArtifactPayload = {
            "artifact_id": record["artifact_id"],
            "media_type": record["media_type"],
            "size_bytes": record["size_bytes"],
            "data": blob.data,
        }
        if "hash" in record:
            payload["hash"] = record["hash"]
        return payload

    def _find(self, given: str) -> ArtifactRecord:
        name = given.strip()
        try:
            record = self._records.get(name)
        except BrokenRecord as error:
            raise Fault(-32603, f"artifact store read failed: {error}") from error
        if record is None:
            raise Fault(-32602, f"artifact not found: {name}")
        return record


def _matches(record: ArtifactRecord, params: ArtifactListParams) -> bool:
    session = params.get("session_id")
    labels = record["metadata"].get("labels", {})
    wanted = params.get("label_equals", {})
    return (session is None or record["owner"].get("session_id") == session) and wanted.items() <= labels.items()
