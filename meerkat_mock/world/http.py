"""Serves `world.endpoint` over HTTP on loopback, one thread per request, which is all that a test needs.

Failures of a script are acted out on the wire: a refusal is its status and body, a clean cut a stream without its end, a reset a
connection that breaks. A client that leaves is nobody's fault; a player that fails is told to the client and on standard error.
"""

from __future__ import annotations

import itertools
import json
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from meerkat_mock.world.endpoint import (
    ROLE_DELTA,
    BadRequest,
    completion_of,
    deltas_of,
    error_of,
    finish_of,
    models_of,
    request_of,
    usage_of,
    wants_usage,
)
from meerkat_mock.world.model import CleanCut, ProviderFailure, Reset

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.world.model import AnswersModelRequests, ModelAnswer

BODY_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest request body: as long as a line may be."""
DRAIN_S = 0.5
"""How long a body that was refused is read and thrown away."""
SESSION_HEADER = "x-meerkat-session"
"""May name the conversation; without it the beginning of the conversation does."""
_COMPLETIONS = "/chat/completions"
_MODELS = "/models"
_METHOD = {**dict.fromkeys((_COMPLETIONS, f"/v1{_COMPLETIONS}"), "POST"), **dict.fromkeys((_MODELS, f"/v1{_MODELS}"), "GET")}
"""The method of each route; `/v1` may stand in front or not."""


class ModelEndpoint:
    """A chat-completions endpoint that a scenario's player answers. `with ModelEndpoint(player) as url:`."""

    def __init__(self, player: AnswersModelRequests, host: str = "127.0.0.1", port: int = 0) -> None:
        self._player = player
        self._turn = threading.Lock()
        self._numbers = itertools.count(1)
        self._served = False
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The base address, `http://host:port`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def serve_forever(self) -> None:
        """Serve until `close` is called from another thread, or an interrupt."""
        self._served = True
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop serving. May be called any number of times."""
        if self._served:
            self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> str:
        self._served = True
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self.url

    def __exit__(self, *_: object) -> None:
        self.close()

    def next_id(self) -> str:
        """Return the id of one more completion."""
        return f"chatcmpl-mock-{next(self._numbers)}"

    def answer(self, body: Json, session_id: str | None) -> ModelAnswer:
        """Return the answer to a request body. Raises `BadRequest`."""
        request = request_of(body, session_id)
        with self._turn:
            return self._player.answer(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(_Exchange):
            def __init__(self, *args: Any) -> None:
                self.endpoint = endpoint
                super().__init__(*args)

        return Handler


class _Exchange(BaseHTTPRequestHandler):
    """One connection: its requests, and what each comes to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    endpoint: ModelEndpoint

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on stderr."""

    def handle(self) -> None:
        """Serve the requests of the connection until either side ends it; a client may leave at any moment."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request at all, or has a method that no route knows."""
        self._error(405 if code == 501 else code, message or explain or "this is no request")
        self.close_connection = True

    def do_GET(self) -> None:
        """Answer with the list of models."""
        if self._routed("GET"):
            self._json(200, models_of())

    def do_POST(self) -> None:
        """Answer with a completion."""
        raw = self._body()
        if raw is not None and self._routed("POST"):
            self._complete(raw)

    def _routed(self, method: str) -> bool:
        """Tell whether the path takes the method; refuse it otherwise."""
        path = urlsplit(self.path).path.rstrip("/")
        if _METHOD.get(path) == method:
            return True
        if path in _METHOD:
            self._error(405, f"{path} takes {_METHOD[path]}, not {method}")
        else:
            self._error(404, f"no resource {path}; this endpoint serves /v1/chat/completions and /v1/models", code="unknown_url")
        return False

    def _body(self) -> bytes | None:
        """Return the body of the request; None if it was refused, and then what is left of it is never taken for another request."""
        given = self.headers.get("content-length") or "0"
        length = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else -1
        if self.headers.get("transfer-encoding") is not None:
            status, why = 411, "a body must tell its content-length; transfer-encoding is not taken"
        elif length < 0:
            status, why = 400, f"content-length is a number of bytes, not {given!r}"
        elif length > BODY_LIMIT_BYTES:
            status, why = 413, f"a request may hold {BODY_LIMIT_BYTES} bytes, not {length}"
        else:
            return self.rfile.read(length)
        self.close_connection = True
        self._error(status, why)
        self._drain()
        return None

    def _drain(self) -> None:
        """Let a client that still writes finish for a moment: closing over unread bytes would take the refusal from it."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(DRAIN_S)
        until = time.monotonic() + DRAIN_S
        try:
            while time.monotonic() < until and self.connection.recv(65536):
                pass
        except OSError:
            return

    def _complete(self, raw: bytes) -> None:
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError) as error:
            self._error(400, f"the body is no JSON that can be read: {error}")
            return
        try:
            answer = self.endpoint.answer(body, self.headers.get(SESSION_HEADER))
        except BadRequest as error:
            self._error(400, str(error), param=error.param)
        except Exception as error:  # a client must hear of it, or it would wait or try again
            sys.stderr.write(f"meerkat-mock model: the scenario could not be played: {type(error).__name__}: {error}\n")
            self._error(500, f"the scenario could not be played: {type(error).__name__}: {error}")
        else:
            self._act(answer, body)

    def _act(self, answer: ModelAnswer, body: JsonObject) -> None:
        model = str(body["model"])
        time.sleep(answer.pace_first)
        if isinstance(answer.ending, ProviderFailure):
            self._raw(answer.ending.status, answer.ending.body.encode())
        elif body.get("stream"):
            self._stream(answer, model, usage=wants_usage(body))
        elif isinstance(answer.ending, (CleanCut, Reset)):
            self._break()  # in one piece there is no half of an answer
        else:
            choice: JsonObject = {"index": 0, "message": completion_of(answer), "finish_reason": finish_of(answer)}
            self._json(200, {**self._head("chat.completion", model), "choices": [choice], "usage": usage_of(answer)})

    def _stream(self, answer: ModelAnswer, model: str, *, usage: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        # A stream that is to end with its usage says in every other chunk that it has none.
        head = {**self._head("chat.completion.chunk", model), **({"usage": None} if usage else {})}
        self._delta(head, ROLE_DELTA)
        for deltas in deltas_of(answer):
            time.sleep(answer.pace_each)
            for delta in deltas:
                self._delta(head, delta)
        if isinstance(answer.ending, Reset):
            self._break()
            return
        if not isinstance(answer.ending, CleanCut):
            time.sleep(answer.pace_each)
            self._delta(head, {}, finish_of(answer))
            if usage:
                self._event({**head, "choices": [], "usage": usage_of(answer)})
            self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _head(self, kind: str, model: str) -> JsonObject:
        return {"id": self.endpoint.next_id(), "object": kind, "created": int(time.time()), "model": model}

    def _delta(self, head: JsonObject, delta: JsonObject, finish: str | None = None) -> None:
        self._event({**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})

    def _event(self, value: JsonObject) -> None:
        self._chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _break(self) -> None:
        """Reset the connection instead of ending it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _json(self, status: int, value: JsonObject) -> None:
        self._raw(status, json.dumps(value).encode())

    def _error(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        self._json(status, error_of(message, param=param, code=code))

    def _raw(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)
