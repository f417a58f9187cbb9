"""Answers of last resort: a method that a scenario answers with given JSON, before any surface sees it.

Owns which stub answers what and how often; whether the given JSON keeps the contract is reported, and it goes out all the same.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from meerkat.rpc import ABSENT, RpcError
from meerkat.wire.methods import METHODS
from meerkat_mock.contract.lines import check_error, check_result
from meerkat_mock.scenario.matching import ABSENT as NOTHING
from meerkat_mock.scenario.matching import match
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json
    from meerkat_mock.scenario.document import Document
    from meerkat_mock.scenario.models.faults import StubFields


class Stubs:
    """The stubs of one scenario and how often each has answered."""

    def __init__(self, violations: list[Violation]) -> None:
        self._violations = violations
        self._document: Document | None = None
        self._used: dict[int, int] = {}
        self._checked: set[int] = set()
        self._missed: dict[int, str] = {}

    def follow(self, document: Document) -> None:
        """Answer as this document says from now on; it may have grown at its end."""
        self._document = document
        for number, stub in enumerate(document.scenario.stubs):
            if number not in self._checked:
                self._checked.add(number)
                self._violations.extend(self._faults_of(stub, document.where("stubs", number)))

    def answer(self, method: str, params: object) -> tuple[Json, RpcError | None] | None:
        """Return the result, or the error, of the first stub that fits a request, and count it; None when none does."""
        document = self._document
        for number, stub in enumerate(document.scenario.stubs if document is not None else ()):
            if stub.method != method or self._used.get(number, 0) >= (stub.times or float("inf")):
                continue
            mismatch = match(stub.params, NOTHING if params is ABSENT else params) if stub.given("params") else None
            if mismatch is not None:
                self._missed[number] = f"a request differs: {mismatch}"
                continue
            self._used[number] = self._used.get(number, 0) + 1
            return _said(stub)
        return None

    def unused(self) -> Iterator[Violation]:
        """Yield the stubs that never answered, or less often than their `times`."""
        document = self._document
        for number, stub in enumerate(document.scenario.stubs if document is not None else ()):
            used = self._used.get(number, 0)
            if stub.optional or used >= (stub.times or 1):
                continue
            often = "never answered" if not used else f"answered {used} of {stub.times} times"
            nearest = self._missed.get(number, f"no request of {stub.method}")
            fixes = ("make the application ask", "take the stub away", "mark it `optional: true`")
            where = document.where("stubs", number) if document is not None else ""
            yield Violation("unused", where, f"the stub of {stub.method} {often}", nearest, fixes)

    @staticmethod
    def _faults_of(stub: StubFields, where: str) -> Iterator[Violation]:
        if stub.method not in METHODS:
            near = difflib.get_close_matches(stub.method, METHODS, 1)
            message = f"a stub answers {stub.method}, which is no method of the contract"
            yield Violation("contract", where, message, near[0] if near else "", ("correct the name of the method",))
            return
        breach = check_error(stub.method, stub.error.code) if stub.error is not None else check_result(stub.method, stub.result)
        if breach is not None:
            fixes = ("give what the contract says", "script the session or the surface instead of stubbing it")
            yield Violation("contract", where, f"what the stub of {stub.method} gives breaks the contract: {breach}", "", fixes)


def _said(stub: StubFields) -> tuple[Json, RpcError | None]:
    if stub.error is None:
        return json.loads(json.dumps(stub.result)), None
    return None, RpcError(stub.error.code, stub.error.message, stub.error.data if stub.error.given("data") else ABSENT)
