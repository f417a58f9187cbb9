"""The values of the SDK: one class per thing, whichever door it is fetched through."""

from __future__ import annotations

import dataclasses
import typing
from importlib import import_module

import pytest

import meerkat.events
import meerkat.generated.types as generated
import meerkat.types
from meerkat import mob_types
from meerkat.types import Capability, SkillKey, SkillRef


def test_the_types_of_events_are_the_same_through_both_doors() -> None:
    for name in ("EventEnvelope", "AttributedEvent", "EventSourceIdentity"):
        assert getattr(meerkat.types, name) is getattr(meerkat.events, name)


def test_a_skill_is_referred_to_by_its_key() -> None:
    assert SkillRef is SkillKey
    assert SkillKey("u", "pdf") == SkillKey(source_uuid="u", skill_name="pdf")
    assert len({SkillKey("u", "pdf"), SkillKey("u", "pdf")}) == 1


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SkillKey("u", "pdf").skill_name = "x"  # type: ignore[misc]


@pytest.mark.parametrize(("status", "available"), [("Available", True), ("DisabledByPolicy", False), ("available", False), ("", False)])
def test_a_capability_is_available_only_when_it_says_so(status: str, available: bool) -> None:
    assert Capability("shell", "", status).available is available


def test_lists_and_dicts_of_two_values_are_not_shared() -> None:
    first, second = meerkat.types.SessionMessage(), meerkat.types.SessionMessage()
    first.blocks.append(meerkat.types.SessionAssistantBlock("text"))
    assert second.blocks == []


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("WireContentBlockImage", {"source", "data", "blob_id"}),
        ("WireContentBlockVideo", {"source", "data"}),
        ("ContentBlockImage", {"source", "data", "blob_id"}),
        ("ContentBlockVideo", {"source", "data"}),
    ],
)
def test_blocks_of_media_have_the_data_that_the_published_types_lack(name: str, keys: set[str]) -> None:
    assert getattr(generated, name).__optional_keys__ == keys


def test_the_version_of_the_contract_has_its_parts() -> None:
    assert dataclasses.astuple(generated.ContractVersion(0, 6, 5)) == (0, 6, 5)


def test_a_union_told_apart_by_a_key_has_one_value_per_member() -> None:
    kinds = [typing.get_args(typing.get_type_hints(member)["kind"]) for member in typing.get_args(generated.CommsSendParams)]
    assert len(set(kinds)) == len(kinds)


def test_the_mob_module_offers_the_shapes_of_members() -> None:
    mob = import_module("meerkat.mob")
    assert mob.MobMember is mob_types.MobMember
