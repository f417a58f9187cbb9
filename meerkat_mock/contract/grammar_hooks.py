"""The order of hook events within one point: `H(p)` and `HP(p)` of the run grammar (spec 03, 6.5)."""

from __future__ import annotations

from collections import Counter


class HookOrder:
    """Follows one group of hook events; `doomed` once a hook has denied or failed, which only `run_failed` hooks survive."""

    def __init__(self) -> None:
        self.open = False
        self.doomed = False
        self._point = ""
        self._started: Counter[str] = Counter()
        self._ended = False
        self._completed: str | None = None

    def forget(self) -> None:
        """Start anew: the run is over."""
        self.close()
        self.doomed = False

    def close(self) -> None:
        """End the group: something else has come. Starts without an end belong to background hooks, or stand behind a denial."""
        self.open = False
        self._started.clear()
        self._ended = False
        self._completed = None

    def check(self, kind: str, point: str, hook_id: str, *, repeats: bool = False) -> list[str]:
        """Take a hook event and return what is wrong with it; `repeats` where the group may follow itself with nothing between."""
        again = repeats and kind == "hook_started" and self._ended and hook_id in self._started
        if self.open and (point != self._point or again):
            self.close()
        self.open, self._point = True, point
        if kind == "hook_started":
            self._started[hook_id] += 1
            return ["every hook of a point starts before the first one ends"] if self._ended else []
        faults = self._end(kind, hook_id)
        self._ended = True
        self._completed = hook_id if kind == "hook_completed" else None
        return faults

    def _end(self, kind: str, hook_id: str) -> list[str]:
        if kind == "hook_denied":
            self.doomed = self.doomed or self._point != "run_failed"
            return [] if self._completed == hook_id else [f"a denial follows the hook_completed of its own hook, '{hook_id}'"]
        faults: list[str] = []
        if self._started[hook_id] <= 0:
            faults.append(f"hook '{hook_id}' ends without a start")
        self._started[hook_id] -= 1
        if kind == "hook_failed":
            self.doomed = self.doomed or self._point != "run_failed"
            if self._ended and self._point != "pre_tool_execution":
                faults.append("a failure hides the ends of the hooks before it")
        return faults
