"""Mobs for tests: definitions, and the calls that most tests begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.meerkat_mock.talk import MODEL

if TYPE_CHECKING:
    from tests.meerkat_mock.talk import Talk

NOWHERE = "00000000-0000-4000-8000-000000000001"
KEY = "ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def profile(mode: str = "turn_driven", **more: Any) -> dict[str, Any]:
    """Return a profile of the scripted model whose members anybody may send to."""
    return {"model": MODEL, "runtime_mode": mode, "external_addressable": True, "tools": {"comms": True}, **more}


def definition(mob_id: str = "demo", **more: Any) -> dict[str, Any]:
    """Return a definition with a turn_driven role `worker` and an autonomous one `host`."""
    return {"id": mob_id, "profiles": {"worker": profile(), "host": profile("autonomous_host")}, **more}


def external(name: str = "far", address: str = "uds:///nowhere/far.sock", key: str = KEY) -> dict[str, Any]:
    """Return a peer outside."""
    return {"external_binding": {"name": name, "address": address, "identity": {"kind": "ed25519_public_key", "public_key": key}}}


async def found(talk: Talk, *workers: str, **more: Any) -> None:
    """Make the mob `demo` with these turn_driven members."""
    await talk.call("mob/create", definition=definition(**more))
    for identity in workers:
        await spawn(talk, identity)


async def spawn(talk: Talk, identity: str, role: str = "worker", **more: Any) -> str:
    """Spawn a member and return its token."""
    made = await talk.call("mob/spawn", mob_id="demo", profile=role, agent_identity=identity, **more)
    return str(made["member_ref"])


async def status(talk: Talk, identity: str) -> dict[str, Any]:
    """Return a member's status."""
    answer: dict[str, Any] = await talk.call("mob/member_status", mob_id="demo", agent_identity=identity)
    return answer


async def send(talk: Talk, identity: str, content: Any) -> Any:
    """Send to a member."""
    return await talk.call("mob/member_send", mob_id="demo", agent_identity=identity, content=content)


async def history(talk: Talk, identity: str) -> list[dict[str, Any]]:
    """Return what a member's session holds behind its system message."""
    session_id = (await status(talk, identity))["current_session_id"]
    page = await talk.call("session/history", session_id=session_id, offset=1)
    return list(page["messages"])


async def log(talk: Talk, after: int = 1) -> list[dict[str, Any]]:
    """Return what the mob's log tells behind its first event."""
    page = await talk.call("mob/events", mob_id="demo", after_cursor=after, limit=10_000)
    return [event["kind"] for event in page["events"]]


async def kinds(talk: Talk, after: int = 1) -> list[str]:
    """Return the types of what the log tells."""
    return [str(event["type"]) for event in await log(talk, after)]


async def run(talk: Talk, flow: str, **params: Any) -> dict[str, Any]:
    """Run a flow to its end and return the run object."""
    run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id=flow, params=params))["run_id"]
    while True:
        shown: dict[str, Any] = (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]
        if shown["status"] != "running":
            return shown
