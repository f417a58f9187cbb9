"""Letting members run: a turn that somebody waits for, an input that is left in an inbox, and how their failures read (spec 04, 10.1)."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, TypeAlias, cast

from meerkat_mock.agent.ports import text_of
from meerkat_mock.mob.refusals import Refusal, internal
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.session.results import background_result
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import Block, JsonObject
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.scenario.models.rounds import Round
    from meerkat_mock.session.book import SessionBook

Outcome: TypeAlias = "asyncio.Future[JsonObject]"
CANCELLED = -32005
FAILURES_BORNE = 3
"""Failed turns in a row after which the server never answers a send again (spec 04, section 0)."""
DISPATCH_SECONDS = 0.25
"""What a step bears behind a running turn: one that ends sooner is over before the step has got to the member (spec 04, section 0).
Assumed to be the time that dispatching takes; the server was seen to run both where the first took "some 100 ms"."""
_TERMINAL = re.compile(r"apply failed: Terminal failure: (?P<outcome>\w+) \((?P<kind>\w+)\): .*", re.DOTALL)


class Driver:
    """Runs turns of members."""

    def __init__(self, sessions: SessionBook) -> None:
        self._sessions = sessions
        self.rounds: dict[str, list[Round]] = {}
        """What a scenario lets the model do in a turn, by the key of its prompt, until that turn has ended."""

    def begin(self, member: Member, request: TurnRequest) -> Outcome:
        """Put a prompt into a member's line; the future holds the result of its run, or the `Fault` it came to."""
        return self._submit(member, self._input(request))

    def _input(self, request: TurnRequest) -> TurnInput:
        return TurnInput(request, "mob", asyncio.get_running_loop().create_future(), quiet=True)

    def _submit(self, member: Member, turn: TurnInput) -> Outcome:
        self._sessions.queue(member.session).submit(turn)
        return cast("Outcome", turn.answer)

    async def run(self, member: Member, request: TurnRequest) -> JsonObject:
        """Run a turn and return its result. Raises `Refusal` in the words of the mob."""
        return self.nothing(member) if member.hollow else await self._outcome(member, self.begin(member, request))

    async def run_step(self, member: Member, request: TurnRequest, rounds: Sequence[Round]) -> JsonObject:
        """Run a turn for a flow's step, for which a scenario may have rounds. Raises `Refusal` in the words of the mob."""
        if member.hollow:
            return self.nothing(member)
        turn = self._input(request)
        runtime = self._sessions.runtime
        if self._sessions.queue(member.session).busy and runtime.quirks.on("flow_step_stalls_behind_turn"):
            turn.start_by = runtime.clock.now() + DISPATCH_SECONDS
        if rounds:
            self.rounds[turn.key] = list(rounds)
        try:
            return await self._outcome(member, self._submit(member, turn))
        finally:
            self.rounds.pop(turn.key, None)

    async def _outcome(self, member: Member, outcome: Outcome) -> JsonObject:
        try:
            result = await outcome
        except Fault as fault:
            member.failures += 1
            raise told_by_mob(fault) from fault
        member.failures = 0
        return result

    def nothing(self, member: Member) -> JsonObject:
        """Return the result of a turn that never asked the model, as restored members give it (spec 04, section 0)."""
        return background_result(member.session, self._sessions.realm)

    async def deliver(self, member: Member, content: str | list[Block]) -> None:
        """Hand a member what was sent to it: a turn_driven one has run it when this returns. Raises `Refusal`."""
        if member.autonomous:
            self.inject(member, content)
        else:
            if member.failures >= FAILURES_BORNE and self._sessions.runtime.quirks.on("fourth_send_hangs"):
                await asyncio.get_running_loop().create_future()
            await self.run(member, TurnRequest(content))

    def inject(self, member: Member, content: str | list[Block]) -> None:
        """Leave an input in the inbox of an autonomous member. Raises `Refusal` when its session was dropped."""
        if member.hollow:
            raise internal(f"autonomous dispatch inject failed for '{member.identity}': inbox closed")
        if member.session.lost is not None:
            raise internal(f"autonomous member '{member.identity}' is missing event injector capability")
        self.begin(member, TurnRequest(as_event(content))).add_done_callback(_forgotten)

    async def settled(self, member: Member) -> None:
        """Wait until the turn of a member that runs now has ended."""
        await self._sessions.runtime.turns.session_over(member.session.id)


def as_event(content: str | list[Block]) -> str | list[Block]:
    """Return an input as an autonomous member sees it (spec 04, section 0)."""
    if isinstance(content, str) or all(block.get("type") == "text" for block in content):
        return f"[EVENT via rpc] {text_of(content)}"
    return [{"type": "text", "text": "[EVENT via rpc]"}, *content]


def told_by_mob(fault: Fault) -> Refusal:
    """Return the refusal that a failed turn comes to when a mob has driven it."""
    if fault.error.code == CANCELLED:
        return internal("turn cancelled")
    message = fault.error.message
    detail = message.removeprefix("turn abandoned: ")
    terminal = _TERMINAL.fullmatch(detail)
    if terminal is None:
        return internal(message)
    error = {"kind": _snake(terminal["kind"]), "terminal": True, "outcome": _snake(terminal["outcome"]), "detail": detail}
    return internal(f"{message}; error={json.dumps(error, ensure_ascii=False, separators=(',', ':'))}")


def failure_reason(fault: Fault) -> str:
    """Return why a first turn failed, as its kickoff tells it (spec 04, section 6.1)."""
    if fault.error.code == CANCELLED:
        return "cancelled"
    return fault.error.message.removeprefix("turn abandoned: ")


def not_interruptible(session_id: str, why: str) -> str:
    """Return the text of an interrupt that finds no run to stop (spec 04, section 0)."""
    resolve = f"runtime-backed interrupt must resolve through MeerkatMachine for '{session_id}'"
    return f"internal error: {resolve}: internal error: local interrupt_member failed: {why}"


def no_boundary(session_id: str) -> str:
    """Return why a dropped session cannot be cancelled."""
    inner = f"failed to apply live boundary cancel: Control failed: session not found: {session_id}"
    return not_interruptible(session_id, f"Internal error: CancelAfterBoundary: {inner}")


def first_texts(entries: Sequence[JsonObject]) -> list[str]:
    """Return messages of a transcript as one line of text each: `[role]: text` (spec 04, section 7.2)."""
    return [f"[{_role(entry)}]: {_text(entry)}" for entry in entries]


def _role(entry: JsonObject) -> str:
    role = str(entry.get("role"))
    return "assistant" if role == "block_assistant" else role


def _text(entry: JsonObject) -> str:
    if entry.get("role") == "system_notice":
        return str(entry.get("body", ""))
    blocks = entry.get("blocks")
    if isinstance(blocks, list):
        texts = [block for block in blocks if isinstance(block, dict) and block.get("block_type") == "text"]
        return "".join(str(cast("JsonObject", block["data"]).get("text", "")) for block in texts)
    content = entry.get("content")
    return text_of(cast("str | list[Block]", content)) if content is not None else ""


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _forgotten(answer: asyncio.Future[JsonObject]) -> None:
    """Nobody waits for what an inbox comes to; look at the exception so that nobody is told of it either."""
    if not answer.cancelled():
        answer.exception()
