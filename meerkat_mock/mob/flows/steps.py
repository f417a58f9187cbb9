"""One step of a flow: choosing its members, letting them run, reading and collecting what they say (spec 04, section 14.2)."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from meerkat_mock.agent.json_text import BadJson, read_json
from meerkat_mock.agent.schema_faults import BadSchema, compiled, first_fault
from meerkat_mock.clock import seconds
from meerkat_mock.mob.flows.values import BadTemplate, rendered
from meerkat_mock.mob.refusals import Refusal
from meerkat_mock.session.options import TurnRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.agent.ports import Block
    from meerkat_mock.clock import Clock
    from meerkat_mock.mob.driving import Driver
    from meerkat_mock.mob.flows.run import FlowRun
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.scenario.models.mobs import Step

_FENCED = re.compile(r"```[^\n`]*\n(.*?)\n?[ \t]*```", re.DOTALL)
DEFAULT_TIMEOUT_MS = 30_000


class StepFailed(Exception):
    """A step that has failed; `str()` is its reason."""


class Aborted(Exception):
    """What ends the whole run; `str()` is the reason."""


class _TurnFailed(Exception):
    """A target whose turn failed: it is told in the reason of the step alone (spec 04, section 0)."""


class _BadOutput(Exception):
    """A target whose answer is not what the step wants."""


@dataclass(frozen=True)
class StepRunner:
    """Carries out the steps of one run."""

    run: FlowRun
    driver: Driver
    clock: Clock
    script: Callable[[str], Step | None]
    """What a scenario says of a step, by its id."""

    async def carry_out(self, name: str, known: JsonObject) -> Json:
        """Return the collected output of a step. Raises `StepFailed` or `Aborted`."""
        step = self.run.steps[name]
        prompt = _prompt(name, step, known)
        self._check_topology(str(step["role"]))
        targets = self._targets(name, step)
        done: list[tuple[Member, Json]] = []
        reasons: list[str] = []
        await asyncio.gather(*(self._target(name, step, target, prompt, done, reasons) for target in targets))
        self._check_collection(step, done, reasons)
        output = _collected(step, done)
        self._check_schema(name, step, output)
        return output

    # ---- before ----------------------------------------------------------------------------------------------------------------------

    def _check_topology(self, role: str) -> None:
        topology, origin = self.run.mob.definition["topology"], self.run.mob.orchestrator_role
        if not isinstance(topology, dict) or origin is None:
            return
        allowed = True
        for rule in cast("list[JsonObject]", topology["rules"]):
            if rule["from_role"] in ("*", origin) and rule["to_role"] in ("*", role):
                allowed = rule["allowed"] is True
        if allowed:
            return
        if topology["mode"] == "strict":
            raise Aborted(f"topology violation: {origin} -> {role}")
        self.run.mob.log.add("topology_violation", from_role=origin, to_role=role)

    def _targets(self, name: str, step: JsonObject) -> list[Member]:
        targets = self.run.mob.roster.of_role(str(step["role"]))
        quorum = cast("int", cast("JsonObject", step["collection_policy"]).get("n", 0))
        if not targets:
            raise StepFailed(f"insufficient targets for step {name}: required 1, available 0")
        if step["dispatch_mode"] == "one_to_one":
            targets = targets[:1]
        if len(targets) < quorum:
            raise Aborted(f"insufficient targets for step {name}: required {quorum}, available {len(targets)}")
        return targets

    # ---- one member ------------------------------------------------------------------------------------------------------------------

    async def _target(
        self, name: str, step: JsonObject, member: Member, prompt: str | list[Block], done: list[tuple[Member, Json]], reasons: list[str]
    ) -> None:
        """Let a member try until it succeeds or has no attempt left; then put it among the done or its reason among the failures."""
        run = self.run
        about: JsonObject = {"run_id": run.run_id, "step_id": name, "target": {"identity": member.identity, "generation": 0}}
        told = False
        for attempt in range(run.limit("max_step_retries") + 1):
            run.mob.log.add_whole({"type": "step_dispatched", **about})
            run.dispatched(name, member.identity)
            try:
                output = await self._attempt(name, step, member, prompt)
            except _BadOutput as fault:
                reason, told = str(fault), True
                run.mob.log.add_whole({"type": "step_target_failed", **about, "reason": reason})
            except _TurnFailed as fault:
                reason, told = str(fault), False
            else:
                run.mob.log.add_whole({"type": "step_target_completed", **about})
                run.entered(name, member.identity, "completed", output)
                done.append((member, output))
                return
            if attempt == run.limit("max_step_retries"):
                reasons.append(reason)
                if told:
                    run.entered(name, member.identity, "failed", None)

    async def _attempt(self, name: str, step: JsonObject, member: Member, prompt: str | list[Block]) -> Json:
        overlay = step["allowed_tools"] is not None or step["blocked_tools"] is not None
        if overlay and member.autonomous:
            text = f"flow tool overlay cannot be enforced for autonomous host member '{member.identity}'"
            raise _TurnFailed(f"internal error: {text}; use turn_driven runtime mode for steps with allowed_tools/blocked_tools")
        await self._scripted(name)
        allowed = cast("list[str] | None", step["allowed_tools"])
        request = TurnRequest(
            prompt,
            allowed_tools=None if allowed is None else frozenset(allowed),
            blocked_tools=frozenset(cast("list[str] | None", step["blocked_tools"]) or ()),
            has_overlay=overlay,
        )
        result = await self._turn(name, step, member, request)
        return _output(name, step, member, result)

    async def _scripted(self, name: str) -> None:
        """Act out what a scenario says of a step before its turn. Raises `_BadOutput`."""
        script = self.script(name)
        if script is not None and script.delay:
            await self.clock.pause(seconds(script.delay), f"step {name} of run {self.run.run_id} is delayed")
        if script is not None and script.fail is not None:
            raise _BadOutput(script.fail)

    async def _turn(self, name: str, step: JsonObject, member: Member, request: TurnRequest) -> JsonObject:
        """Run one turn; only an autonomous member's is cut by the step's time limit (spec 04, section 0). Raises `_TurnFailed`."""
        script = self.script(name)
        turn = asyncio.ensure_future(self.driver.run_step(member, request, script.rounds if script is not None else ()))
        try:
            if member.autonomous:
                limit = cast("int", step["timeout_ms"] or DEFAULT_TIMEOUT_MS)
                late = asyncio.ensure_future(self.clock.pause(limit / 1000, f"the step that {member.identity} has may take no longer"))
                try:
                    await asyncio.wait((turn, late), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    late.cancel()
                if not turn.done():
                    raise _BadOutput(f"timeout after {limit}ms")
            return await turn
        except Refusal as refusal:
            raise _TurnFailed(refusal.message) from refusal
        finally:
            turn.cancel()

    # ---- after -----------------------------------------------------------------------------------------------------------------------

    def _check_collection(self, step: JsonObject, done: list[tuple[Member, Json]], reasons: list[str]) -> None:
        policy = cast("JsonObject", step["collection_policy"])
        wanted = {"all": len(done) + len(reasons), "any": 1}.get(str(policy["type"]), cast("int", policy.get("n", 0)))
        if len(done) >= wanted:
            return
        if reasons:
            raise StepFailed("; ".join(reasons))
        raise StepFailed(f"collection policy {_debug(policy)} not satisfied: {len(done)} successes, {len(reasons)} failures")

    def _check_schema(self, name: str, step: JsonObject, output: Json) -> None:
        given = step["expected_schema_ref"]
        if given is None:
            return
        try:
            schema = _schema(str(given))
            fault = first_fault(compiled(schema), output)
        except (BadSchema, BadJson, OSError) as error:
            fault = str(error)
        if fault is not None:
            raise StepFailed(f"schema validation failed for step {name}: {fault}")


def _prompt(name: str, step: JsonObject, known: JsonObject) -> str | list[Block]:
    message = cast("str | list[Block]", step["message"])
    try:
        if isinstance(message, str):
            return rendered(message, known)
        return [{**block, "text": rendered(str(block["text"]), known)} if block.get("type") == "text" else block for block in message]
    except BadTemplate as fault:
        raise StepFailed(f"template render failed for step '{name}': {fault}") from fault


def _output(name: str, step: JsonObject, member: Member, result: JsonObject) -> Json:
    """Return what a target's turn came to. Raises `_BadOutput` for a text that is no JSON where JSON is wanted."""
    text = str(result["text"])
    if step["output_format"] == "text":
        return text
    if "structured_output" in result:
        return result["structured_output"]
    fenced = _FENCED.search(text)
    try:
        return read_json(fenced[1] if fenced is not None else text)
    except BadJson as fault:
        raw = json.dumps(text, ensure_ascii=False)
        raise _BadOutput(f"malformed JSON output for step '{name}' target '{member.identity}': {fault}; raw_output={raw}") from fault


def _collected(step: JsonObject, done: list[tuple[Member, Json]]) -> Json:
    """Return the output of a step, in the order in which its targets finished."""
    if step["dispatch_mode"] == "fan_in":
        return [{"target": member.identity, "output": output} for member, output in done]
    if cast("JsonObject", step["collection_policy"])["type"] == "any":
        return done[0][1]
    return {member.identity: output for member, output in done}


def _schema(given: str) -> JsonObject:
    """Return a schema that stands inline, or in a file. Raises `BadSchema`, `BadJson` or `OSError`."""
    text = given if given.lstrip().startswith("{") else Path(given).read_text("utf-8")
    schema = read_json(text)
    if not isinstance(schema, dict):
        raise BadSchema("schema is not an object")
    return schema


def _debug(policy: JsonObject) -> str:
    return f"Quorum {{ n: {policy['n']} }}" if policy["type"] == "quorum" else str(policy["type"]).capitalize()
