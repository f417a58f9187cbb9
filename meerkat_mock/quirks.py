"""Where the shipped server departs from its documentation: one row per difference, with evidence. The only place that knows.

Code asks `quirks.on("name")` at the one point where behaviour forks. Rows that the server shows every time are on in fidelity `server`;
rows that depend on timing are never left to chance: they are off until a scenario, a fault or a test turns them on by name.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Fidelity = Literal["server", "contract"]


@dataclass(frozen=True)
class Quirk:
    """One difference: what each position does, where it was seen, and what an application would have to do about it."""

    name: str
    server: str
    contract: str
    evidence: str
    advice: str
    by_timing: bool = False
    """True when the server shows it only sometimes: then it is off in both fidelities until named."""


_ROWS = (
    Quirk(
        "null_id_on_bad_params",
        'bad parameters of some methods are answered with `"id": null`',
        "every answer carries the id of its request",
        "spec 01, section 4; goldens transport/null_id_answers, surfaces/comms_params",
        "treat an error without an id as the failure of the call that can be meant",
    ),
    Quirk(
        "reads_wait_for_turns",
        "while any turn runs, reads of every session but deferred ones are answered only when it ends",
        "reads are answered at once",
        "spec 01, section 5.5; spec 02, section 17.1; golden transport/busy_tool_pending",
        "never read sessions from inside a tool handler",
    ),
    Quirk(
        "failed_prompt_returns",
        "the prompt of a failed turn runs again before the next turn, and once more after it: three attempts in all",
        "a failed turn is over",
        "spec 02, section 5.4; golden events/failure_aftermath",
        "match runs by the prompt of `run_started`, not by their order",
    ),
    Quirk(
        "turn_stalls_behind_rerun",
        "a turn behind a successful re-run, or sent during the third attempt, stays unanswered until another turn arrives",
        "every turn is run and answered",
        "spec 02, section 5.4; spec 03, sections 6.8 and 6.11",
        "recognise the re-run by its prompt and send the turn again",
    ),
    Quirk(
        "hasty_turn_stops_runtime",
        "a turn sent within a second of the second failure in a row stops the runtime of its session for ever",
        "it is run like any other",
        "spec 01, section 10.3 (c)",
        "wait a moment after a second failure, or go on in a new session",
        by_timing=True,
    ),
    Quirk(
        "queued_turn_stalls",
        "a turn sent while another runs may stay unanswered until a further one arrives",
        "queued turns run one after the other",
        "spec 01, section 5.6; spec 02, section 3.5",
        "keep at most one turn per session in flight",
        by_timing=True,
    ),
    Quirk(
        "interrupt_loses_waiting_turn",
        "an interrupt answers a waiting turn with -32001",
        "a waiting turn runs after the interrupted one",
        "spec 02, section 3.5; golden sessions/stopping",
        "send the waiting turn again",
    ),
    Quirk(
        "cancel_of_waiting_turn_hits_running",
        "cancelling a waiting turn also cancels the running one",
        "only the waiting turn is cancelled",
        "spec 01, section 7; spec 02, section 3.5",
        "keep at most one turn per session in flight",
    ),
    Quirk(
        "seq_restarts",
        "`seq` counts from 1 again after a failed, interrupted or cancelled turn",
        "`seq` never goes back within a session",
        "spec 03, section 2.2",
        "key events by `event_id`",
    ),
    Quirk(
        "deltas_lost_after_override",
        "after a turn with a model or provider override no delta events come until the agent is rebuilt",
        "deltas go on",
        "spec 03, section 6.10; golden events/model_switch",
        "read `text_complete`",
    ),
    Quirk(
        "keyless_context_lost",
        "injected context without an idempotency key never reaches the model",
        "it is part of the next call",
        "spec 02, section 13",
        "always give an idempotency key",
    ),
    Quirk(
        "labels_hidden_after_rebuild",
        "a session rebuilt from disk shows no labels, and `created_at` of a live session is the time of its agent",
        "labels and `created_at` never change",
        "spec 02, section 9.1",
        "do not rely on labels of a session that failed, was interrupted or forked",
    ),
    Quirk(
        "second_interrupt_fails",
        "an interrupt after an interrupted turn answers -32603 until the next turn",
        "it succeeds, as on any idle session",
        "spec 02, section 4",
        "ignore that error",
    ),
    Quirk(
        "hooks_override_inert",
        "`hooks_override` does nothing unless the configuration holds a hook entry",
        "`hooks_override` always works",
        "spec 02, section 16.6; golden events/hooks_deny",
        "put one disabled entry into the configuration",
    ),
    Quirk(
        "one_bad_skill_ref_voids_all",
        "one unknown entry makes all `skill_refs` of the call ineffective",
        "the other references are resolved",
        "spec 02, section 3.4",
        "check references against skills/list",
    ),
    Quirk(
        "unreadable_call_vanishes",
        "a tool call whose arguments are no JSON disappears without a word",
        "the model is told that its arguments are invalid",
        "spec 03, section 6.3; golden sessions/odd_replies",
        "check `tool_calls` of the result when a tool must have run",
    ),
    Quirk(
        "failed_build_is_final",
        "a deferred session whose agent could not be built never recovers",
        "its next turn builds it anew",
        "spec 02, section 5.3; golden sessions/staged",
        "create the session again",
    ),
    Quirk(
        "failed_turn_start_kills_mob",
        "ending a member whose last `mob/turn_start` failed leaves its mob without a task: nearly every later call is refused",
        "such a member is retired like any other",
        "spec 04, section 0",
        "stop and resume the mob, or run a turn that succeeds, before the member is ended",
    ),
    Quirk(
        "broken_member_blocks_stop",
        "a mob with an autonomous member whose first turn failed cannot be stopped",
        "it stops",
        "spec 04, section 0",
        "retire the member first",
    ),
    Quirk(
        "autonomous_member_blocks_destroy",
        "destroying a mob with an autonomous member in it never finishes: -32603, and the mob stays `Destroyed`",
        "the mob is gone",
        "spec 04, section 0; golden mobs/autonomous_end",
        "retire its autonomous members, complete or reset the mob first",
    ),
    Quirk(
        "fourth_send_hangs",
        "after three failed turns of a member in a row the next send to it is never answered, and blocks its whole mob",
        "it fails like the others",
        "spec 04, section 0",
        "respawn the member after its first failed send, and put a limit on every call",
    ),
    Quirk(
        "retire_signals_go_to_youngest_mob",
        "the end of a member is told to the mob that was made last: if that one is destroyed, or has a member of the same name, "
        "retiring fails there or here",
        "every mob learns of its own members",
        "spec 04, section 0",
        "keep one mob per server, or give members distinct names and end the youngest mob last",
    ),
    Quirk(
        "restored_members_hollow",
        "after a restart members are listed, but their turns succeed without asking the model and their state reads as empty",
        "they go on where they were",
        "spec 04, section 0",
        "respawn every member after a restart",
    ),
    Quirk(
        "mobs_per_connection",
        "each TCP connection has a mob state of its own, loaded from the store at its first `mob/*` call",
        "all connections see the same mobs",
        "spec 04, section 0",
        "make all calls about mobs on one connection",
    ),
    Quirk(
        "flow_step_stalls_behind_turn",
        "a flow's step for a member that runs a turn of more than a moment waits for the turn after that one, for ever if there is none",
        "it runs when the turn has ended",
        "spec 04, section 0",
        "chain steps that share a member with `depends_on`, and do not send to members that a flow uses",
    ),
    Quirk(
        "mob_stream_polls_roster",
        "a mob-wide stream notices new members only every 500 ms and misses what they do before",
        "it shows everything from the first event on",
        "spec 04, section 17.1; golden mobs/stream_life",
        "open a stream of the member, or ask its history",
    ),
    Quirk(
        "response_overtakes_events",
        "the response of a turn may be written before its last events",
        "all events of a turn come before its response",
        "spec 03, section 4.2; spec 01, section 5.4",
        "read on until the run's terminal event",
        by_timing=True,
    ),
    Quirk(
        "tool_execute_overtakes_events",
        "`tool/execute` may be written before the `tool_call_requested` of its call",
        "the events of a call come first",
        "spec 03, section 4.2",
        "do not wait for the event before running the tool",
        by_timing=True,
    ),
    Quirk(
        "bursts_lose_events",
        "of a burst of more than 256 events the durable log keeps the newest; a connection that is not read loses `session/event`s "
        "once 4096 notifications wait, and its streams end with `terminal_error`",
        "no event is lost",
        "spec 03, section 4.3",
        "watch for holes in `seq`",
        by_timing=True,
    ),
    Quirk(
        "pieces_lose_lines",
        "a request line that arrives in pieces while the server writes is lost: -32700 with a null id",
        "lines may arrive in any pieces",
        "spec 03, section 4.4; spec 01, section 2",
        "write each line in one call",
        by_timing=True,
    ),
    Quirk(
        "eof_loses_answers",
        "answers that are not written when stdin ends are lost",
        "they are written before the server ends",
        "spec 01, section 13.4",
        "keep stdin open until all answers are in",
        by_timing=True,
    ),
    Quirk(
        "live_audio_comes_late",
        "audio of an answer is overtaken by everything else, its `turn_completed` included",
        "audio comes in its place between the words",
        "spec 07, sections 0 and 4.3; golden live/text_turn",
        "treat audio and all other observations as two streams without mutual order",
    ),
    Quirk(
        "live_interrupt_latch",
        "of written answers interrupted in a row only every other one is told by `turn_interrupted`",
        "every interrupted answer is told",
        "spec 07, section 0; golden live/interrupt",
        "take `turn_completed` with stop reason `cancelled` as the interruption",
    ),
    Quirk(
        "live_input_loses_turn",
        "input on a live channel during an ordinary turn costs that turn its messages in the history",
        "the turn is committed, then the input",
        "spec 07, section 0",
        "send no live input while a turn of the session runs",
    ),
    Quirk(
        "archive_loses_running_turn",
        "archiving during a turn may lose its messages",
        "the turn is committed first",
        "spec 02, section 12",
        "archive when no turn runs",
        by_timing=True,
    ),
    Quirk(
        "fine_due_time_fires_again",
        "a due time with a fraction of a millisecond is planned and delivered again every 250 ms when nothing else is pending",
        "every due time comes once",
        "spec 05, section 1.7, point 6",
        "send due times in whole milliseconds: `isoformat(timespec='milliseconds')`",
    ),
    Quirk(
        "date_overflow_unanswered",
        "a schedule whose reckoning leaves the range of dates is never answered; nothing is stored",
        "it is refused with -32602",
        "spec 05, section 1.10",
        "keep `every_seconds` and `planning_horizon_days` within a thousand years, and put a limit on the call",
    ),
    Quirk(
        "schedule_behind_turn_waits",
        "an occurrence that waited for the end of a turn is completed, but its prompt lies until the session is next woken, and runs first",
        "its turn runs right after the other",
        'spec 05, "Seen live", 1',
        "do not take `completed` for a turn that ran",
        by_timing=True,
    ),
    Quirk(
        "input_without_keep_alive_lost",
        "`comms/send` of kind `input` to a session without keep-alive is accepted, and never runs",
        "a turn runs",
        'spec 05, section 7.3 and "Seen live", 6',
        "send inputs to keep-alive sessions only, or use `turn/start`",
    ),
    Quirk(
        "steer_ends_comms",
        "a steering input to an idle keep-alive session is accepted, runs no turn, and ends the comms of that session",
        "a turn runs",
        'spec 05, section 7.3 and "Seen live", 6',
        "do not steer idle sessions",
    ),
    Quirk(
        "probe_waits_for_turn",
        "an occurrence for a session that runs a turn waits for its end, whatever the overlap policy, and holds up all others meanwhile",
        "it is skipped as `target_busy`, or its prompt queued, as the overlap policy says",
        'spec 05, "Seen live", 1',
        "let no schedule meet long turns, of its own session or of another",
    ),
    Quirk(
        "misfire_policy_ignored",
        "however late, every occurrence of an active schedule is delivered",
        "what is later than the misfire policy allows is `misfired`",
        "spec 05, section 1.8",
        "check in the prompt whether it still matters",
    ),
)

QUIRKS: Mapping[str, Quirk] = MappingProxyType({row.name: row for row in _ROWS})


class UnknownQuirk(ValueError):
    """A name that no row has; the message holds the nearest one."""

    def __init__(self, name: str) -> None:
        near = difflib.get_close_matches(name, QUIRKS, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(QUIRKS))}"
        super().__init__(f"there is no quirk {name!r}{hint}")


class Quirks:
    """The position of every row for one mock."""

    def __init__(self, fidelity: Fidelity = "server", overrides: Mapping[str, bool] | None = None) -> None:
        for name in overrides or {}:
            if name not in QUIRKS:
                raise UnknownQuirk(name)
        self.fidelity = fidelity
        self._on = {**_positions(fidelity), **(overrides or {})}

    def on(self, name: str) -> bool:
        """Return whether the server's position holds for this row. Raises `UnknownQuirk`."""
        try:
            return self._on[name]
        except KeyError:
            raise UnknownQuirk(name) from None


@cache
def _positions(fidelity: Fidelity) -> dict[str, bool]:
    """Return where every row stands when nobody moves it."""
    return {row.name: fidelity == "server" and not row.by_timing for row in _ROWS}
