"""A scripted server over the memory transport: tests say what it sends, line by line, and see what it got.

Its lines reach the client as they were sent, or in any other lawful order, as `delivery` says (see `tests/meerkat/conftest.py`). What a
test wants to have arrived before it goes on, it says with `arrived`.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from meerkat.client import Limits, MeerkatClient
from meerkat.transports.memory import MemoryTransport, memory_pair
from meerkat_mock.delivery import InterleavedTransport, Sorter

if TYPE_CHECKING:
    from typing import TypeAlias

    from meerkat_mock.delivery import Order

    Delivery: TypeAlias = str | Order
    """`"declared"`, or the order in which lines of independent channels reach the client."""

PATIENCE_S = 5.0
SESSION = "0199aa10-0000-7000-8000-000000000001"
OTHER = "0199aa10-0000-7000-8000-000000000002"
HELLO = {"server_info": {"name": "meerkat-rpc", "version": "0.6.5"}, "contract_version": "0.6.5", "methods": ["initialize", "mob/create"]}
CAPABILITIES = {
    "contract_version": {"major": 0, "minor": 6, "patch": 5},
    "capabilities": [{"id": "skills", "description": "", "status": "Available"}],
}


class ScriptedServer:
    """The far end of a memory transport."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self.near, far = memory_pair()
        self.far = far if isinstance(delivery, str) else InterleavedTransport(far, Sorter(delivery))
        self._held = b""
        self._lines: list[dict[str, Any]] = []
        self.seq: dict[str, int] = {}
        self._event_number = 0

    def another(self) -> ScriptedServer:
        """Return a second server, to whose lines the same applies."""
        return ScriptedServer(self._delivery)

    async def arrived(self, why: str) -> None:
        """Wait until all that was sent has reached the client: nothing sent later overtakes it. `why` the test is about this order."""
        assert why
        if isinstance(self.far, InterleavedTransport):
            await self.far.delivered()
        await self._given_the_chance()

    async def next(self, method: str | None = None) -> dict[str, Any]:
        """Return the next line of the client, which must be about `method`."""
        while not self._lines:
            data = await asyncio.wait_for(self.far.receive(), PATIENCE_S)
            assert data, "the client has closed"
            *whole, self._held = (self._held + data).split(b"\n")
            self._lines += [json.loads(line) for line in whole]
        line = self._lines.pop(0)
        assert method is None or line.get("method") == method, line
        return line

    async def quiet(self) -> bool:
        """Return whether the client, given the chance, says nothing more."""
        await self.arrived("silence means something only once the client has all there is")
        if self._lines:
            return False
        return not self.near._out.chunks

    async def _given_the_chance(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def raw(self, data: bytes) -> None:
        await self.far.send(data)

    async def send(self, *messages: dict[str, Any]) -> None:
        await self.far.send(b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    async def answer(self, request: dict[str, Any], result: object) -> None:
        await self.send({"jsonrpc": "2.0", "id": request["id"], "result": result})

    async def refuse(self, request_id: object, code: int, message: str, **more: Any) -> None:
        await self.send({"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message, **more}})

    async def shake_hands(self) -> None:
        await self.answer(await self.next("initialize"), HELLO)
        await self.answer(await self.next("capabilities/get"), CAPABILITIES)

    def event(self, session_id: str, kind: str, /, *, seq: int | None = None, **fields: Any) -> dict[str, Any]:
        """Return a `session/event` in its envelope, numbered on."""
        self.seq[session_id] = self.seq.get(session_id, 0) + 1 if seq is None else seq
        return {
            "jsonrpc": "2.0",
            "method": "session/event",
            "params": {"session_id": session_id, "event": self.envelope(session_id, kind, self.seq[session_id], fields)},
        }

    def envelope(self, session_id: str, kind: str, seq: int, fields: dict[str, Any]) -> dict[str, Any]:
        self._event_number += 1
        return {
            "event_id": f"0199aa10-1111-7000-8000-{self._event_number:012x}",
            "source": {"type": "session", "session_id": session_id},
            "source_id": f"session:{session_id}",
            "seq": seq,
            "timestamp_ms": 1767225600000 + self._event_number,
            "payload": {"type": kind, **fields},
        }

    def run(self, session_id: str, prompt: object, *deltas: str) -> list[dict[str, Any]]:
        """Return the events of a plain run."""
        text = "".join(deltas)
        return [
            self.event(session_id, "run_started", session_id=session_id, prompt=prompt),
            self.event(session_id, "turn_started", turn_number=0),
            *(self.event(session_id, "text_delta", delta=delta) for delta in deltas),
            self.event(session_id, "text_complete", content=text),
            self.event(session_id, "turn_completed", stop_reason="end_turn", usage=USAGE),
            self.event(session_id, "run_completed", session_id=session_id, result=text, extraction_required=False, usage=USAGE),
        ]

    def failed_run(self, session_id: str, prompt: object) -> list[dict[str, Any]]:
        """Return the events of a run that the model refuses."""
        return [
            self.event(session_id, "run_started", session_id=session_id, prompt=prompt),
            self.event(session_id, "run_failed", session_id=session_id, error_class="llm", error="Terminal failure"),
        ]


USAGE = {"input_tokens": 3, "output_tokens": 1, "cache_creation_tokens": None, "cache_read_tokens": None}


def result(session_id: str, text: str = "") -> dict[str, Any]:
    """Return a run result."""
    return {
        "session_id": session_id,
        "session_ref": f"team:{session_id}",
        "text": text,
        "turns": 1,
        "tool_calls": 0,
        "usage": {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4},
    }


FAILURE = (
    -32603,
    "turn abandoned: apply failed: Apply failed: agent error: Terminal failure: Failed (LlmFailure): LLM failure terminal turn",
)

QUICK = Limits(request_deadline_s=2.0, start_deadline_s=2.0, tail_wait_s=0.05, stall_after_s=0.05)


async def connected(server: ScriptedServer, **options: Any) -> MeerkatClient:
    """Return a client that is connected to `server`."""
    client = MeerkatClient(transport=server.near, limits=options.pop("limits", QUICK), **options)
    connecting = asyncio.ensure_future(client.connect())
    await server.shake_hands()
    return await connecting


async def created(server: ScriptedServer, client: MeerkatClient) -> Any:
    """Return a session that has run once."""
    making = asyncio.ensure_future(client.create_session("Hello"))
    request = await server.next("session/create")
    await server.send(*server.run(SESSION, "Hello", "Hi"))
    await server.answer(request, result(SESSION, "Hi"))
    return await making


__all__ = ["MemoryTransport", "ScriptedServer", "connected", "created", "result"]
