"""Flows: which there are, running one, looking at a run, cancelling it (spec 04, section 14.1)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from meerkat_mock.contract.texts import uuid_fault
from meerkat_mock.mob.flows.engine import Engine
from meerkat_mock.mob.flows.run import FlowRun
from meerkat_mock.mob.flows.steps import StepRunner
from meerkat_mock.mob.refusals import Refusal, internal, no_transition
from meerkat_mock.scenario.matching import match
from meerkat_mock.session.locators import canonical_uuid
from meerkat_mock.surfaces.mobs import mob_id_in
from meerkat_mock.surfaces.registry import handles

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.mob.mob import Mob
    from meerkat_mock.scenario.models.mobs import Step
    from meerkat_mock.surfaces.mobs import MobWorld
    from meerkat_mock.surfaces.registry import Params


class MobFlows:
    """Runs flows in the background."""

    def __init__(self, world: MobWorld) -> None:
        self._world = world
        self._mobs = world.mobs
        self._clock = world.runtime.clock
        self._tasks: set[asyncio.Task[None]] = set()
        world.runtime.at_close(self._close)

    async def _close(self) -> None:
        """End every run: the process goes down."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @handles("mob/flows")
    def flows(self, params: Params) -> JsonObject:
        """List the flows of a definition."""
        mob = self._mobs.find(mob_id_in(params))
        names: list[Json] = [*sorted(cast("JsonObject", mob.definition["flows"]))]
        return {"mob_id": mob.id, "flows": names}

    @handles("mob/flow_run")
    async def flow_run(self, params: Params) -> JsonObject:
        """Start a run; it goes on in the background."""
        async with self._mobs.entered(mob_id_in(params)) as mob:
            mob.need_running()
            flow_id: str = params["flow_id"]
            if flow_id not in cast("JsonObject", mob.definition["flows"]):
                raise Refusal(f"flow not found: {flow_id}", "flow_not_found")
            if mob.definition["topology"] is not None and mob.orchestrator_role is None:
                raise internal("topology requires an orchestrator profile")
            run = FlowRun(mob, flow_id, params.get("params"), self._world.runtime.ids.uuid4(), self._clock)
            mob.runs[run.run_id] = run
            self._start(mob, run)
            return {"run_id": run.run_id}

    def _start(self, mob: Mob, run: FlowRun) -> None:
        world = self._world
        steps = StepRunner(run, world.driver, self._clock, lambda step: self._script(mob.id, run.flow_id, step))
        engine = Engine(run, steps, world.driver, world.undertaker, self._clock)
        task = run.task = asyncio.ensure_future(engine.carry_out())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _script(self, mob_id: str, flow_id: str, step: str) -> Step | None:
        """Return what a scenario says of a step."""
        scenario = self._world.runtime.script
        for mob in scenario.mobs if scenario is not None else ():
            wanted = mob.match.definition
            if (wanted is None or match(wanted, mob_id) is None) and step in mob.flows.get(flow_id, {}):
                return mob.flows[flow_id][step]
        return None

    @handles("mob/flow_status")
    async def flow_status(self, params: Params) -> JsonObject:
        """Show a run; an unknown one is null."""
        mob_id, run_id = mob_id_in(params), _run_id(params)
        async with self._mobs.entered(mob_id) as mob:
            run = mob.runs.get(run_id)
            return {"run": None if run is None else run.wire()}

    @handles("mob/flow_cancel")
    async def flow_cancel(self, params: Params) -> JsonObject:
        """Ask a run to end; one that has ended is left alone."""
        mob_id, run_id = mob_id_in(params), _run_id(params)
        async with self._mobs.entered(mob_id) as mob:
            mob.need_running()
            run = mob.runs.get(run_id)
            if run is None:
                raise no_transition("Running", "Running")
            if isinstance(run, FlowRun) and run.task is not None:
                run.task.cancel()
            return {"canceled": True}


def _run_id(params: Params) -> str:
    """Return `run_id` in its plain form. Raises `Refusal`."""
    text: str = params["run_id"]
    if (fault := uuid_fault(text)) is not None:
        raise Refusal(f"Invalid run_id: {fault}")
    return canonical_uuid(text) or text
