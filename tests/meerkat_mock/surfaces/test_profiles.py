from __future__ import annotations

from typing import TYPE_CHECKING, Any

from meerkat_mock.flags import Flags
from meerkat_mock.server import World
from tests.meerkat_mock.talk import talking

if TYPE_CHECKING:
    from pathlib import Path

    from tests.meerkat_mock.talk import Talk


async def create(talk: Talk, name: str = "p", **more: Any) -> Any:
    return await talk.call("mob/profile/create", name=name, profile={"model": "m", **more})


async def test_a_profile_comes_back_complete() -> None:
    async with talking() as talk:
        stored = await create(talk, tools={"comms": True, "bogus": 1}, bogus=1)
        assert (stored["name"], stored["revision"]) == ("p", 1)
        assert stored["created_at"] == stored["updated_at"]
        assert stored["profile"]["runtime_mode"] == "autonomous_host"
        assert stored["profile"]["tools"]["comms"] is True
        assert stored["profile"]["tools"]["rust_bundles"] == []
        assert "bogus" not in stored["profile"]
        assert await talk.call("mob/profile/get", name="p") == stored


async def test_an_unknown_profile_is_no_error_to_read() -> None:
    async with talking() as talk:
        assert await talk.call("mob/profile/get", name="p") == {"name": "p", "not_found": True}


async def test_profiles_are_listed_by_name() -> None:
    async with talking() as talk:
        for name in ("b", "", "a"):
            await create(talk, name)
        assert [stored["name"] for stored in (await talk.call("mob/profile/list"))["profiles"]] == ["", "a", "b"]


async def test_a_name_is_taken_once() -> None:
    async with talking() as talk:
        await create(talk)
        refusal = await talk.refusal("mob/profile/create", name="p", profile={"model": "m"})
        assert refusal == "-32602 internal error: CAS conflict: realm profile already exists: p"


async def test_an_update_replaces_the_expected_revision_and_no_other() -> None:
    async with talking() as talk:
        await create(talk, peer_description="gone with the next revision")
        stored = await talk.call("mob/profile/update", name="p", profile={"model": "two"}, expected_revision=1)
        assert (stored["revision"], stored["profile"]["peer_description"]) == (2, "")
        refusal = await talk.refusal("mob/profile/update", name="p", profile={"model": "x"}, expected_revision=1)
        assert refusal == "-32602 internal error: CAS conflict: realm profile 'p' revision conflict: expected 1, actual 2"
        refusal = await talk.refusal("mob/profile/update", name="q", profile={"model": "x"}, expected_revision=1)
        assert refusal == "-32602 internal error: Not found: realm profile not found: q"


async def test_a_deleted_name_begins_again_at_revision_one() -> None:
    async with talking() as talk:
        await create(talk)
        refusal = await talk.refusal("mob/profile/delete", name="p", expected_revision=2)
        assert refusal == "-32602 internal error: CAS conflict: realm profile 'p' revision conflict: expected 2, actual 1"
        assert await talk.call("mob/profile/delete", name="p", expected_revision=1) == {"name": "p", "deleted_revision": 1}
        assert (await create(talk))["revision"] == 1


async def test_profiles_survive_a_restart(tmp_path: Path) -> None:
    flags = Flags(realm="here", state_root=str(tmp_path))
    async with talking(World(flags=flags)) as talk:
        stored = await create(talk)
        await create(talk, "gone")
        await talk.call("mob/profile/delete", name="gone", expected_revision=1)
    async with talking(World(flags=flags)) as talk:
        assert await talk.call("mob/profile/list") == {"profiles": [stored]}
