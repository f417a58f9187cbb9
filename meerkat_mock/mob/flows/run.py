"""One run of a flow as clients see it: results, ledgers, machine view (spec 04, sections 14.4 and 14.5)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, cast

from meerkat_mock.instants import nanoseconds, write_instant
from meerkat_mock.mob.flows.audit import Audit
from meerkat_mock.mob.flows.frames import Frame, LoopState, nodes_of, steps_in

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.mob.flows.frames import Node
    from meerkat_mock.mob.mob import Mob

SYSTEM_MEMBER = "__flow_system_member__"
SCHEMA_VERSION = 6
Status = Literal["running", "completed", "failed", "canceled"]


class FlowRun:
    """The state of a run. What happens in it is the engine's business."""

    def __init__(self, mob: Mob, flow_id: str, params: Json, run_id: str, clock: Clock) -> None:
        self.mob = mob
        self.flow_id = flow_id
        self.params = params
        self.run_id = run_id
        self.flow = cast("dict[str, JsonObject]", mob.definition["flows"])[flow_id]
        self.steps = dict(sorted(cast("dict[str, JsonObject]", self.flow["steps"]).items()))
        self.nodes = nodes_of(self.flow)
        self.step_nodes: dict[str, Node] = dict(steps_in(self.nodes))
        self.limits = cast("dict[str, int | None]", mob.definition["limits"] or {})
        self.status: Status = "running"
        self.outputs: dict[str, Json] = {}
        self.all_outputs: dict[str, Json] = {}
        """The newest output of every step, those of loop bodies included."""
        self.results: dict[str, str] = {}
        """How each step has ended, capitalised."""
        self.reasons: dict[str, str] = {}
        """Why steps have failed."""
        self.first_frames: dict[str, tuple[str, str]] = {}
        """Frame and node of each step, of its first iteration in a loop."""
        self.frames: dict[str, Frame] = {}
        self.loops: dict[str, LoopState] = {}
        self.loop_outputs: dict[str, list[JsonObject]] = {}
        self.loop_ledger: list[Json] = []
        self.step_ledger: list[Json] = []
        self.failure_ledger: list[Json] = []
        self.step_status: dict[str, str | None] = dict.fromkeys(self.steps)
        self.active_nodes = 0
        self.last_frame = ""
        self.last_loop = ""
        self.audit = Audit(run_id)
        self.task: asyncio.Task[None] | None = None
        self._clock = clock
        self._created_at = self.now()
        self._completed_at: str | None = None
        self._dispatched: set[tuple[str, str]] = set()

    @property
    def active(self) -> bool:
        """Tell whether it is in progress."""
        return self.status == "running"

    def now(self) -> str:
        """Return the time as the wire writes it."""
        return write_instant(nanoseconds(self._clock.now()))

    def limit(self, name: str) -> int:
        """Return a limit of the definition, 0 when there is none."""
        return self.limits.get(name) or 0

    @property
    def escalation_threshold(self) -> int:
        """Return after how many failed steps the supervisor is asked, 0 for never."""
        supervisor = self.mob.definition["supervisor"]
        return cast("int", supervisor["escalation_threshold"]) if isinstance(supervisor, dict) else 0

    def known(self, inner: JsonObject) -> JsonObject:
        """Return what paths can name: parameters, outputs of steps (`inner` ones of a loop's body before others), loops."""
        loops: JsonObject = {loop: {"iterations": [{"steps": outputs} for outputs in rounds]} for loop, rounds in self.loop_outputs.items()}
        return {"params": self.params, "steps": {**self.outputs, **inner}, "loops": loops}

    # ---- what happens ----------------------------------------------------------------------------------------------------------------

    def dispatched(self, step: str, identity: str) -> None:
        """Note that a member gets a step: once, however often it tries."""
        if (step, identity) not in self._dispatched:
            self._dispatched.add((step, identity))
            self.entered(step, identity, "dispatched", None)

    def entered(self, step: str, identity: str, status: str, output: Json) -> None:
        """Write an entry into the ledger of steps."""
        self.step_ledger.append({"step_id": step, "agent_identity": identity, "status": status, "output": output, "timestamp": self.now()})

    def failed_step(self, step: str, reason: str) -> None:
        """Note why a step has failed."""
        self.reasons[step] = reason
        self.failure_ledger.append({"step_id": step, "reason": reason, "timestamp": self.now()})

    def ended(self, status: Status) -> None:
        """Note how the whole run has ended."""
        self.status = status
        self._completed_at = self.now()
        self.mob.log.touch()

    async def cancelled_and_over(self) -> None:
        """Cancel the run and wait until it is over."""
        task = self.task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # ---- what is shown ---------------------------------------------------------------------------------------------------------------

    def wire(self) -> JsonObject:
        """Return the run object."""
        return {
            "run_id": self.run_id,
            "mob_id": self.mob.id,
            "flow_id": self.flow_id,
            "status": self.status,
            "activation_params": self.params,
            "created_at": self._created_at,
            "completed_at": self._completed_at,
            "root_step_outputs": dict(self.outputs),
            "step_ledger": list(self.step_ledger),
            "failure_ledger": list(self.failure_ledger),
            "loop_iteration_outputs": {loop: cast("list[Json]", list(rounds)) for loop, rounds in self.loop_outputs.items()},
            "loop_iteration_ledger": list(self.loop_ledger),
            "flow_state": self._state(),
            "frames": {name: {"kernel_state": frame.wire()} for name, frame in self.frames.items()},
            "loops": {name: {"kernel_state": loop.wire()} for name, loop in self.loops.items()},
            "flow_authority_inputs": list(self.audit.entries),
            "schema_version": SCHEMA_VERSION,
        }

    def _state(self) -> JsonObject:
        failures = list(self.step_status.values()).count("Failed")
        zeros: JsonObject = dict.fromkeys(self.steps, 0)
        return {
            **self.plan(),
            "phase": self.status.capitalize(),
            "tracked_steps": list(self.steps),
            "ordered_steps": list(self.steps),
            "step_status": dict(self.step_status),
            "output_recorded": dict.fromkeys(self.steps, False),
            "step_condition_results": dict.fromkeys(self.steps),
            "step_target_counts": dict(zeros),
            "step_target_success_counts": dict(zeros),
            "step_target_terminal_failure_counts": dict(zeros),
            "target_retry_counts": {},
            "failure_count": failures,
            "consecutive_failure_count": failures,
            "active_node_count": self.active_nodes,
            "active_frame_count": 0,
            "ready_frames": [],
            "ready_frame_membership": [],
            "pending_body_frame_loops": [],
            "pending_body_frame_loop_membership": [],
            "last_granted_frame": self.last_frame,
            "last_granted_loop": self.last_loop,
        }

    def plan(self) -> JsonObject:
        """Return what is fixed when the run starts: limits, and the shape of its steps."""
        policies = {name: cast("JsonObject", step["collection_policy"]) for name, step in self.steps.items()}
        return {
            "escalation_threshold": self.escalation_threshold,
            "max_step_retries": self.limit("max_step_retries"),
            "max_active_nodes": self.limit("max_active_nodes"),
            "max_active_frames": self.limit("max_active_frames"),
            "max_frame_depth": self.limit("max_frame_depth"),
            "step_branches": {name: step["branch"] for name, step in self.steps.items()},
            "step_collection_policies": {name: str(policy["type"]).capitalize() for name, policy in policies.items()},
            "step_dependencies": {name: step["depends_on"] for name, step in self.steps.items()},
            "step_dependency_modes": {name: str(step["depends_on_mode"]).capitalize() for name, step in self.steps.items()},
            "step_has_conditions": {name: step["condition"] is not None for name, step in self.steps.items()},
            "step_quorum_thresholds": {name: policy.get("n", 0) for name, policy in policies.items()},
        }
