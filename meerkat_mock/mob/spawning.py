"""Bringing members into a mob: the checks in their order, the session, the automatic wires, the kickoff (spec 04, section 7)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from meerkat_mock.clock import seconds
from meerkat_mock.mob.definition import stored_profile
from meerkat_mock.mob.diagnostics import RESERVED_PREFIX
from meerkat_mock.mob.driving import failure_reason, first_texts
from meerkat_mock.mob.keys import BadAddress, key_of, read_address
from meerkat_mock.mob.kickoff import Kickoff
from meerkat_mock.mob.refusals import Refusal, internal, no_member, no_profile, taken, wiring_error
from meerkat_mock.mob.roster import Member
from meerkat_mock.scenario.matching import ABSENT, match
from meerkat_mock.session.live import BuildFailed
from meerkat_mock.session.options import Builtins, Options, TurnRequest
from meerkat_mock.session.schemas import output_schema_of
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import JsonObject
    from meerkat_mock.agent.ports import Block, OutputSchema
    from meerkat_mock.mob.driving import Driver
    from meerkat_mock.mob.kickoff import Phase
    from meerkat_mock.mob.mob import Mob, MobBook
    from meerkat_mock.mob.roster import RuntimeMode
    from meerkat_mock.mob.specs import Fork, Spec
    from meerkat_mock.scenario.models.mobs import Spawn
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session

BUILD_SECONDS = 0.03
"""How long a session takes to be built while a first turn runs elsewhere: a short one is over by then (golden mobs/autonomous_end)."""
_NOT_IN_SLUG = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class Life:
    """Which life of an identity begins: its generation, and whether it begins with a kickoff."""

    generation: int = 0
    respawned: bool = False


@dataclass(frozen=True)
class Plan:
    """A spec that a mob admits."""

    spec: Spec
    profile: JsonObject
    runtime_mode: RuntimeMode
    prefix: str = ""
    """What stands before the initial message of a fork."""


class Spawner:
    """Makes members."""

    def __init__(self, mobs: MobBook, sessions: SessionBook, driver: Driver) -> None:
        self._mobs = mobs
        self._sessions = sessions
        self._driver = driver
        self._runtime = sessions.runtime

    async def spawn(self, mob_id: str, spec: Spec) -> Member:
        """Make a member in its turn of the mob's line. Raises `Refusal`."""
        script = self._script(mob_id, spec.identity)
        if script is not None and (script.delay or script.fail is not None):
            return await self._slowly(mob_id, spec, script)
        async with self._mobs.entered(mob_id) as mob:
            plan = self.admit(mob, spec)
            if any(member.kickoff is not None and not member.kickoff.settled for member in mob.roster):
                await self._runtime.clock.pause(BUILD_SECONDS, f"member {spec.identity} of {mob_id} is built")
            return self.bring_in(mob, plan, Life())

    async def _slowly(self, mob_id: str, spec: Spec, script: Spawn) -> Member:
        """Make a member that a scenario delays or lets fail; the mob's line is free meanwhile."""
        async with self._mobs.entered(mob_id) as mob:
            plan = self.admit(mob, spec)
            ended = mob.coming[spec.identity] = asyncio.get_running_loop().create_future()
        try:
            pause = asyncio.ensure_future(self._runtime.clock.pause(seconds(script.delay), f"member {spec.identity} of {mob_id} comes up"))
            try:
                await asyncio.wait((pause, ended), return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()
            if ended.done():
                ended.result()
        finally:
            mob.coming.pop(spec.identity, None)
        if script.fail is not None:
            raise Refusal(f"session error: {script.fail}", "session_error")
        async with self._mobs.entered(mob_id) as mob:
            mob.need_running()
            return self.bring_in(mob, plan, Life())

    def _script(self, mob_id: str, identity: str) -> Spawn | None:
        """Return how a scenario lets this member come up."""
        scenario = self._runtime.script
        for mob in scenario.mobs if scenario is not None else ():
            wanted = mob.match.definition
            if wanted is None or match(wanted, mob_id or ABSENT, {}) is None:
                member = mob.members.get(identity)
                if member is not None:
                    return member.spawn
        return None

    # ---- checks ----------------------------------------------------------------------------------------------------------------------

    def admit(self, mob: Mob, spec: Spec) -> Plan:
        """Check a spec against its mob, rows 6 to 16 of spec 04, section 7.3. Raises `Refusal`."""
        mob.need_running()
        if spec.identity.startswith(RESERVED_PREFIX):
            raise wiring_error(f"meerkat id '{spec.identity}' uses reserved system prefix '{RESERVED_PREFIX}'")
        if spec.identity in mob.roster or spec.identity in mob.coming:
            raise taken(spec.identity)
        if mob.wires.external_name(spec.identity):
            raise wiring_error(f"meerkat id '{spec.identity}' collides with an existing external peer name")
        return self.planned(mob, spec)

    def planned(self, mob: Mob, spec: Spec) -> Plan:
        """Check what a spec names, rows 10 to 16; a respawn begins here. Raises `Refusal`."""
        profile = self._profile(mob, spec)
        prefix = forked_context(mob, spec.fork) if spec.fork is not None else ""
        if spec.resume is not None:
            self._resumable(mob, spec)
        if not cast("JsonObject", profile["tools"])["comms"]:
            raise wiring_error(f"profile '{spec.profile}' has tools.comms=false; mob meerkats require comms=true")
        if (wrong := _NOT_IN_SLUG.search(mob.id)) is not None:
            raise wiring_error(
                f"mob id '{mob.id}' cannot be used as a realm identity: identity slug contains invalid character '{wrong[0]}'; "
                "must be ASCII alphanumeric or one of '-', '_', '.'"
            )
        _check_backend(mob, spec, profile)
        mode = spec.runtime_mode or cast("RuntimeMode", profile["runtime_mode"])
        return Plan(spec, profile, mode, prefix)

    def _profile(self, mob: Mob, spec: Spec) -> JsonObject:
        profile = mob.profiles.get(spec.profile)
        if profile is None:
            raise no_profile(spec.profile)
        if spec.override is not None:
            return stored_profile(spec.override)
        if "realm_profile" in profile:  # the server looks it up in a store of the mob's own, which is empty
            raise no_profile(spec.profile)
        return profile

    def _resumable(self, mob: Mob, spec: Spec) -> Session:
        """Return the session that a member resumes. Raises `Refusal` for one that cannot be taken over (spec 04, 7.3, row 11)."""
        session = self._sessions.get(spec.resume or "")
        if session is None or session.archived or session.staged:
            raise internal(f"missing durable session snapshot for '{spec.resume}'")
        name, wanted = session.options.comms_name, f"{mob.id}/{spec.profile}/{spec.identity}"
        if session.owner is None or name is None:
            raise internal("missing durable comms_name for resumed mob member")
        if name != wanted:
            raise internal(f"persisted comms_name '{name}' does not match current mob identity '{wanted}'")
        return session

    # ---- making ----------------------------------------------------------------------------------------------------------------------

    def bring_in(self, mob: Mob, plan: Plan, life: Life) -> Member:
        """Make the session, take the member up, wire it and let it begin. Raises `Refusal`."""
        spec = plan.spec
        session = self._session(mob, plan)
        member = Member(
            mob.id, spec.identity, spec.profile, plan.runtime_mode, plan.profile, session, mob.next_fence(), key_of(session.id),
            generation=life.generation, labels=spec.labels, override=spec.override,
        )  # fmt: skip
        mob.roster.add(member)
        _log_spawned(mob, member)
        kicks_off = member.autonomous and not life.respawned and spec.identity not in mob.kicked_off
        if kicks_off:
            self.kickoff_is(mob, member, "pending")
        if not life.respawned:
            wire_automatically(mob, member)
        for tell in mob.on_member:
            tell(member)
        if member.autonomous:
            self._begin(mob, member, plan, kicks_off=kicks_off)
        return member

    def _session(self, mob: Mob, plan: Plan) -> Session:
        """Make the session of a member, or take over the one that it resumes. Raises `Refusal`."""
        if plan.spec.resume is not None:
            return self._resumable(mob, plan.spec)
        options = self._options(mob, plan)
        try:
            return self._sessions.create_owned(options, mob.id, plan.spec.identity)
        except BuildFailed as failure:
            raise Refusal(f"session error: agent error: Build error: {failure}", "session_error") from failure

    def _options(self, mob: Mob, plan: Plan) -> Options:
        spec, profile = plan.spec, plan.profile
        tools = cast("dict[str, bool]", profile["tools"])
        model = str(profile["model"])
        return Options(
            model=model,
            provider=self._sessions.surroundings.provider_of(model),
            output_schema=_schema(profile, spec.profile),
            builtins=Builtins(tools["builtins"], tools["shell"], tools["memory"], tools["mob"]),
            keep_alive=plan.runtime_mode == "autonomous_host",
            comms_name=f"{mob.id}/{spec.profile}/{spec.identity}",
            provider_params=profile["provider_params"],
            auth_binding=spec.auth_binding,
            additional_instructions=(*self._skills(mob, profile), *spec.additional_instructions),
            app_context=spec.context,
            shell_env=spec.shell_env,
        )

    def _skills(self, mob: Mob, profile: JsonObject) -> Iterator[str]:
        """Return the texts that a profile's skills add to the system prompt. Raises `Refusal`."""
        known = cast("dict[str, dict[str, str]]", mob.definition["skills"])
        for name in cast("list[str]", profile["skills"]):
            skill = known.get(name)
            if skill is not None:
                yield skill["content"] if skill["source"] == "inline" else self._skill_file(skill["path"])

    def _skill_file(self, path: str) -> str:
        folder = self._runtime.flags.context_root or self._runtime.flags.state_root
        try:
            return (Path(folder or ".") / path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = f"{error.strerror} (os error {error.errno})" if isinstance(error, OSError) else "stream did not contain valid UTF-8"
            raise internal(f"failed to read skill file '{path}' while building system prompt: {why}") from error

    # ---- the first turn of an autonomous member --------------------------------------------------------------------------------------

    def _begin(self, mob: Mob, member: Member, plan: Plan, *, kicks_off: bool) -> None:
        default = f"You have been spawned as '{member.identity}' (role: {member.role}) in mob '{mob.id}'."
        given = plan.spec.initial_message
        if kicks_off:
            self.kickoff_is(mob, member, "starting")
        answer = self._driver.begin(member, TurnRequest(_behind(plan.prefix, default if given is None else given)))
        answer.add_done_callback(lambda done: self._began(mob, member, done))

    def _began(self, mob: Mob, member: Member, answer: asyncio.Future[JsonObject]) -> None:
        """Settle a kickoff, unless something else has settled it."""
        error = None if answer.cancelled() else answer.exception()
        if member.kickoff is None or member.kickoff.settled or member.kickoff_cut:
            return
        if error is None and not answer.cancelled():
            self.kickoff_is(mob, member, "started")
        else:
            self.kickoff_is(mob, member, "failed", failure_reason(error) if isinstance(error, Fault) else "cancelled")

    def kickoff_is(self, mob: Mob, member: Member, phase: Phase, error: str | None = None) -> None:
        """Set where a kickoff stands and log it."""
        member.kickoff = Kickoff(phase, self._runtime.clock.now(), error)
        mob.log.add("member_kickoff_updated", member=member.identity, kickoff=member.kickoff.wire())
        if member.kickoff.settled:
            mob.kicked_off.add(member.identity)


def wire_automatically(mob: Mob, member: Member) -> None:
    """Wire a new member by the rules of the definition: the orchestrator's first, then the role rules (spec 04, section 7.2)."""
    rules = cast("JsonObject", mob.definition["wiring"])
    targets: list[Member] = []
    lead = mob.orchestrator_role
    if rules["auto_wire_orchestrator"] and lead is not None and member.role != lead:
        targets += mob.roster.of_role(lead)
    for rule in cast("list[dict[str, str]]", rules["role_wiring"]):
        for mine, other in ((rule["a"], rule["b"]), (rule["b"], rule["a"])):
            if mine == member.role:
                targets += mob.roster.of_role(other)
    for target in targets:
        if target is not member and mob.wires.wire(member.identity, target.identity):
            log_wired(mob, "members_wired", member.identity, target.identity)


def log_wired(mob: Mob, kind: str, one: str, other: str) -> None:
    """Log an edge, the smaller identity first."""
    first, second = sorted((one, other))
    mob.log.add(kind, a=first, b=second)


def forked_context(mob: Mob, fork: Fork) -> str:
    """Return the history of a fork's source as it stands before the initial message (spec 04, section 7.2). Raises `Refusal`."""
    source = mob.roster.get(fork.source)
    if source is None:
        raise no_member(fork.source)
    messages = source.session.messages
    shown = messages if fork.last is None else messages[max(0, len(messages) - fork.last) :]
    lines = [f"[Forked conversation context from member '{fork.source}']", *first_texts(shown), "[End of forked context]"]
    return "\n".join(lines) + "\n\n\n"


def _behind(prefix: str, content: str | list[Block]) -> str | list[Block]:
    if not prefix:
        return content
    return f"{prefix}{content}" if isinstance(content, str) else [{"type": "text", "text": prefix}, *content]


def _log_spawned(mob: Mob, member: Member) -> None:
    mob.log.add(
        "member_spawned",
        agent_identity=member.identity,
        generation=member.generation,
        fence_token=member.fence,
        agent_runtime_id={"identity": member.identity, "generation": member.generation},
        role=member.role,
        runtime_mode=member.runtime_mode,
        labels=dict(member.labels) or None,
    )


def _schema(profile: JsonObject, role: str) -> OutputSchema | None:
    given = profile["output_schema"]
    if given is None:
        return None
    try:
        return output_schema_of(given)
    except Fault as fault:
        why = fault.error.message.removeprefix("Invalid output_schema: ")
        raise wiring_error(f"invalid output_schema for profile '{role}': {why}") from fault


def _check_backend(mob: Mob, spec: Spec, profile: JsonObject) -> None:
    """Refuse a member outside: nobody can be reached there (spec 04, section 7.3, row 16)."""
    chosen = spec.backend or profile["backend"] or cast("JsonObject", mob.definition["backend"])["default"]
    binding = spec.binding if spec.binding is not None and spec.binding["kind"] == "external" else None
    if binding is None and chosen != "external":
        return
    if binding is None:
        raise wiring_error(f"external backend requires explicit RuntimeBinding for '{spec.identity}'")
    address = str(binding["address"])
    if binding.get("bootstrap_token") is None:
        raise wiring_error(f"external runtime binding for '{address}' is missing typed bootstrap_token field")
    try:
        transport, _ = read_address(address)
    except BadAddress as fault:
        name = f"{mob.id}/{spec.profile}/{spec.identity}"
        raise wiring_error(f"invalid external peer spec for '{name}': {fault}") from fault
    gone = "No such file or directory (os error 2)" if transport == "uds" else "Connection refused (os error 111)"
    raise Refusal(f"comms error: internal: IO error: {gone}", "comms_error")
