"""Records of artifacts: those a scenario declares, and those that lie as files in the realm's folder (spec 05, section 4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from meerkat.wire.artifacts import ArtifactRecord

_FILE_BYTES = 1 << 20


class BrokenRecord(Exception):
    """A record file that cannot be read; it fails every listing. `str()` is the reason."""


class Records:
    """The records of a realm, files read afresh on every call."""

    def __init__(self, realm_root: str) -> None:
        self._realm_root = realm_root
        self._held: dict[str, ArtifactRecord] = {}

    @property
    def _folder(self) -> Path:
        return Path(self._realm_root) / "artifacts"

    def put(self, record: ArtifactRecord) -> None:
        """Keep a record; one with the same id is replaced."""
        self._held[record["artifact_id"]] = record

    def all(self) -> list[ArtifactRecord]:
        """Return every record, sorted by id. Raises `BrokenRecord`."""
        folder = self._folder
        files = sorted(folder.glob("*.json")) if folder.is_dir() else []
        found = {record["artifact_id"]: record for record in map(_read, files)} | self._held
        return [found[name] for name in sorted(found)]

    def get(self, artifact_id: str) -> ArtifactRecord | None:
        """Return one record. Raises `BrokenRecord`."""
        if artifact_id in self._held:
            return self._held[artifact_id]
        file = self._folder / f"{artifact_id}.json"
        return _read(file) if file.is_file() else None


def _read(file: Path) -> ArtifactRecord:
    if file.stat().st_size > _FILE_BYTES:
        raise BrokenRecord(f"{file.name} is over {_FILE_BYTES} bytes")
    text = file.read_text(encoding="utf-8")
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenRecord(_reader_text(text, error)) from error
    if not isinstance(record, dict) or not isinstance(cast("dict[str, object]", record).get("artifact_id"), str):
        raise BrokenRecord("missing field `artifact_id`")
    return cast("ArtifactRecord", record)


def _reader_text(text: str, error: json.JSONDecodeError) -> str:
    """Say what the server's JSON reader says of a file that ends too early; of other faults, what Python's says."""
    if error.pos >= len(text.rstrip()):
        line = text.rstrip("\n").count("\n") + 1
        what = "an object" if text.lstrip().startswith("{") else "a list" if text.lstrip().startswith("[") else "a value"
        return f"EOF while parsing {what} at line {line} column {len(text.rsplit(chr(10), 1)[-1]) or error.colno}"
    return f"{error.msg} at line {error.lineno} column {error.colno}"
