"""The audit trail of a run's scheduler: `flow_authority_inputs`, in four shapes whose keys are always there (spec 04, section 14.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

_RUN_KEYS = ("frame_id", "loop_instance_id", "node_id", "step_id", "step_status", "run_step_key", "retry_key", "target_count")
_FRAME_KEYS = ("node_id", "frame_node_key", "node_status", "terminal_status")


class Audit:
    """What the scheduler of one run was asked to do, in order."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self.entries: list[Json] = []

    def add(self, name: str, payload: JsonObject) -> None:
        """Note an input with its whole payload."""
        self.entries.append({"input": name, "payload": payload})

    def run(self, command: str, **named: Json) -> None:
        """Note a command to the run's reducer; what is not named is null."""
        payload: JsonObject = {"command": command, "run_id": self._run_id, **dict.fromkeys(_RUN_KEYS), **named}
        self.add("AuthorizeFlowRunReducerCommand", payload)

    def step(self, command: str, step: str, **named: Json) -> None:
        """Note a command to the run's reducer about one step."""
        self.run(command, step_id=step, run_step_key=f"{self._run_id}\0{step}", **named)

    def frame(self, command: str, frame_id: str, **named: Json) -> None:
        """Note a command to the reducer of a frame; what is not named is null."""
        payload: JsonObject = {"command": command, "frame_id": frame_id, **dict.fromkeys(_FRAME_KEYS), **named}
        self.add("AuthorizeFlowFrameReducerCommand", payload)

    def node(self, command: str, frame_id: str, node: str, status: str) -> None:
        """Note a command to the reducer of a frame about one node."""
        self.frame(command, frame_id, node_id=node, frame_node_key=f"{frame_id}\0{node}", node_status=status)

    def loop(self, name: str, loop_instance_id: str, iteration: int) -> None:
        """Note what became of one round of a loop."""
        self.add(name, {"iteration": iteration, "loop_instance_id": loop_instance_id})
