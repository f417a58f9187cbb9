"""The run grammar as one table, and a checker of the events of one session (spec 03, sections 6.1 and 7).

The table is read beside the EBNF of the specification: a row is a place in a run, its production, what may come there and where that leads,
and the hook points that may stand there. Values (texts, counters, ids) are held against their invariants by `RunValues`, the order of
hooks within a point by `HookOrder`. Whole connections, streams included, are checked by `ConnectionChecker`.

Excused, because nothing is wrong: the missing end of a run that was interrupted, cancelled, archived or cut (`interrupted`, a `seq` that
starts again at 1, `finish(cut=True)`), and whatever a hole in `seq` has swallowed: after one, checking goes on with the next run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from meerkat_mock.contract.breach import Breach
from meerkat_mock.contract.grammar_hooks import HookOrder
from meerkat_mock.contract.grammar_values import RunValues, rank_in_boundary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json

_ATTEMPT = "text_delta>streaming reasoning_delta>streaming reasoning_complete>streaming server_tool_content>streaming retrying>retried"
_BOUNDARY = "tool_config_changed>boundary background_job_completed>boundary turn_started>calling"
_REPLIED = "text_complete>answered assistant_image_appended>answered tool_call_requested>requested turn_completed>completed"
_X_ATTEMPT = "text_delta>= reasoning_delta>= reasoning_complete>= server_tool_content>= retrying>= assistant_image_appended>="
_X_REST = (
    "tool_config_changed>= background_job_completed>= compaction_started>compacting "
    "budget_warning>x_warned extraction_succeeded>idle extraction_failed>idle"
)
_NEXT_ROUND = f"{_BOUNDARY} compaction_started>compacting budget_warning>warned run_failed>idle"

TABLE: tuple[tuple[str, str, str, str], ...] = (
    # place, production, what may come (`>` the place it leads to, `=` the same), hook points
    ("idle", "session_stream", "run_started>opened text_complete>live turn_completed>=", ""),
    ("live", "live_output", "turn_completed>idle", ""),
    ("opened", "run", f"{_NEXT_ROUND} run_completed>idle", "run_started run_failed"),
    ("compacting", "compaction", "compaction_completed>back compaction_failed>back", ""),
    ("boundary", "boundary", f"{_BOUNDARY} run_failed>idle", "run_failed"),
    ("calling", "round_head", f"{_ATTEMPT} {_REPLIED} budget_warning>warned run_failed>idle",
     "pre_llm_request post_llm_response turn_boundary run_completed run_failed"),
    ("streaming", "llm_call", f"{_ATTEMPT} {_REPLIED} budget_warning>warned run_failed>idle",
     "post_llm_response turn_boundary run_completed run_failed"),
    ("retried", "llm_call", f"{_ATTEMPT} {_REPLIED} compaction_started>compacting budget_warning>warned run_failed>idle",
     "post_llm_response turn_boundary run_completed run_failed"),
    ("answered", "last_round", "assistant_image_appended>= tool_call_requested>requested turn_completed>completed run_failed>idle",
     "turn_boundary run_completed run_failed"),
    ("requested", "tool_round", "tool_call_requested>= tool_execution_started>started run_failed>idle", "pre_tool_execution run_failed"),
    ("started", "tool_round", "tool_execution_started>= tool_execution_completed>done run_failed>idle", "post_tool_execution run_failed"),
    ("done", "tool_done", "tool_result_received>received", ""),
    ("received", "tool_round", f"tool_execution_completed>done assistant_image_appended>= {_NEXT_ROUND}",
     "post_tool_execution turn_boundary run_failed"),
    ("completed", "plain_round", "run_completed>ended run_failed>idle", "run_completed run_failed"),
    ("warned", "budget_stop", "run_completed>idle run_failed>idle", "run_completed run_failed"),
    ("extracting", "extraction", f"{_X_ATTEMPT} {_X_REST}", "pre_llm_request post_llm_response turn_boundary"),
    ("x_warned", "extraction", "extraction_failed>idle", ""),
)  # fmt: skip

RULES: Mapping[tuple[str, str], str] = {
    # whose rule it is when something comes that the table does not allow: first (place, event), then (place, *), then (*, event)
    ("idle", "run_completed"): "invariant 2",
    ("idle", "run_failed"): "invariant 2",
    ("*", "extraction_succeeded"): "invariant 3",
    ("*", "extraction_failed"): "invariant 3",
    ("idle", "extraction_succeeded"): "invariant 3",
    ("idle", "extraction_failed"): "invariant 3",
    ("idle", "*"): "invariant 1",
    ("live", "*"): "production live_output",
    ("extracting", "*"): "invariant 3",
    ("x_warned", "*"): "invariant 19",
    ("warned", "*"): "invariant 19",
    ("compacting", "*"): "invariant 23",
    ("done", "*"): "invariant 14",
    ("completed", "turn_completed"): "invariant 5",
    ("completed", "*"): "invariant 6",
    ("requested", "turn_completed"): "invariant 5",
    ("started", "turn_completed"): "invariant 5",
    ("received", "turn_completed"): "invariant 5",
    ("answered", "text_complete"): "invariant 7",
    ("answered", "text_delta"): "invariant 7",
    ("answered", "reasoning_complete"): "invariant 7",
    ("requested", "text_complete"): "invariant 7",
    ("requested", "text_delta"): "invariant 7",
    ("received", "tool_execution_started"): "invariant 13",
    ("requested", "run_completed"): "invariant 15",
    ("started", "run_completed"): "invariant 15",
    ("started", "turn_started"): "invariant 12",
    ("*", "background_job_completed"): "invariant 24",
    ("*", "tool_config_changed"): "invariant 24",
    ("*", "run_started"): "invariant 1",
}


@dataclass(frozen=True)
class Place:
    """A row of the table, ready for use."""

    name: str
    production: str
    leads: Mapping[str, str]
    hooks: frozenset[str]

    def lawful(self) -> tuple[str, ...]:
        """Return what may come here, as a breach names it."""
        return (*self.leads, *(f"hook_started({point})" for point in sorted(self.hooks)))


def _places() -> dict[str, Place]:
    places: dict[str, Place] = {}
    for name, production, lawful, hooks in TABLE:
        steps = [step.split(">") for step in lawful.split()]
        leads = {event: name if to == "=" else to for event, to in steps}
        if name == "compacting":
            leads |= dict.fromkeys(("text_delta", "reasoning_delta", "reasoning_complete", "server_tool_content"), name)
        places[name] = Place(name, production, leads, frozenset(hooks.split()))
    return places


PLACES = _places()
_IDLE, _COMPACTING, _EXTRACTING = PLACES["idle"], PLACES["compacting"], PLACES["extracting"]
_FINE: list[Breach] = []
_DOOMED = frozenset({"run_failed", "extraction_failed", "tool_execution_started"})
"""What may still follow a denial or a failure of a hook."""


def rule_for(place: Place, event: str) -> str:
    """Return whose rule it is that an event does not belong to a place."""
    for key in ((place.name, event), (place.name, "*"), ("*", event)):
        if key in RULES:
            return RULES[key]
    return f"production {place.production}"


class RunChecker:
    """Checks the events of one session in their order, as envelopes or bare.

    `chat_completions`: the model speaks that protocol, so reasoning ends after the text. `fresh`: the session began empty and this is its
    beginning, so that its first usage can be told (not so after a fork or a restart).
    """

    def __init__(self, *, chat_completions: bool = True, fresh: bool = False) -> None:
        self.holes: list[int] = []
        """Indexes of events before which others are missing."""
        self._index = -1
        self._place = _IDLE
        self._back = _IDLE
        self._values = RunValues(chat_completions=chat_completions, fresh=fresh)
        self._hooks = HookOrder()
        self._lost = False
        self._flowing = False
        """The event before this one was a text delta in its place: another needs no look at the table."""
        self._began = False
        self._excused = False
        """Whether the run under way may lack its end."""
        self._seq = 0
        self._timestamp = 0
        self._rank = 0

    def feed(self, event: Mapping[str, Json]) -> list[Breach]:
        """Take the next event and return the rules that it broke."""
        self._index += 1
        if "seq" not in event:
            if self._flowing and event["type"] == "text_delta":
                self._values.follow(cast("str", event["delta"]))
                return _FINE
            return self._take(cast("dict[str, Json]", event))
        payload = cast("dict[str, Json]", event["payload"])
        if payload["type"] == "tool_config_changed" and self._is_notice(event):
            return []
        found = self._stamped(event, payload)
        return found + self._take(payload) if found else self._take(payload)

    def interrupted(self) -> None:
        """Excuse the run under way: it was interrupted, cancelled or archived, or the server was started anew."""
        place = self._back if self._place is _COMPACTING else self._place
        if place.production == "extraction":
            self._values.undo_usage()
        self._hooks.forget()
        self._place = _IDLE
        self._lost = self._flowing = self._excused = False

    def excuse(self) -> None:
        """Let the run under way, or the next one, end without an end: the client has asked to stop it, and it may take a while."""
        self._excused = True

    def finish(self, *, cut: bool = False) -> list[Breach]:
        """End the stream and return what is missing. `cut`: the recording ended by itself, whatever was under way."""
        if cut or self._lost or self._excused or self._place is _IDLE:
            return []
        rule = "invariant 3" if self._place.production == "extraction" else "invariant 2"
        return [Breach(rule, self._index + 1, "end", "the run has no end", self._place.lawful())]

    # the envelope

    def _is_notice(self, event: Mapping[str, Json]) -> bool:
        """Tell whether this is a notice of an MCP boundary: it is numbered by another counter and may stand anywhere (spec 03, 2.2)."""
        return self._place is _IDLE or event["seq"] != self._seq + 1

    def _stamped(self, event: Mapping[str, Json], payload: Mapping[str, Json]) -> list[Breach]:
        seq, timestamp = cast("int", event["seq"]), cast("int", event["timestamp_ms"])
        found: list[Breach] = []
        if seq == self._seq + 1:
            pass
        elif seq == 1 and payload["type"] == "run_started":
            self.interrupted()  # a rebuilt session counts anew; an open run ended with the old one
            self._timestamp = 0
        elif seq <= self._seq:
            found.append(self._breach("invariant 26", payload, f"seq {seq} follows {self._seq}"))
        elif self._began:
            self.holes.append(self._index)
            self._lost = self._place is not _IDLE or payload["type"] != "run_started"
            self._place = _IDLE
        self._seq = seq
        if timestamp < self._timestamp:
            found.append(self._breach("invariant 28", payload, f"timestamp_ms goes back from {self._timestamp} to {timestamp}"))
        self._timestamp = timestamp
        source = event.get("source")
        session_id = source.get("session_id") if isinstance(source, dict) else None
        if payload.get("session_id", session_id) != session_id:
            found.append(self._breach("invariant 25", payload, f"session_id is not that of the envelope, {session_id}"))
        return found

    # the grammar

    def _take(self, event: dict[str, Json]) -> list[Breach]:
        kind = cast("str", event["type"])
        place = self._place
        self._flowing = False
        if kind == "run_started" and self._excused and place is not _IDLE:
            self.interrupted()
            place = _IDLE
        if kind == "run_started" and (self._lost or not self._began):
            self._lost, self._place, place = False, _IDLE, _IDLE
        elif not self._began and self._seq != 1:
            self._lost = True  # joined in the middle
        self._began = True
        if self._lost:
            return []
        if kind.startswith("hook_"):
            return self._hook(event, kind)
        doomed = self._hooks.doomed
        if self._hooks.open:
            self._hooks.close()
        to = place.leads.get(kind)
        if to is None or (doomed and kind not in _DOOMED):
            return [self._unlawful(event, kind, doomed=doomed)]
        faults = self._values.check(place.name, kind, event)
        self._move(place, kind, event, to)
        if kind in ("tool_config_changed", "background_job_completed"):
            rank = rank_in_boundary(event)
            if rank < self._rank or rank == self._rank >= 3:
                faults = [*faults, ("production boundary", "other tools come first, then finished jobs, then the scope of tools")]
            self._rank = rank
        else:
            self._rank = 0
            self._flowing = kind == "text_delta" and to == "streaming" and not faults
        return [self._breach(rule, event, what) for rule, what in faults]

    def _move(self, place: Place, kind: str, event: Mapping[str, Json], to: str) -> None:
        if to == "compacting" and place is not _COMPACTING:
            self._back = place
        if to == "back":
            self._place = self._back
        elif to == "ended" or (to == "idle" and kind == "run_completed"):
            self._place = _EXTRACTING if event.get("extraction_required") else _IDLE
        elif to != place.name:
            self._place = PLACES[to]
        if self._place is _IDLE:
            self._hooks.forget()
            self._excused = False

    def _hook(self, event: Mapping[str, Json], kind: str) -> list[Breach]:
        point = str(event.get("point"))
        if point not in self._place.hooks:
            return [self._unlawful(event, f"{kind}({point})", doomed=False)]
        self._values.hook(self._place.name, point)
        # a model that says nothing in an attempt at the extraction leaves only hooks of the attempt to see
        repeats = self._place is _EXTRACTING
        faults = self._hooks.check(kind, point, str(event.get("hook_id")), repeats=repeats)
        return [self._breach("production H", event, what) for what in faults]

    def _unlawful(self, event: Mapping[str, Json], kind: str, *, doomed: bool) -> Breach:
        """Report an event that does not belong here; what follows makes sense again with the next run."""
        place, self._lost = self._place, True
        self._hooks.forget()
        if doomed:
            return self._breach("production fail", event, "a hook has denied or failed before", ("run_failed", "extraction_failed"))
        if kind == "run_started" and place.production == "extraction":
            what = "the extraction before it has no end"
        elif kind == "run_started":
            what = "the run before it has no end"
        else:
            what = f"{kind} does not belong here"
        breach = self._breach(rule_for(place, kind.partition("(")[0]), event, what, place.lawful())
        if kind == "run_started":
            self._lost, self._place = False, PLACES["opened"]
            self._values.check("idle", kind, event)
        return breach

    def _breach(self, rule: str, event: Mapping[str, Json], what: str, lawful: tuple[str, ...] = ()) -> Breach:
        return Breach(rule, self._index, str(event["type"]), what, lawful)
