"""One answer of the model: text, reasoning, calls, image, failure, pace, and how the answer ends."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator

from meerkat_mock.scenario.kinds import is_object
from meerkat_mock.scenario.models.base import Arguments, Chunking, Chunks, Count, Data, Duration, Model, Name, Names, Text

Stop = Literal["end_turn", "tool_use", "max_tokens", "stop_sequence", "content_filter", "cancelled"]

FAILURES: dict[str, tuple[int, str]] = {
    "bad_request": (400, "invalid request"),
    "context_length": (400, "context length exceeded"),
    "auth": (401, "invalid api key"),
    "permission": (403, "permission denied"),
    "not_found": (404, "model not found"),
    "timeout": (408, "request timed out"),
    "rate_limited": (429, "rate limited"),
    "server_error": (500, "internal server error"),
    "overloaded": (503, "overloaded"),
}
"""Named provider failures: HTTP status and message."""


class Usage(Model):
    """Tokens that the provider reports for one call."""

    input: Count = 10
    output: Count = 5
    cache_read: Count | None = None
    cache_creation: Count | None = None


class Pace(Model):
    """Durations before the first chunk, and before each chunk and the end."""

    first: Duration = 0
    each: Duration = 0


class Fail(Model):
    """The provider refuses the call, with a status or by a name of `FAILURES`."""

    status: Annotated[int, Field(strict=True, ge=400, le=599)]
    message: Text = "scripted failure"

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if not isinstance(data, str):
            return data
        if data not in FAILURES:
            raise ValueError(f"`{data}` is no failure; allowed: {', '.join(FAILURES)}; or write {{status, message}}")
        status, message = FAILURES[data]
        return {"status": status, "message": message}


class Image(Model):
    """A generated image; a tiny valid PNG when no bytes are given. `size` is `WIDTHxHEIGHT` in pixels, `path` is relative to the file."""

    media_type: Name = "image/png"
    size: Annotated[Text, Field(pattern=r"^[1-9]\d{0,3}x[1-9]\d{0,3}$")] | None = None
    bytes_base64: Annotated[Text, Field(pattern=r"^[A-Za-z0-9+/\s]*={0,2}\s*$")] | None = None
    path: Name | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Image:
        if self.bytes_base64 is not None and self.path is not None:
            raise ValueError("`bytes_base64` and `path` both say what the image is; keep one")
        return self


class Call(Model):
    """A tool call. `args` is an object, or a text sent as it is; `result`/`error` script the answer of a tool of the runtime."""

    nullable: ClassVar[frozenset[str]] = frozenset({"result"})

    tool: Name
    args: Arguments = Field(default_factory=dict)
    id: Name | None = None
    result: JsonValue = None
    error: Text | None = None
    after: Duration = 0

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if not is_object(data) or isinstance(data.get("tool"), str):
            return data
        if len(data) == 1:
            ((tool, args),) = data.items()
            if is_object(args) or tool not in cls.model_fields:
                return {"tool": tool, "args": args}
        return data

    @model_validator(mode="after")
    def _one_outcome(self) -> Call:
        if self.given("result") and self.error is not None:
            raise ValueError("`result` and `error` both say what the tool answers; keep one")
        return self

    @model_serializer(mode="wrap")
    def _shortest(self, handler: SerializerFunctionWrapHandler) -> Data:
        if self.model_fields_set <= {"tool", "args"} and isinstance(self.args, dict):
            return {self.tool: self.args}
        data: Data = handler(self)
        return data


class Round(Model):
    """One answer of the model (or, with `attempts`, what successive tries at it meet)."""

    nullable: ClassVar[frozenset[str]] = frozenset({"json_value"})

    think: Chunks = ""
    say: Chunks = ""
    json_value: JsonValue = Field(default=None, alias="json")
    call: tuple[Call, ...] = ()
    image: Image | None = None
    stop: Stop | None = None
    usage: Usage | None = None
    pace: Pace | None = None
    fail: Fail | None = None
    cut: Count | None = None
    reset: Count | None = None
    attempts: tuple[Round, ...] | None = None
    chunk: Chunking | None = None
    save: dict[Name, Text] = Field(default_factory=dict)
    if_error: tuple[Round, ...] | None = None
    send: dict[Name, Text] = Field(default_factory=dict)
    wait_for: Names = ()

    @property
    def has_json(self) -> bool:
        """Tell whether the round answers with a JSON value (which may be null)."""
        return self.given("json_value")

    @property
    def ends_turn(self) -> bool:
        """Tell whether the model has nothing more to say in this turn after the round: no tool call, or a failure."""
        last = self.attempts[-1] if self.attempts else self
        return last.fail is not None or not last.call

    @model_validator(mode="after")
    def _consistent(self) -> Round:
        problem = _contradiction(self)
        if problem:
            raise ValueError(problem)
        return self


_CONTENT = ("think", "say", "json_value", "call", "image", "stop", "usage", "cut", "reset")


def _contradiction(given: Round) -> str | None:
    if given.has_json and given.given("say"):
        return "`say` and `json` both say what the text is; keep one"
    if given.cut is not None and given.reset is not None:
        return "`cut` and `reset` both end the stream; keep one"
    if given.fail is not None and any(given.given(key) for key in _CONTENT):
        return "`fail` refuses the whole call, so nothing can be said beside it; use `attempts` for a failure and then an answer"
    if given.attempts == () or given.if_error == ():
        return "an empty list of rounds says nothing; leave the key out"
    if given.attempts is not None:
        if any(given.given(key) for key in (*_CONTENT, "fail")):
            return "`attempts` holds the answers; what stands beside it belongs into its items"
        if any(item.attempts is not None for item in given.attempts):
            return "an attempt cannot have `attempts` of its own"
    return None
