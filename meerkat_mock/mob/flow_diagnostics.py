"""What is wrong with one flow of a definition: its steps, then its frames (spec 04, section 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from meerkat.wire.base import JsonObject

MAX_DEPTH = 32
_UNIQUE_STEPS = "step IDs must be unique across the entire frame graph (including loop bodies) to ensure deterministic resume"
_UNIQUE_LOOPS = "loop IDs must be unique across the entire flow graph"


def flow_faults(flow: str, definition: JsonObject, roles: Collection[str]) -> Iterator[str]:
    """Yield the diagnostics of a stored flow, each as `code: text`."""
    steps = cast("dict[str, JsonObject]", definition["steps"])
    for name in sorted(steps):
        yield from _step(name, steps[name], steps, roles)
    edges = {name: cast("list[str]", step["depends_on"]) for name, step in steps.items()}
    if has_cycle(edges):
        yield f"flow_cycle_detected: flow '{flow}' contains a cycle"
    elif _depth(edges) > MAX_DEPTH:
        yield f"flow_depth_exceeded: flow '{flow}' exceeds max depth of {MAX_DEPTH}"
    yield from _branches(flow, steps)
    root = definition["root"]
    if isinstance(root, dict):
        yield from _Frames(flow, steps).faults(root)


def _step(name: str, step: JsonObject, steps: Collection[str], roles: Collection[str]) -> Iterator[str]:
    if step["role"] not in roles:
        yield f"flow_unknown_role: step '{name}' references unknown role '{step['role']}'"
    for needed in cast("list[str]", step["depends_on"]):
        if needed not in steps:
            yield f"flow_unknown_step: step '{name}' depends on unknown step '{needed}'"
    if cast("JsonObject", step["collection_policy"]).get("n") == 0:
        yield f"quorum_invalid: step '{name}' has invalid quorum n=0"


def _branches(flow: str, steps: Mapping[str, JsonObject]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for name in sorted(steps):
        if (branch := steps[name]["branch"]) is not None:
            groups.setdefault(str(branch), []).append(name)
    for group in sorted(groups):
        members = groups[group]
        if len(members) < 2:
            yield f"branch_group_empty: branch group '{group}' in flow '{flow}' must contain at least two steps"
        for name in members:
            if steps[name]["condition"] is None:
                yield f"branch_step_missing_condition: branch step '{name}' in group '{group}' is missing condition"
        first = sorted(cast("list[str]", steps[members[0]]["depends_on"]))
        for name in members[1:]:
            if sorted(cast("list[str]", steps[name]["depends_on"])) != first:
                yield f"branch_step_conflicting_deps: branch step '{name}' in group '{group}' has conflicting dependencies"


class _Frames:
    """The frames of one flow, walked from the root; steps and loops are counted over all of them."""

    def __init__(self, flow: str, steps: Collection[str]) -> None:
        self._flow = flow
        self._steps = steps
        self._seen_steps: set[str] = set()
        self._seen_loops: set[str] = set()

    def faults(self, root: JsonObject) -> Iterator[str]:
        yield from self._frame(root, f"flows.{self._flow}.root", 1)
        missing = sorted(set(self._steps) - self._seen_steps)
        if missing:
            yield (f"flow_unknown_step: root frame for flow '{self._flow}' does not reference declared flow steps: {', '.join(missing)}")

    def _frame(self, frame: JsonObject, where: str, depth: int) -> Iterator[str]:
        if depth > MAX_DEPTH:
            yield f"flow_depth_exceeded: frame '{where}' exceeds max nesting depth of {MAX_DEPTH}"
            return
        nodes = cast("dict[str, JsonObject]", frame["nodes"])
        for name in sorted(nodes):
            yield from self._node(name, nodes[name], nodes, where, depth)
        if has_cycle({name: cast("list[str]", node["depends_on"]) for name, node in nodes.items()}):
            yield f"flow_cycle_detected: frame '{where}' contains a dependency cycle"

    def _node(self, name: str, node: JsonObject, nodes: Collection[str], where: str, depth: int) -> Iterator[str]:
        loop = node["kind"] == "repeat_until"
        yield from self._loop(name, node) if loop else self._step(name, str(node["step_id"]))
        for needed in cast("list[str]", node["depends_on"]):
            if needed not in nodes:
                kind = "loop" if loop else "frame"
                yield f"flow_unknown_step: {kind} node '{name}' depends_on unknown node '{needed}' in frame '{where}'"
        if loop:
            yield from self._frame(cast("JsonObject", node["body"]), f"{where}.{name}.body", depth + 1)

    def _step(self, name: str, step: str) -> Iterator[str]:
        if step not in self._steps:
            yield f"flow_unknown_step: frame node '{name}' references step_id '{step}' which is not defined in flow '{self._flow}'"
        elif step in self._seen_steps:
            yield f"flow_cycle_detected: duplicate step_id '{step}' in flow '{self._flow}'; {_UNIQUE_STEPS}"
        self._seen_steps.add(step)

    def _loop(self, name: str, node: JsonObject) -> Iterator[str]:
        loop = str(node["loop_id"])
        if loop in self._seen_loops:
            yield f"flow_cycle_detected: duplicate loop_id '{loop}' in flow '{self._flow}'; {_UNIQUE_LOOPS}"
        self._seen_loops.add(loop)
        if node["max_iterations"] == 0:
            yield f"quorum_invalid: loop node '{name}' has invalid max_iterations=0; must be >= 1"


def _order(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names in an order of their dependencies; those on a cycle are missing."""
    waiting = {name: {needed for needed in edges[name] if needed in edges} for name in edges}
    followers: dict[str, list[str]] = {}
    for name, needs in waiting.items():
        for needed in needs:
            followers.setdefault(needed, []).append(name)
    ready = sorted(name for name, needs in waiting.items() if not needs)
    for name in ready:
        for follower in followers.get(name, ()):
            waiting[follower].discard(name)
            if not waiting[follower]:
                ready.append(follower)
    return ready


def has_cycle(edges: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether something depends on itself in the end."""
    return len(_order(edges)) < len(edges)


def _depth(edges: Mapping[str, Sequence[str]]) -> int:
    """Return the number of names on the longest chain."""
    depth: dict[str, int] = {}
    for name in _order(edges):
        depth[name] = 1 + max((depth.get(needed, 0) for needed in edges[name]), default=0)
    return max(depth.values(), default=0)
