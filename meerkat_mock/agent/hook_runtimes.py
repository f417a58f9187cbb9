"""The other side of a hook: a command, an address, or a handler inside the server; one JSON object in, one out (spec 03, 6.5).

This is the one place of the agent that reaches out of the process, because a hook is the client's own program.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING

from meerkat_mock import subprocesses
from meerkat_mock.agent.hook_answers import OddAnswer, read_answer
from meerkat_mock.agent.json_text import BadJson

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import JsonObject

ANSWER_LIMIT = 1024 * 1024
"""Bytes of an answer that are read from an address."""


class HookError(Exception):
    """A hook that could not be asked or made no sense; `str()` is the server's reason."""


async def ask(runtime: JsonObject, question: JsonObject, patience: float) -> JsonObject:
    """Ask a hook and return its answer. `patience` in seconds bounds an address, which cannot be cancelled. Raises `HookError`."""
    settings = _settings(runtime)
    kind = settings.get("type", "in_process")
    body = json.dumps(question, ensure_ascii=False, separators=(",", ":")).encode()
    if kind == "command":
        return _answer(await _command(settings, body), "command")
    if kind == "http":
        return _answer(await asyncio.to_thread(_http, settings, body, patience), "http")
    handler = settings.get("handler", settings.get("name", "noop"))
    raise HookError(f"in-process handler '{handler}' not registered")


def _settings(runtime: JsonObject) -> JsonObject:
    """Return the keys of a runtime, which may stand inline or under `config` (spec 02, 16.6)."""
    config = runtime.get("config")
    return {**config, **runtime} if isinstance(config, dict) else runtime


async def _command(settings: JsonObject, body: bytes) -> bytes:
    args, env = settings.get("args"), settings.get("env")
    given = {str(name): str(value) for name, value in env.items()} if isinstance(env, dict) else {}
    try:
        words = (str(arg) for arg in (args if isinstance(args, list) else ()))
        process = await subprocesses.start(str(settings.get("command")), *words, env={**os.environ, **given})
    except OSError as error:
        raise HookError(f"failed to spawn command hook: {os.strerror(error.errno or 0)} (os error {error.errno})") from None
    try:
        out, err = await process.communicate(body)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a shell's own children, too
            await process.communicate()  # to the end of its pipes, or they outlive the loop
    if process.returncode:
        raise HookError(f"command hook exited with {_status(process.returncode)}: {err.decode(errors='replace').strip()}")
    return out


def _status(code: int) -> str:
    return f"exit status: {code}" if code > 0 else f"signal: {-code} ({signal.Signals(-code).name})"


def _http(settings: JsonObject, body: bytes, patience: float) -> bytes:
    url, headers = str(settings.get("url")), settings.get("headers")
    if not url.startswith(("http://", "https://")):
        raise HookError(f"http hook request failed: unsupported URL '{url}'")
    request = urllib.request.Request(url, data=body, method=str(settings.get("method", "POST")))
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        request.add_header(str(name), str(value))
    try:
        with urllib.request.urlopen(request, timeout=patience) as response:
            answer: bytes = response.read(ANSWER_LIMIT)
    except urllib.error.HTTPError as error:
        with error:
            raise HookError(f"http hook returned status {error.code}") from None
    except OSError:  # the words of the server's own library; what the operating system said shows nowhere (as in spec 06, section 6.4)
        raise HookError(f"http hook request failed: error sending request for url ({_canonical(url)})") from None
    return answer


def _canonical(url: str) -> str:
    """Return an address as the server writes it: never without a path."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(path=parts.path or "/"))


def _answer(raw: bytes, kind: str) -> JsonObject:
    try:
        return read_answer(raw.decode(errors="replace"))
    except (BadJson, OddAnswer) as bad:
        raise HookError(f"invalid {kind} hook response: {bad}") from None
