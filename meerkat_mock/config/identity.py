"""The identity registry of skill sources: which source is which after moves, and what a configuration may not claim.

Spec 05, section 2.4 names the refusals; that a source's fingerprint follows from where it lies is assumed.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, cast

from meerkat_mock.config.rules import Invalid, part

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject


def fingerprint_of(repository: JsonObject) -> str:
    """Return the fingerprint of a configured repository: what it is, not what it is called."""
    place = {key: value for key, value in repository.items() if key not in ("name", "source_uuid")}
    digest = hashlib.sha256(json.dumps(place, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return f"repo-{digest[:16]}"


def check_identities(config: JsonObject) -> None:
    """Raise `Invalid` for sources that contradict each other, and for moves of skills that no lineage explains."""
    identity = part(config, "skills", "identity")
    events = [
        part(cast("JsonObject", event), "event") | {"id": cast("JsonObject", event)["event_id"]} for event in _list(identity, "lineage")
    ]
    moves = {move for event in events for move in _moves(event)}
    _check_sources([cast("JsonObject", item) for item in _list(part(config, "skills"), "repositories")], moves)
    remaps = [cast("JsonObject", item) for item in _list(identity, "remaps")]
    for event in events:
        _check_remapped(event, remaps)
    for remap in remaps:
        source, target = part(remap, "from"), part(remap, "to")
        if source["source_uuid"] != target["source_uuid"] and (source["source_uuid"], target["source_uuid"]) not in moves:
            raise Invalid(f"skill remap from {_shown(source)} to {_shown(target)} is not allowed by lineage")


def _list(section: JsonObject, key: str) -> list[object]:
    return cast("list[object]", section[key])


def _moves(event: JsonObject) -> set[tuple[str, str]]:
    sources = event["from"] if isinstance(event["from"], list) else [event["from"]]
    into = event.get("into", event.get("to"))
    targets = into if isinstance(into, list) else [into]
    return {(str(source), str(target)) for source in sources for target in targets}


def _check_sources(repositories: list[JsonObject], moves: set[tuple[str, str]]) -> None:
    by_uuid: dict[str, str] = {}
    by_fingerprint: dict[str, str] = {}
    for repository in repositories:
        uuid, fingerprint = str(repository["source_uuid"]), fingerprint_of(repository)
        known = by_uuid.setdefault(uuid, fingerprint)
        if known != fingerprint:
            raise Invalid(f"source UUID collision for {uuid}: existing fingerprint '{known}' conflicts with '{fingerprint}'")
        earlier = by_fingerprint.setdefault(fingerprint, uuid)
        if earlier != uuid and (earlier, uuid) not in moves:
            raise Invalid(f"source UUID mutation rejected for fingerprint '{fingerprint}': {earlier} -> {uuid} without lineage")


def _check_remapped(event: JsonObject, remaps: list[JsonObject]) -> None:
    if event["event"] == "rename_or_relocate":
        return
    sources = {source for source, _ in _moves(event)}
    if not any(part(remap, "from")["source_uuid"] in sources for remap in remaps):
        raise Invalid(f"lineage event '{event['id']}' ({event['event']}) requires explicit per-skill remap entries")


def _shown(key: JsonObject) -> str:
    return f"{key['source_uuid']}/{key['skill_name']}"
