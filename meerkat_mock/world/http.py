"""Serves `world.endpoint` over HTTP on loopback, one thread per request, which is all that a test needs.

Failures of a script are acted out on the wire: a refusal is its status and body, a clean cut a stream without its end, a reset a
connection that breaks.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from meerkat_mock.world.endpoint import BadRequest, completion_of, deltas_of, finish_of, models_of, request_of, usage_of
from meerkat_mock.world.model import CleanCut, ProviderFailure, Reset

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.world.model import AnswersModelRequests, ModelAnswer

BODY_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest request body: as long as a line may be."""
SESSION_HEADER = "x-meerkat-session"
"""May name the conversation; without it the beginning of the conversation does."""


class ModelEndpoint:
    """A chat-completions endpoint that a scenario's player answers. `with ModelEndpoint(player) as url:`."""

    def __init__(self, player: AnswersModelRequests, host: str = "127.0.0.1", port: int = 0) -> None:
        self._player = player
        self._turn = threading.Lock()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The base address, `http://host:port`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def serve_forever(self) -> None:
        """Serve until `close` is called from another thread, or an interrupt."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop serving. May be called any number of times."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> str:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self.url

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, body: Any, session_id: str | None) -> ModelAnswer:
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
    """One request and what it comes to."""

    protocol_version = "HTTP/1.1"
    endpoint: ModelEndpoint

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on stderr."""

    def do_GET(self) -> None:
        self._json(200, models_of()) if self.path.endswith("/models") else self._error(404, f"no resource {self.path}")

    def do_POST(self) -> None:
        given = self.headers.get("content-length") or "0"
        length = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else -1
        if length < 0:
            self._error(400, f"content-length is a number of bytes, not {given!r}")
            self.close_connection = True
        elif not self.path.endswith("/chat/completions"):
            self._error(404, f"no resource {self.path}; this endpoint serves /v1/chat/completions")
        elif length > BODY_LIMIT_BYTES:
            self._error(413, f"a request may hold {BODY_LIMIT_BYTES} bytes")
        else:
            self._complete(self.rfile.read(length))

    def _complete(self, raw: bytes) -> None:
        try:
            body = json.loads(raw)
            answer = self.endpoint.answer(body, self.headers.get(SESSION_HEADER))
        except (ValueError, BadRequest) as error:
            self._error(400, str(error))
            return
        time.sleep(answer.pace_first)
        if isinstance(answer.ending, ProviderFailure):
            self._raw(answer.ending.status, answer.ending.body.encode())
        elif body.get("stream"):
            self._stream(answer, str(body.get("model", "")))
        elif isinstance(answer.ending, (CleanCut, Reset)):
            self._break()  # in one piece there is no half of an answer
        else:
            choice: JsonObject = {"index": 0, "message": completion_of(answer), "finish_reason": finish_of(answer)}
            self._json(200, {**self._head("chat.completion", str(body.get("model", ""))), "choices": [choice], "usage": usage_of(answer)})

    def _stream(self, answer: ModelAnswer, model: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        head = self._head("chat.completion.chunk", model)
        for delta in deltas_of(answer):
            time.sleep(answer.pace_each)
            self._event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        if isinstance(answer.ending, Reset):
            self._break()
            return
        if not isinstance(answer.ending, CleanCut):
            time.sleep(answer.pace_each)
            self._event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish_of(answer)}]})
            self._event({**head, "choices": [], "usage": usage_of(answer)})
            self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    @staticmethod
    def _head(kind: str, model: str) -> JsonObject:
        return {"id": "chatcmpl-mock", "object": kind, "created": int(time.time()), "model": model}

    def _event(self, value: JsonObject) -> None:
        self._chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _break(self) -> None:
        """Reset the connection instead of ending it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _json(self, status: int, value: JsonObject) -> None:
        self._raw(status, json.dumps(value).encode())

    def _error(self, status: int, message: str) -> None:
        self._json(status, {"error": {"message": message, "type": "invalid_request_error"}})

    def _raw(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
