"""The values of the SDK: one class per thing, whichever door it is fetched through, and what requests make of them."""

from __future__ import annotations

import dataclasses
import math
import typing
from importlib import import_module
from typing import Any

import pytest

import meerkat.events
import meerkat.generated.types as generated
import meerkat.types
from meerkat import mob_types
from meerkat.errors import InvalidParamsError
from meerkat.generated.encoding import wire_value
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


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "", "text", [1, [None]], {"a": {"b": None}}])
def test_json_goes_out_as_it_is(value: Any) -> None:
    assert wire_value(value) == value


def test_unset_fields_are_left_out_at_every_depth() -> None:
    definition = generated.MobDefinitionInput(
        id="m",
        profiles={"w": generated.MobProfileInput(model="x", tools=generated.MobToolConfigInput(shell=True), provider_params={"a": None})},
        wiring=generated.MobWiringRulesInput(role_wiring=[generated.MobRoleWiringRuleInput("a", "b")]),
    )
    assert wire_value(definition) == {
        "id": "m",
        "profiles": {"w": {"model": "x", "tools": {"shell": True}, "provider_params": {"a": None}}},
        "wiring": {"role_wiring": [{"a": "a", "b": "b"}]},
    }


def test_fields_named_like_keywords_get_their_wire_name_back() -> None:
    assert wire_value(generated.WireRenderMetadata(class_="flow_step")) == {"class": "flow_step"}
    entry = generated.WireInputStateHistoryEntry(from_="accepted", timestamp="t", to="queued")
    assert wire_value((entry,)) == [{"from": "accepted", "timestamp": "t", "to": "queued"}]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, math.nan]}, r"params\.a\[1\] cannot be written as JSON: nan"),
        ({"a": {1: 2}}, r"params\.a has a key that is no text: 1"),
        ({"a": object}, r"params\.a cannot be written as JSON"),
        (generated.MobIdParams(mob_id=b"m"), r"params\.mob_id cannot be written as JSON: b'm'"),  # type: ignore[arg-type]
    ],
)
def test_what_json_cannot_say_is_refused_by_its_place(value: object, message: str) -> None:
    with pytest.raises(InvalidParamsError, match=message) as caught:
        wire_value(value)
    assert caught.value.code == "INVALID_ARGS"
