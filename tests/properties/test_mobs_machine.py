"""Mobs under any order of spawning, wiring, working and ending, against a model that fits on a page.

The model keeps who is there, in which generation and wired to whom, and the phase; from that it says which calls are refused, what
the roster shows, and what the log must tell when it is replayed from its first event.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from meerkat_mock.quirks import Quirks
from meerkat_mock.server import Server, World
from tests.meerkat_mock.mob.company import definition
from tests.meerkat_mock.talk import ALIAS, Talk, moments, says, script

if TYPE_CHECKING:
    from collections.abc import Awaitable

T = TypeVar("T")
NAMES = st.sampled_from(["a", "b", "c"])
REFUSED = script({"fail": {"status": 400}})
FLOWS = {"f": {"steps": {"s": {"role": "worker", "message": "go", "output_format": "text"}}}}


@dataclass
class Expected:
    """What the model knows of a member."""

    role: str
    generation: int = 0
    wires: set[str] = field(default_factory=set)
    broken: bool = False
    """True once a turn of it has failed."""


class MobsMachine(RuleBasedStateMachine):
    """One client of one mob, on a server that behaves as documented."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.phase = "Running"
        self.members: dict[str, Expected] = {}

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    def call(self, method: str, **params: Any) -> Any:
        return self.run(self.talk.call(f"mob/{method}", mob_id="demo", **params))

    def refused(self, method: str, **params: Any) -> str:
        return self.run(self.talk.refusal(f"mob/{method}", mob_id="demo", **params))

    @initialize()
    def found(self) -> None:
        async def start() -> Talk:
            self.server = Server(World(quirks=Quirks("contract")))
            talk = Talk(self.server.connect())
            await talk.call("config/patch", patch=ALIAS)
            await talk.call("mob/create", definition=definition(flows=FLOWS))
            return talk

        self.talk = self.run(start())

    def teardown(self) -> None:
        async def stop() -> None:
            if hasattr(self, "talk"):
                await self.talk.hang_up()
                await self.server.close()

        self.run(stop())
        assert asyncio.all_tasks(self.loop) == set(), "a task outlived the server"
        self.loop.close()
        if hasattr(self, "server"):
            assert self.server.runtime.violations == []

    # ---- what a client does ----------------------------------------------------------------------------------------------------------

    @rule(name=NAMES, role=st.sampled_from(["worker", "host"]), ensure=st.booleans())
    def spawn(self, name: str, role: str, ensure: bool) -> None:
        spec = {"profile": role, "agent_identity": name}
        if ensure and self.phase == "Running":
            outcome = self.call("ensure_member", spec=spec)["outcome"]
            assert list(outcome) == ["existed" if name in self.members else "spawned"]
            self.members.setdefault(name, Expected(role))
        elif self.phase != "Running":
            assert self.refused("spawn", **spec) == f"-32602 invalid state transition: {self.phase} -> Running"
        elif name in self.members:
            assert self.refused("spawn", **spec) == f"-32602 mob member already exists: {name}"
        else:
            self.call("spawn", **spec)
            self.members[name] = Expected(role)

    @rule(one=NAMES, other=NAMES, verb=st.sampled_from(["wire", "unwire"]))
    def wire(self, one: str, other: str, verb: str) -> None:
        params = {"member": one, "peer": {"local": other}}
        unknown = one not in self.members or other not in self.members
        wired = not unknown and other in self.members[one].wires
        if one == other or unknown or (self.phase != "Running" and (verb == "wire" or wired)):
            self.refused(verb, **params)
            return
        self.call(verb, **params)
        mine, theirs = self.members[one].wires, self.members[other].wires
        if verb == "wire":
            mine.add(other)
            theirs.add(one)
        else:
            mine.discard(other)
            theirs.discard(one)

    @rule(name=NAMES, fails=st.booleans())
    def send(self, name: str, fails: bool) -> None:
        member = self.members.get(name)
        params = {"agent_identity": name, "content": REFUSED if fails else says("done")}
        if member is None:
            assert self.refused("member_send", **params) == f"-32602 mob member not found: {name}"
        elif self.phase != "Running":
            assert self.refused("member_send", **params) == f"-32602 invalid state transition: {self.phase} -> Running"
        elif member.role == "worker" and not member.broken and not fails:
            self.call("member_send", **params)
            assert self.call("member_status", agent_identity=name)["output_preview"] == "done"
        elif member.role == "worker" or member.broken:
            assert "internal error: " in self.refused("member_send", **params)
            member.broken = True
        else:
            self.call("member_send", **params)
            self.run(moments(80))
            member.broken = fails

    @rule(name=NAMES)
    def turn(self, name: str) -> None:
        member = self.members.get(name)
        if member is None or member.role == "host":
            self.refused("turn_start", agent_identity=name, prompt="x")
            return
        assert self.call("turn_start", agent_identity=name, prompt=says("turned"))["text"] == "turned"
        self.run(moments(80))
        member.broken = "peer_connectivity" not in self.call("member_status", agent_identity=name)

    @rule(name=NAMES)
    def retire(self, name: str) -> None:
        if self.phase == "Completed":
            assert self.refused("retire", agent_identity=name) == "-32602 invalid state transition: Completed -> Running"
            return
        self.call("retire", agent_identity=name)
        self._forget(name)

    @rule(name=NAMES)
    def respawn(self, name: str) -> None:
        member = self.members.get(name)
        if member is None or self.phase != "Running":
            self.refused("respawn", agent_identity=name)
            return
        self.call("respawn", agent_identity=name)
        member.generation += 1
        member.broken = False

    @rule(action=st.sampled_from(["stop", "resume", "complete", "reset"]))
    def change(self, action: str) -> None:
        after = {"stop": "Stopped", "resume": "Running", "complete": "Completed", "reset": "Running"}[action]
        allowed = {"stop": ["Running"], "resume": ["Stopped"], "complete": ["Running"], "reset": ["Running", "Stopped", "Completed"]}
        if self.phase not in allowed[action]:
            assert self.refused("lifecycle", action=action) == f"-32602 invalid state transition: {self.phase} -> {after}"
            return
        self.call("lifecycle", action=action)
        self.phase = after
        if action in ("complete", "reset"):
            self.members.clear()

    @rule()
    def flow(self) -> None:
        if self.phase != "Running":
            assert self.refused("flow_run", flow_id="f") == f"-32602 invalid state transition: {self.phase} -> Running"
            return
        workers = {name: member for name, member in self.members.items() if member.role == "worker"}
        run_id = self.call("flow_run", flow_id="f")["run_id"]
        while (shown := self.call("flow_status", run_id=run_id)["run"])["status"] == "running":
            self.run(moments(5))
        good = {name for name, member in workers.items() if not member.broken}
        if workers and good == workers.keys():
            assert shown["root_step_outputs"]["s"].keys() == good
        else:
            assert shown["status"] == "failed"

    def _forget(self, name: str) -> None:
        self.members.pop(name, None)
        for member in self.members.values():
            member.wires.discard(name)

    # ---- what must hold --------------------------------------------------------------------------------------------------------------

    @invariant()
    def the_roster_is_the_models(self) -> None:
        shown = self.call("members")["members"]
        assert [member["agent_identity"] for member in shown] == sorted(self.members)
        for member in shown:
            expected = self.members[member["agent_identity"]]
            assert (member["role"], member.get("wired_to", [])) == (expected.role, sorted(expected.wires))
        assert self.call("status")["status"] == self.phase
        assert len(self.run(self.talk.call("session/list"))["sessions"]) == len(self.members)

    @invariant()
    def the_log_tells_how_the_roster_came_about(self) -> None:
        generations: dict[str, int] = {}
        wires: set[tuple[str, str]] = set()
        events = self.call("events", limit=10_000)["events"]
        assert [event["cursor"] for event in events] == list(range(1, len(events) + 1))
        for kind in (event["kind"] for event in events):
            if kind["type"] == "member_spawned":
                generations[kind["agent_identity"]] = kind["generation"]
            elif kind["type"] == "member_retired":
                assert generations.pop(kind["agent_identity"]) == kind["generation"]
                wires = {wire for wire in wires if kind["agent_identity"] not in wire}
            elif kind["type"] == "members_wired":
                wires.add((kind["a"], kind["b"]))
            elif kind["type"] == "members_unwired":
                wires.remove((kind["a"], kind["b"]))
        assert generations == {name: member.generation for name, member in self.members.items()}
        assert wires == {(name, other) for name, member in self.members.items() for other in member.wires if name < other}


TestMobs = MobsMachine.TestCase
TestMobs.settings = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
