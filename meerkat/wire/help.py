"""Asking the server for help, which is a session of its own (spec 01, section 11.5)."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, NotRequired
from meerkat.wire.turns import WireRunResult

HelpExecutionMode: TypeAlias = Literal["explain_only", "plan_execution"]
"""Whether help explains or plans (spec 01, section 11.5)."""


class HelpRequest(TypedDict):
    """Params of `help/ask` (spec 01, section 11.5)."""

    question: str
    execution_mode: NotRequired[HelpExecutionMode]
    max_tokens: NotRequired[U32 | None]
    model: NotRequired[str | None]
    prompt: NotRequired[str | None]
    provider: NotRequired[str | None]


HelpResponse: TypeAlias = WireRunResult
"""The result of `help/ask`: that of the run it made (spec 01, section 11.5)."""
