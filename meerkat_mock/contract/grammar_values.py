"""The values of a run's events, held against each other: texts, numbers, ids, usage (spec 03, section 7).

Knows nothing of order: the table has already said that an event may stand where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json

Faults = list[tuple[str, str]]
"""Rules that an event broke, each with what is wrong."""
Event = Mapping[str, "Json"]

CONTEXT_PAIR = "[Runtime System Context]"
"""How the prompt of a context pair begins."""
_COUNTERS = ("input_tokens", "output_tokens", "cache_creation_tokens", "cache_read_tokens")
_BOUNDARY_DOMAINS = {"tool_scope": 3, "deferred_catalog": 4}
_FINE: Faults = []


def rank_in_boundary(event: Mapping[str, Json]) -> int:
    """Return where an event stands within a boundary: other tools, finished jobs, scope of tools, deferred catalogue."""
    if event["type"] == "background_job_completed":
        return 2
    payload = event.get("payload")
    return _BOUNDARY_DOMAINS.get(str(payload.get("domain")), 1) if isinstance(payload, dict) else 1


class RunValues:
    """What has been seen of the run under way, and of the runs before it what later ones are held to."""

    def __init__(self, *, chat_completions: bool, fresh: bool) -> None:
        self._chat_completions = chat_completions
        self._first = fresh
        self._usage: Mapping[str, Json] = {}
        self._usage_before: Mapping[str, Json] = {}
        self._begin("")

    def check(self, place: str, kind: str, event: Event) -> Faults:
        """Take an event that stands at a place and return what is wrong with its values."""
        check = self._CHECKS.get(kind)
        return check(self, place, event) if check is not None else _FINE

    def follow(self, delta: str) -> None:
        """Take a text delta that follows one in which nothing was wrong."""
        self._deltas.append(delta)

    def undo_usage(self) -> None:
        """Forget the usage of a run that was dropped after its `run_completed`, in the extraction."""
        self._usage = self._usage_before

    def hook(self, place: str, point: str) -> None:
        """Remember that hooks of a point were asked at a place."""
        if point == "run_completed" and place != "warned":
            self._hooks_at = place

    def _begin(self, prompt: object) -> None:
        self._prompt = prompt
        self._rounds = 0
        self._compacted = False
        self._hooks_at = ""
        self._warned = ""
        self._turn_usage: Mapping[str, Json] | None = None
        self._begin_round()

    def _begin_round(self) -> None:
        self._said: str | None = None
        self._requested: list[tuple[Json, Json]] = []
        self._started = 0
        self._done = 0
        self._last_done: Event = {}
        self._retries = 0
        self._begin_attempt()

    def _begin_attempt(self) -> None:
        self._deltas: list[str] = []
        self._thoughts: list[str] = []
        self._thought = False

    def _run_started(self, _place: str, event: Event) -> Faults:
        self._begin(event.get("prompt"))
        return _FINE

    def _turn_started(self, _place: str, event: Event) -> Faults:
        faults = self._whole_tool_round("invariant 12")
        if event.get("turn_number") != self._rounds:
            faults = [*faults, ("invariant 4", f"turn_number is {event.get('turn_number')}, not {self._rounds}")]
        self._rounds += 1
        self._begin_round()
        return faults

    def _whole_tool_round(self, rule: str) -> Faults:
        """Check that a tool round that is left was finished."""
        if self._done == len(self._requested):
            return _FINE
        return [(rule, f"{len(self._requested)} calls were requested and {self._done} completed")]

    def _text_delta(self, place: str, event: Event) -> Faults:
        if place in ("compacting", "extracting"):
            return _FINE
        self._deltas.append(cast("str", event["delta"]))
        if self._thought and self._chat_completions:
            return [("invariant 7", "reasoning_complete comes after the last text_delta")]
        return _FINE

    def _reasoning_delta(self, _place: str, event: Event) -> Faults:
        self._thoughts.append(cast("str", event["delta"]))
        return _FINE

    def _reasoning_complete(self, place: str, event: Event) -> Faults:
        thoughts, self._thoughts = "".join(self._thoughts), []
        self._thought = place not in ("compacting", "extracting")
        if thoughts and event.get("content") != thoughts:
            return [("invariant 10", f"content is {event.get('content')!r}, the deltas before it say {thoughts!r}")]
        return _FINE

    def _retrying(self, place: str, event: Event) -> Faults:
        faults: Faults = []
        attempt = event.get("attempt")
        if attempt != self._retries + 1 and not (place == "extracting" and attempt == 1):
            faults.append(("invariant 18", f"attempt is {attempt}, not {self._retries + 1}"))
        self._retries = attempt if isinstance(attempt, int) else self._retries + 1
        limit = event.get("max_attempts")
        if isinstance(limit, int) and self._retries > limit:
            faults.append(("invariant 18", f"attempt {self._retries} is beyond max_attempts {limit}"))
        retry = event.get("retry")
        plan = retry.get("plan") if isinstance(retry, dict) else None
        if isinstance(plan, dict):
            for outer, inner in (("attempt", "attempt"), ("max_attempts", "max_retries"), ("delay_ms", "selected_delay_ms")):
                if event.get(outer) != plan.get(inner):
                    faults.append(("invariant 18", f"{outer} is {event.get(outer)}, retry.plan.{inner} {plan.get(inner)}"))
        self._begin_attempt()
        return faults

    def _text_complete(self, place: str, event: Event) -> Faults:
        if place == "idle":
            return _FINE
        content = self._said = cast("str", event.get("content"))
        if not content:
            return [("invariant 7", "text_complete is empty")]
        deltas = "".join(self._deltas)
        if self._deltas and deltas != content:
            return [("invariant 8", f"content is {content!r}, the deltas before it say {deltas!r}")]
        return _FINE

    def _unsaid(self) -> Faults:
        if self._deltas and self._said is None:
            return [("invariant 9", "text deltas without a text_complete")]
        return _FINE

    def _tool_call_requested(self, _place: str, event: Event) -> Faults:
        faults = _FINE if self._requested else self._unsaid()
        self._requested.append((event.get("id"), event.get("name")))
        return faults

    def _tool_execution_started(self, _place: str, event: Event) -> Faults:
        faults = self._same_call(event, self._started)
        self._started += 1
        return faults

    def _same_call(self, event: Event, position: int) -> Faults:
        """Check that an event is about the call at a position of the round."""
        got = (event.get("id"), event.get("name"))
        if position >= len(self._requested):
            return [("invariant 12", f"only {len(self._requested)} calls were requested")]
        if got != self._requested[position]:
            return [("invariant 12", f"it is about {got}, the request at this position about {self._requested[position]}")]
        return _FINE

    def _tool_execution_completed(self, _place: str, event: Event) -> Faults:
        faults = self._same_call(event, self._done)
        if self._done >= self._started:
            faults = [*faults, ("invariant 12", f"only {self._started} calls were started")]
        self._done += 1
        self._last_done = event
        content = event.get("content", [])
        projection = projected(content if isinstance(content, list) else [])
        if event.get("result") != projection:
            faults = [*faults, ("invariant 16", f"result is {event.get('result')!r}, the content says {projection!r}")]
        return faults

    def _tool_result_received(self, _place: str, event: Event) -> Faults:
        differing = [key for key in ("id", "name", "content", "is_error") if event.get(key) != self._last_done.get(key)]
        if differing:
            return [("invariant 14", f"{', '.join(differing)} differ from the tool_execution_completed before it")]
        return _FINE

    def _turn_completed(self, place: str, event: Event) -> Faults:
        if place in ("idle", "live"):
            return _FINE
        self._turn_usage = cast("Mapping[str, Json]", event.get("usage"))
        return self._unsaid()

    def _budget_warning(self, place: str, event: Event) -> Faults:
        self._warned = str(event.get("budget_type"))
        faults = list(self._whole_tool_round("invariant 12")) if place == "received" else []
        used, limit = event.get("used"), event.get("limit")
        if event.get("percent") != 1.0:
            faults.append(("invariant 19", f"percent is {event.get('percent')}, not 1.0"))
        if not (isinstance(used, int) and isinstance(limit, int) and used >= limit):
            faults.append(("invariant 19", f"used {used} is below the limit {limit}"))
        return faults

    def _compaction_started(self, place: str, _event: Event) -> Faults:
        self._compacted = True
        self._thoughts = []
        return self._whole_tool_round("invariant 12") if place == "received" else _FINE

    def _compaction_ended(self, _place: str, _event: Event) -> Faults:
        self._thoughts, self._thought = [], False  # those of a summary that broke off belong to nobody
        return _FINE

    def _background_job_completed(self, _place: str, event: Event) -> Faults:
        if event.get("status") != event.get("terminal_status"):
            return [("invariant 24", f"status {event.get('status')!r} is not terminal_status {event.get('terminal_status')!r}")]
        return _FINE

    def _run_failed(self, place: str, event: Event) -> Faults:
        faults: Faults = []
        report = event.get("error_report")
        if isinstance(report, dict):
            for outer, inner in (("error", "message"), ("error_class", "class")):
                if event.get(outer) != report.get(inner):
                    faults.append(("invariant 22", f"{outer} is {event.get(outer)!r}, error_report.{inner} {report.get(inner)!r}"))
        over = event.get("terminal_cause_kind") == "time_budget_exceeded"
        if over != (place == "warned" and self._warned == "time") and event.get("error_class") != "hook":
            faults.append(("invariant 19", "a time budget is used up by a budget_warning and a run_failed of that cause, and only so"))
        return faults

    def _run_completed(self, place: str, event: Event) -> Faults:
        usage = cast("Mapping[str, Json]", event.get("usage"))
        if place == "opened":
            return self._context_pair(event, usage)
        faults = [*self._result(place, event), *self._hook_side(event), *self._totals(usage)]
        self._usage_before, self._usage, self._first = self._usage, usage, False
        return faults

    def _context_pair(self, event: Event, usage: Mapping[str, Json]) -> Faults:
        empty = event.get("result") == "" and not any(usage.get(counter) for counter in _COUNTERS)
        if empty and isinstance(self._prompt, str) and self._prompt.startswith(CONTEXT_PAIR):
            return _FINE
        return [("production run", "a run without a round is a context pair: its prompt says so, its result and usage are empty")]

    def _result(self, place: str, event: Event) -> Faults:
        exhausted = event.get("terminal_cause_kind") == "budget_exhausted"
        if exhausted != (place == "warned") or (exhausted and self._warned == "time"):
            return [("invariant 19", "budget_exhausted stands after a budget_warning for tokens or tool calls, and only there")]
        if not exhausted and event.get("result") != (self._said or ""):
            return [("invariant 11", f"result is {event.get('result')!r}, the last round said {self._said or ''!r}")]
        return _FINE

    def _hook_side(self, event: Event) -> Faults:
        after = self._hooks_at == "completed"
        if self._hooks_at and after != bool(event.get("extraction_required")):
            side = "before" if after else "after"
            return [("invariant 6", f"hooks of run_completed stand {side} turn_completed here")]
        return _FINE

    def _totals(self, usage: Mapping[str, Json]) -> Faults:
        faults: Faults = []
        for counter in _COUNTERS:
            total, before = _count(usage, counter), _count(self._usage, counter)
            if total < before:
                faults.append(("invariant 20", f"usage.{counter} is {total}, less than {before} of the run before"))
            if self._turn_usage is not None and total < _count(self._turn_usage, counter):
                faults.append(("invariant 20", f"usage.{counter} is {total}, less than that of turn_completed"))
        single = self._first and self._rounds == 1 and not self._compacted and self._turn_usage is not None
        if single and usage != self._turn_usage:
            faults.append(("invariant 21", "the usage of a first run of one round is that of its turn_completed"))
        return faults

    _CHECKS = MappingProxyType(
        {
            "run_started": _run_started,
            "turn_started": _turn_started,
            "text_delta": _text_delta,
            "reasoning_delta": _reasoning_delta,
            "reasoning_complete": _reasoning_complete,
            "retrying": _retrying,
            "text_complete": _text_complete,
            "tool_call_requested": _tool_call_requested,
            "tool_execution_started": _tool_execution_started,
            "tool_execution_completed": _tool_execution_completed,
            "tool_result_received": _tool_result_received,
            "turn_completed": _turn_completed,
            "run_completed": _run_completed,
            "run_failed": _run_failed,
            "budget_warning": _budget_warning,
            "compaction_started": _compaction_started,
            "compaction_completed": _compaction_ended,
            "compaction_failed": _compaction_ended,
            "background_job_completed": _background_job_completed,
        }
    )


def _count(usage: Mapping[str, Json], counter: str) -> int:
    value = usage.get(counter)
    return value if isinstance(value, int) else 0


def projected(content: Sequence[Json]) -> str:
    """Return the text projection of content blocks (spec 03, 3.3)."""
    parts: list[str] = []
    for block in content:
        if not isinstance(block, dict):
            continue
        if block.get("type") == "text" and block.get("text"):
            parts.append(str(block["text"]))
        elif block.get("type") in ("image", "video"):
            parts.append(f"[{block['type']}: {block.get('media_type')}]")
    return "\n".join(parts)
