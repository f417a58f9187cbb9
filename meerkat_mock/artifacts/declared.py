"""Artifacts that a scenario declares, as records of the store."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, cast

from meerkat_mock.instants import NANO

if TYPE_CHECKING:
    from meerkat.wire.approvals import SurfaceMetadata
    from meerkat.wire.artifacts import ArtifactOwner, ArtifactRecord, ArtifactType
    from meerkat_mock.scenario.models.world import Artifact


def declared_record(artifact: Artifact, blob_id: str, data: str, now: int) -> ArtifactRecord:
    """Return the record of a declared artifact whose content is a blob; `now` in nanoseconds since the Unix epoch."""
    whole, rest = divmod(now, NANO)
    record: ArtifactRecord = {
        "artifact_id": artifact.artifact_id,
        "handle": {"artifact_id": artifact.artifact_id},
        "artifact_type": cast("ArtifactType", artifact.artifact_type),
        "title": artifact.title,
        "media_type": artifact.media_type,
        "size_bytes": len(base64.b64decode(data)),
        "content_handle": {"kind": "blob", "blob_id": blob_id, "media_type": artifact.media_type},
        "owner": cast("ArtifactOwner", artifact.owner.model_dump(exclude_none=True)),
        "metadata": cast("SurfaceMetadata", dict(artifact.metadata)),
        "created_at": {"secs_since_epoch": whole, "nanos_since_epoch": rest},
        "provenance": {},
    }
    if artifact.hash is not None:
        record["hash"] = artifact.hash
    return record
