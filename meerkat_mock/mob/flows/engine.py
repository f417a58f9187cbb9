"""Running a flow: frames whose ready nodes start at once, loops, and how a run ends (spec 04, sections 14.2, 14.3 and 14.5)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from meerkat_mock.mob.flows.frames import Frame, LoopState
from meerkat_mock.mob.flows.run import SYSTEM_MEMBER
from meerkat_mock.mob.flows.steps import Aborted, StepFailed
from meerkat_mock.mob.flows.values import holds
from meerkat_mock.mob.refusals import Refusal
from meerkat_mock.session.options import TurnRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.mob.driving import Driver
    from meerkat_mock.mob.ending import Undertaker
    from meerkat_mock.mob.flows.frames import Loop, Node
    from meerkat_mock.mob.flows.run import FlowRun
    from meerkat_mock.mob.flows.steps import StepRunner
    from meerkat_mock.mob.roster import Member

SUPERVISOR_SECONDS = 2.0
"""How long the supervisor may take (spec 04, section 14.2)."""
NodeEnd: TypeAlias = Literal["Completed", "Failed", "Skipped"]
Ended: TypeAlias = "tuple[Node, NodeEnd | Aborted]"
_COMMANDS = {"Completed": "CompleteNode", "Failed": "FailNode", "Skipped": "SkipNode"}


@dataclass(frozen=True)
class Place:
    """Where a frame stands: how deep, and which outputs of loop bodies its steps can name beside those of the root frame."""

    depth: int = 0
    outer: JsonObject = field(default_factory=lambda: {})
    outputs: JsonObject = field(default_factory=lambda: {})
    """What the steps of this frame come to, if it is the body of a loop."""

    def seen(self) -> JsonObject:
        """Return the outputs that stand before those of the root frame."""
        return {**self.outer, **self.outputs}

    def inside(self) -> Place:
        """Return the place of one round of a loop in this frame."""
        return Place(self.depth + 1, self.seen())


@dataclass(eq=False)
class Engine:
    """Carries out one run to its end."""

    run: FlowRun
    steps: StepRunner
    driver: Driver
    undertaker: Undertaker
    clock: Clock

    def __post_init__(self) -> None:
        """Nothing waits for a slot yet."""
        self._waiting: list[asyncio.Event] = []
        self._root: Frame | None = None

    async def carry_out(self) -> None:
        """Run the flow and write its end; being cancelled is an end, too."""
        run = self.run
        run.mob.log.add_whole({"type": "flow_started", "run_id": run.run_id, "flow_id": run.flow_id, "params": run.params})
        run.audit.add("RunFlow", {"run_id": run.run_id, "step_ids": list(run.steps), "ordered_steps": list(run.steps), **run.plan()})
        run.audit.run("StartRun")
        try:
            await self._within_limit()
        except Aborted as aborted:
            self._abort(str(aborted))
        except asyncio.CancelledError:
            self._cancel()
        else:
            await self._finish()

    async def _within_limit(self) -> None:
        """Run the root frame within the flow's whole time. Raises `Aborted`."""
        limit = self.run.limit("max_flow_duration_ms")
        frame = self._root = Frame(f"{self.run.run_id}-root", self.run.nodes)
        work = asyncio.ensure_future(self._frame(frame, Place()))
        if not limit:
            late: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        else:
            late = asyncio.ensure_future(self.clock.pause(limit / 1000, f"run {self.run.run_id} may take no longer"))
        try:
            await asyncio.wait((work, late), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self._fail_running()
                raise Aborted(f"max flow duration exceeded for {self.run.run_id}")
            work.result()
        finally:
            late.cancel()
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

    def _fail_running(self) -> None:
        """Fail the nodes that the end of the flow's time cuts, inner ones first, as any abort does (spec 04, section 14.5, point 5)."""
        for frame in reversed(self.run.frames.values()):
            for name, status in frame.status.items():
                if status == "Running":
                    frame.status[name] = "Failed"
                    self.run.audit.node("FailNode", frame.frame_id, name, "Failed")

    # ---- frames ----------------------------------------------------------------------------------------------------------------------

    async def _frame(self, frame: Frame, place: Place) -> None:
        """Run the nodes of a frame. Raises `Aborted`."""
        run = self.run
        run.frames[frame.frame_id] = frame
        run.audit.add("CreateFrameSeed", frame.seed(run.run_id))
        moved = asyncio.Event()
        self._waiting.append(moved)
        ended: list[Ended] = []
        tasks: set[asyncio.Task[None]] = set()

        def tell(end: Ended) -> None:
            ended.append(end)
            moved.set()

        try:
            while True:
                frame.settle()
                for node in self._startable(frame):
                    self._admit(frame, node)
                    task = asyncio.ensure_future(self._node(frame, node, place, tell))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                if frame.over:
                    break
                await moved.wait()
                moved.clear()
                self._take(frame, ended)
        finally:
            self._waiting.remove(moved)
            for task in tuple(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        frame.phase = "Failed" if frame.failed else "Completed"
        run.audit.frame("SealFrame", frame.frame_id, terminal_status=frame.phase)

    def _startable(self, frame: Frame) -> list[Node]:
        """Return the ready nodes that the limit of active nodes lets through."""
        ready = [frame.nodes[name] for name, status in frame.status.items() if status == "Ready"]
        limit = self.run.limit("max_active_nodes")
        return ready[: max(0, limit - self.run.active_nodes)] if limit else ready

    def _admit(self, frame: Frame, node: Node) -> None:
        run = self.run
        run.audit.run("RegisterReadyFrame", frame_id=frame.frame_id)
        run.audit.run("PumpNodeScheduler", frame_id=frame.frame_id)
        run.audit.node("AdmitNextReadyNode", frame.frame_id, node.name, "Running")
        frame.status[node.name] = "Running"
        frame.last_admitted = node.name
        run.last_frame = frame.frame_id
        run.active_nodes += 1
        if node.step_id is not None:
            run.first_frames.setdefault(node.step_id, (frame.frame_id, node.name))

    async def _node(self, frame: Frame, node: Node, place: Place, tell: Callable[[Ended], None]) -> None:
        """Run a node and tell how it has ended."""
        try:
            end = await (self._step(frame, node, place) if node.loop is None else self._loop(frame, node, place))
        except Aborted as aborted:
            tell((node, aborted))
        else:
            tell((node, end))

    def _take(self, frame: Frame, ended: list[Ended]) -> None:
        """Write down how nodes have ended. Raises `Aborted`."""
        while ended:
            node, end = ended.pop(0)
            if isinstance(end, Aborted):
                frame.status[node.name] = "Failed"
                self.run.audit.node("FailNode", frame.frame_id, node.name, "Failed")
                raise end
            frame.status[node.name] = end
            if node.step_id is not None:
                self.run.results[node.step_id] = end
            self.run.audit.node(_COMMANDS[end], frame.frame_id, node.name, end)
            if node.loop is None:
                self._release(frame)

    def _release(self, frame: Frame) -> None:
        self.run.audit.run("NodeExecutionReleased", frame_id=frame.frame_id)
        self.run.active_nodes -= 1
        for waiting in self._waiting:
            waiting.set()

    # ---- nodes -----------------------------------------------------------------------------------------------------------------------

    async def _step(self, frame: Frame, node: Node, place: Place) -> NodeEnd:
        """Run a step. Raises `Aborted`."""
        run, name = self.run, cast("str", node.step_id)
        known = run.known(place.seen())
        condition = run.steps[name]["condition"]
        if isinstance(condition, dict) and not holds(condition, known):
            return "Skipped"
        try:
            output = await self.steps.carry_out(name, known)
        except StepFailed as failed:
            run.failed_step(name, str(failed))
            return "Failed"
        run.all_outputs[name] = output
        if frame.loop_instance_id:
            place.outputs[name] = output
        else:
            run.outputs[name] = output
        run.mob.log.add("step_completed", run_id=run.run_id, step_id=name)
        return "Completed"

    async def _loop(self, frame: Frame, node: Node, place: Place) -> NodeEnd:
        """Run the body of a loop until its condition holds. Raises `Aborted`."""
        run, loop, limit = self.run, cast("Loop", node.loop), self.run.limit("max_frame_depth")
        if limit and place.depth + 1 > limit:
            raise Aborted(f"loop '{loop.loop_id}' would exceed max_frame_depth={limit} (current depth={place.depth})")
        instance = f"{frame.frame_id}::{node.name}"
        state = LoopState(instance, frame.frame_id, node.name, loop.loop_id, place.depth + 1, loop.max_iterations)
        run.loops[instance] = state
        run.audit.add("CreateLoopSeed", state.seed())
        rounds = run.loop_outputs.setdefault(loop.loop_id, [])
        for iteration in range(loop.max_iterations):
            body, inner = Frame(f"{instance}::iter-{iteration}", loop.body, instance, iteration), place.inside()
            await self._round(state, body, inner)
            rounds.append(inner.outputs)
            if body.failed:
                state.phase = "Failed"
                return "Failed"
            if self._until(state, iteration, holds(loop.until, run.known(inner.seen()))):
                state.phase = "Completed"
                return "Completed"
        state.phase = "Exhausted"
        return "Failed"

    async def _round(self, state: LoopState, body: Frame, inner: Place) -> None:
        """Run the body once. Raises `Aborted`."""
        run, instance = self.run, state.loop_instance_id
        run.last_loop = instance
        run.audit.run("RegisterPendingBodyFrame", loop_instance_id=instance)
        run.audit.run("PumpFrameScheduler", loop_instance_id=instance)
        state.stage, state.active_body_frame_id = "BodyFrameActive", body.frame_id
        await self._frame(body, inner)
        run.audit.run("FrameTerminated", frame_id=body.frame_id)
        run.loop_ledger.append({"loop_instance_id": instance, "iteration": body.iteration, "frame_id": body.frame_id})
        state.stage, state.active_body_frame_id = "AwaitingUntilEvaluation", None
        state.current_iteration = body.iteration + 1
        run.audit.loop("RecordLoopBodyFrameCompleted", instance, body.iteration)

    def _until(self, state: LoopState, iteration: int, met: bool) -> bool:
        name = "RecordLoopUntilConditionMet" if met else "RecordLoopUntilConditionFailed"
        self.run.audit.loop(name, state.loop_instance_id, iteration)
        return met

    # ---- ends ------------------------------------------------------------------------------------------------------------------------

    async def _finish(self) -> None:
        """Write the end of a run whose root frame was sealed."""
        run = self.run
        root = cast("Frame", self._root)
        self._name_unstarted(root)
        if root.failed:
            await self._fail()
            return
        for name in run.steps:
            if name in run.results:
                self._project(name)
                self._summarize(name, "auto-skipped by frame execution")
        run.step_status = {name: run.results.get(name) for name in run.steps}
        run.audit.run("TerminalizeCompleted")
        outputs: JsonObject | None = {"steps": dict(run.outputs)} if run.outputs else None
        run.mob.log.add("flow_completed", run_id=run.run_id, flow_id=run.flow_id, structured_output=outputs)
        run.ended("completed")

    def _name_unstarted(self, root: Frame) -> None:
        """Take the state of steps that never started from their nodes."""
        for frame in self.run.frames.values():
            for name, node in frame.nodes.items():
                if node.step_id is not None and node.step_id not in self.run.results:
                    self.run.results[node.step_id] = frame.status[name]
                    self.run.first_frames.setdefault(node.step_id, (frame.frame_id, name))

    async def _fail(self) -> None:
        run = self.run
        failed = [name for name in run.steps if run.results.get(name) == "Failed"]
        skipped = [name for name in run.steps if run.results.get(name) == "Skipped"]
        for name in sorted((*failed, *skipped)):
            self._project(name)
        for name in run.steps:
            if run.results.get(name) == "Completed":
                run.audit.step("FailStep", name, step_status="Failed")
        for name in (*failed, *skipped):
            self._summarize(name, "auto-skipped by failed frame execution")
        run.step_status = {
            name: "Failed" if end == "Completed" else end for name, end in ((each, run.results.get(each)) for each in run.steps)
        }
        await self._escalate(failed)
        run.audit.run("TerminalizeFailed")
        self._failed(f"flow failed for run {run.run_id}: root frame sealed failed")

    def _project(self, name: str) -> None:
        frame_id, node = self.run.first_frames[name]
        self.run.audit.step("ProjectFrameStepStatus", name, frame_id=frame_id, node_id=node)

    def _summarize(self, name: str, skipped_because: str) -> None:
        """Write the last event and ledger entry of a step."""
        run, end = self.run, self.run.results[name]
        if end == "Failed":
            run.mob.log.add("step_failed", run_id=run.run_id, step_id=name, reason=run.reasons.get(name, ""))
        elif end == "Skipped":
            run.mob.log.add("step_skipped", run_id=run.run_id, step_id=name, reason=skipped_because)
        run.entered(name, SYSTEM_MEMBER, end.lower(), run.all_outputs.get(name) if end == "Completed" else None)

    def _failed(self, reason: str) -> None:
        run = self.run
        run.mob.log.add("flow_failed", run_id=run.run_id, flow_id=run.flow_id, reason=reason)
        run.ended("failed")

    def _abort(self, reason: str) -> None:
        """End a run at once; its frame is left as it is."""
        for name in self.run.steps:
            self.run.audit.step("FailStep", name, step_status="Failed")
        self.run.step_status = dict.fromkeys(self.run.steps, "Failed")
        self.run.audit.run("TerminalizeFailed")
        self._failed(reason)

    def _cancel(self) -> None:
        run = self.run
        for frame in run.frames.values():
            if frame.phase != "Running":
                continue
            for name, status in frame.status.items():
                if status == "Running":
                    frame.status[name] = "Canceled"
                    run.audit.node("CancelNode", frame.frame_id, name, "Canceled")
                elif status in ("Pending", "Ready"):
                    frame.status[name] = "Skipped"
        for name in run.steps:
            run.audit.step("CancelStep", name, step_status="Canceled")
        run.step_status = dict.fromkeys(run.steps, "Canceled")
        run.audit.run("TerminalizeCanceled")
        run.mob.log.add("flow_canceled", run_id=run.run_id, flow_id=run.flow_id)
        run.ended("canceled")

    async def _escalate(self, failed: list[str]) -> None:
        """Ask the supervisor once enough steps have failed; then every member is retired (spec 04, section 14.2)."""
        run, threshold = self.run, self.run.escalation_threshold
        if not threshold or len(failed) < threshold:
            return
        supervisor = cast("JsonObject", run.mob.definition["supervisor"])
        members = run.mob.roster.of_role(str(supervisor["role"]))
        if not members:
            return
        step = failed[threshold - 1]
        await self._ask(members[0], f"Step '{step}' of flow '{run.flow_id}' failed in run {run.run_id}: {run.reasons.get(step, '')}")
        run.mob.log.add("supervisor_escalation", run_id=run.run_id, step_id=step, escalated_to=members[0].identity)
        for member in run.mob.roster:
            with contextlib.suppress(Refusal):
                await self.undertaker.let_go(run.mob, member)

    async def _ask(self, member: Member, text: str) -> None:
        answer = self.driver.begin(member, TurnRequest(text))
        late = asyncio.ensure_future(self.clock.pause(SUPERVISOR_SECONDS, f"supervisor {member.identity} is asked"))
        await asyncio.wait((answer, late), return_when=asyncio.FIRST_COMPLETED)
        late.cancel()
        if answer.done() and not answer.cancelled():
            answer.exception()
