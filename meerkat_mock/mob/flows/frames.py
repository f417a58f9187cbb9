"""Frames and loops of a run: which nodes there are, how they depend on each other, how far they are (spec 04, sections 14.4 and 14.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

NodeStatus = Literal["Pending", "Ready", "Running", "Completed", "Failed", "Skipped", "Canceled"]
OVER: tuple[NodeStatus, ...] = ("Completed", "Failed", "Skipped", "Canceled")


@dataclass(frozen=True)
class Node:
    """One node of a frame: a step, or a loop with the frame of its body."""

    name: str
    depends_on: tuple[str, ...]
    any_of: bool
    branch: str | None
    step_id: str | None = None
    loop: Loop | None = None


@dataclass(frozen=True)
class Loop:
    """A body that is run until a condition holds."""

    loop_id: str
    body: dict[str, Node]
    until: JsonObject
    max_iterations: int


def nodes_of(flow: JsonObject) -> dict[str, Node]:
    """Return the nodes of a flow's root frame; without one there is a node per step."""
    steps = cast("dict[str, JsonObject]", flow["steps"])
    root = flow["root"]
    if isinstance(root, dict):
        return _frame(root, steps)
    return {name: _step_node(name, name, step, step) for name, step in sorted(steps.items())}


def _frame(frame: JsonObject, steps: dict[str, JsonObject]) -> dict[str, Node]:
    nodes = cast("dict[str, JsonObject]", frame["nodes"])
    return {name: _node(name, node, steps) for name, node in sorted(nodes.items())}


def _node(name: str, node: JsonObject, steps: dict[str, JsonObject]) -> Node:
    if node["kind"] == "step":
        step_id = str(node["step_id"])
        return _step_node(name, step_id, node, steps[step_id])
    body = _frame(cast("JsonObject", node["body"]), steps)
    loop = Loop(str(node["loop_id"]), body, cast("JsonObject", node["until"]), cast("int", node["max_iterations"]))
    return Node(name, _names(node), node["depends_on_mode"] == "any", None, loop=loop)


def _step_node(name: str, step_id: str, node: JsonObject, step: JsonObject) -> Node:
    branch = node["branch"] if node["branch"] is not None else step["branch"]
    return Node(name, _names(node), node["depends_on_mode"] == "any", cast("str | None", branch), step_id=step_id)


def _names(node: JsonObject) -> tuple[str, ...]:
    return tuple(cast("list[str]", node["depends_on"]))


def steps_in(nodes: dict[str, Node]) -> list[tuple[str, Node]]:
    """Return every step node of a frame and of the bodies in it, with the id of its step."""
    found: list[tuple[str, Node]] = []
    for node in nodes.values():
        if node.loop is not None:
            found += steps_in(node.loop.body)
        elif node.step_id is not None:
            found.append((node.step_id, node))
    return found


@dataclass(eq=False)
class Frame:
    """How far the nodes of one frame are."""

    frame_id: str
    nodes: dict[str, Node]
    loop_instance_id: str = ""
    iteration: int = 0
    status: dict[str, NodeStatus] = field(default_factory=lambda: {})
    phase: str = "Running"
    last_admitted: str | None = None

    def __post_init__(self) -> None:
        """Nodes without dependencies are ready at once."""
        self.status = {name: "Pending" if node.depends_on else "Ready" for name, node in self.nodes.items()}

    @property
    def scope(self) -> str:
        """Return `Root` or `Body`."""
        return "Body" if self.loop_instance_id else "Root"

    def settle(self) -> None:
        """Make ready or skip what waits, as its dependencies and its branch allow."""
        moved = True
        while moved:
            moved = False
            for name, status in self.status.items():
                if status in ("Pending", "Ready") and (new := self._next(self.nodes[name])) != status:
                    self.status[name] = new
                    moved = True

    def _next(self, node: Node) -> NodeStatus:
        if node.branch is not None and any(
            self.status[other.name] == "Completed" for other in self.nodes.values() if other.branch == node.branch
        ):
            return "Skipped"
        states = [self.status[name] for name in node.depends_on]
        if node.any_of and states:
            return "Ready" if "Completed" in states else "Skipped" if all(state in OVER for state in states) else "Pending"
        if any(state in ("Failed", "Skipped", "Canceled") for state in states):
            return "Skipped"
        return "Ready" if all(state == "Completed" for state in states) else "Pending"

    @property
    def over(self) -> bool:
        """Tell whether every node has ended."""
        return all(status in OVER for status in self.status.values())

    @property
    def failed(self) -> bool:
        """Tell whether a node has failed, which is enough for the frame."""
        return "Failed" in self.status.values()

    def seed(self, run_id: str) -> JsonObject:
        """Return the payload of `CreateFrameSeed`."""
        ready: list[Json] = [name for name, status in self.status.items() if status == "Ready"]
        return {
            "run_id": run_id,
            "frame_id": self.frame_id,
            "frame_scope": self.scope,
            "iteration": self.iteration,
            "loop_instance_id": self.loop_instance_id or None,
            "node_status": dict(self.status),
            "ready_queue": ready,
            "node_step_ids": {name: node.step_id for name, node in self.nodes.items() if node.step_id is not None},
            "node_loop_ids": {name: node.loop.loop_id for name, node in self.nodes.items() if node.loop is not None},
            **self._graph(),
        }

    def _graph(self) -> JsonObject:
        names: list[Json] = list(self.nodes)
        return {
            "tracked_nodes": names,
            "ordered_nodes": list(names),
            "node_kind": {name: "Step" if node.loop is None else "Loop" for name, node in self.nodes.items()},
            "node_branches": {name: node.branch for name, node in self.nodes.items()},
            "node_dependencies": {name: list(node.depends_on) for name, node in self.nodes.items()},
            "node_dependency_modes": {name: "Any" if node.any_of else "All" for name, node in self.nodes.items()},
        }

    def wire(self) -> JsonObject:
        """Return the kernel state."""
        ready: list[Json] = [name for name, status in self.status.items() if status == "Ready"]
        return {
            "phase": self.phase,
            "frame_id": self.frame_id,
            "frame_scope": self.scope,
            "loop_instance_id": self.loop_instance_id,
            "iteration": self.iteration,
            "last_admitted_node": self.last_admitted,
            "branch_winners": [],
            "node_status": dict(self.status),
            "ready_queue": ready,
            "output_recorded": dict.fromkeys(self.nodes, False),
            "node_condition_results": dict.fromkeys(self.nodes),
            **self._graph(),
        }


@dataclass(eq=False)
class LoopState:
    """How far one loop is."""

    loop_instance_id: str
    parent_frame_id: str
    parent_node_id: str
    loop_id: str
    depth: int
    max_iterations: int
    phase: str = "Running"
    stage: str = "AwaitingBodyFrame"
    current_iteration: int = 0
    active_body_frame_id: str | None = None

    def seed(self) -> JsonObject:
        """Return the payload of `CreateLoopSeed`."""
        return {
            "depth": self.depth,
            "loop_id": self.loop_id,
            "loop_instance_id": self.loop_instance_id,
            "max_iterations": self.max_iterations,
            "parent_frame_id": self.parent_frame_id,
            "parent_node_id": self.parent_node_id,
        }

    def wire(self) -> JsonObject:
        """Return the kernel state."""
        done = self.current_iteration
        return {
            **self.seed(),
            "phase": self.phase,
            "stage": self.stage,
            "current_iteration": done,
            "last_completed_iteration": done - 1 if done else None,
            "active_body_frame_id": self.active_body_frame_id,
        }
