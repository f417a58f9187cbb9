"""Artifacts and blobs: what runs leave behind, read only (spec 05, section 4; spec 02, section 15)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.approvals import SurfaceMetadata
from meerkat.wire.base import U32, U64, ArtifactId, NotRequired, Tag, Untagged


class BlobGetParams(TypedDict):
    """Params of `blob/get` (spec 02, section 15.1)."""

    blob_id: str


class BlobPayload(TypedDict):
    """The bytes of a blob, in base64 (spec 02, section 15.1)."""

    blob_id: str
    media_type: str
    data: str


class OtherArtifactType(TypedDict):
    """A type of artifact that has no name of its own (spec 05, section 4)."""

    other: str


ArtifactType: TypeAlias = Annotated[
    Literal[
        "text",
        "log",
        "command_output",
        "diff",
        "patch",
        "generated_file",
        "test_report",
        "screenshot",
        "image",
        "json",
        "binary",
    ]
    | OtherArtifactType,
    Untagged("ArtifactType"),
]
"""What an artifact is (spec 05, section 4)."""


class BlobContent(TypedDict):
    """Content kept as a blob (spec 05, section 4)."""

    kind: Literal["blob"]
    blob_id: str
    media_type: str


class OpaqueContent(TypedDict):
    """Content kept elsewhere; it cannot be downloaded (spec 05, section 4)."""

    kind: Literal["opaque"]
    handle: str
    media_type: str


ArtifactContent: TypeAlias = Annotated[BlobContent | OpaqueContent, Tag("kind", "ArtifactContent")]
"""Where the content of an artifact is kept (spec 05, section 4)."""


class ArtifactHandle(TypedDict):
    """What names an artifact (spec 05, section 4)."""

    artifact_id: str


class ArtifactOwner(TypedDict):
    """Who made an artifact (spec 05, section 4)."""

    session_id: NotRequired[str]
    mob_id: NotRequired[str]
    run_id: NotRequired[str]
    tool_call_id: NotRequired[str]


class SystemTime(TypedDict):
    """A point in time as seconds and nanoseconds; the schemas say text, the wire does not (spec 05, section 4)."""

    secs_since_epoch: U64
    nanos_since_epoch: U32


class ArtifactRecord(TypedDict):
    """One artifact, without its content (spec 05, section 4)."""

    artifact_id: str
    handle: ArtifactHandle
    artifact_type: ArtifactType
    title: str
    media_type: str
    size_bytes: U64
    hash: NotRequired[str]
    content_handle: ArtifactContent
    owner: ArtifactOwner
    metadata: SurfaceMetadata
    producer: NotRequired[str]
    created_at: SystemTime
    provenance: dict[str, str]


class ArtifactListParams(TypedDict):
    """Params of `artifact/list`: an owner, and labels that all must match (spec 05, section 4)."""

    session_id: NotRequired[str | None]
    label_equals: NotRequired[dict[str, str]]


class ArtifactListResult(TypedDict):
    """All artifacts that match, by id, without paging (spec 05, section 4)."""

    artifacts: list[ArtifactRecord]


class ArtifactIdParams(TypedDict):
    """Params of `artifact/get` (spec 05, section 4)."""

    artifact_id: ArtifactId


class ArtifactDownloadParams(TypedDict):
    """Params of `artifact/download` (spec 05, section 4)."""

    artifact_id: ArtifactId
    expected_media_type: NotRequired[str | None]


class ArtifactPayload(TypedDict):
    """The whole content of an artifact, in base64 (spec 05, section 4)."""

    artifact_id: str
    media_type: str
    size_bytes: U64
    hash: NotRequired[str]
    data: str


class ArtifactDownloadResult(TypedDict):
    """An artifact with its content (spec 05, section 4)."""

    record: ArtifactRecord
    payload: ArtifactPayload
