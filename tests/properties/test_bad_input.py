"""Whatever is sent to any method, and whatever stands between good lines: one lawful answer each, nothing lost, and the mock goes on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meerkat.client import MeerkatClient
from meerkat.transports import interception
from meerkat.wire.methods import METHODS
from meerkat_mock.server import Server
from meerkat_mock.strategies import byte_splits
from meerkat_mock.strategies.methods import damaged_params
from tests.properties.profiles import examples

if TYPE_CHECKING:
    from meerkat.client.options import ConnectOptions
    from meerkat.transports.memory import MemoryTransport

BATCH = 4
"""Inputs of one example: all on one connection, so that what one breaks the next would notice."""
PER_METHOD = 100
SECONDS = 20.0
ENVELOPE_CODES = {-32700, -32600, -32601, -32602, -32603}


class Lines:
    """A connection on which nothing is understood but that every line has an answer, unless the mock says why not."""

    def __init__(self, transport: MemoryTransport) -> None:
        self.transport = transport
        self._rest = b""
        self._waiting: list[dict[str, Any]] = []

    async def answer(self) -> dict[str, Any]:
        """Return the next message that is neither a notification nor a request of the server."""
        while True:
            while self._waiting:
                message = self._waiting.pop(0)
                if "method" not in message:
                    return message
            data = await self.transport.receive()
            assert data, "the mock has gone"
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._waiting += [json.loads(line) for line in lines]


async def _answers_to(method: str, inputs: list[Any]) -> None:
    server = Server()
    lines = Lines(server.connect())
    try:
        for number, params in enumerate(inputs):
            request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            await lines.transport.send(json.dumps(request).encode() + b"\n")
            await lines.transport.send(b'{"jsonrpc":"2.0","id":"after","method":"runtime/health"}\n')
            answers = [await lines.answer()]
            if answers[0]["id"] != "after" or not _left_unanswered(server, number):
                answers.append(await lines.answer())
                _lawful(method, number, next(answer for answer in answers if answer["id"] != "after"))
        await lines.transport.send(b'{"jsonrpc":"2.0","id":"end","method":"runtime/health"}\n')
        assert (await lines.answer())["id"] == "end", "an answer too many"
    finally:
        await lines.transport.close()
        await server.close()
    assert server.runtime.violations == []


def _left_unanswered(server: Server, number: int) -> bool:
    """Tell whether the mock says of a request that it is never answered: dates beyond the server's reach (spec 05, section 1.10)."""
    said = [each for each in server.runtime.violations if each.code == "unanswered" and each.where == f"request {number!r}"]
    for each in said:
        server.runtime.violations.remove(each)
    return bool(said)


def _lawful(method: str, number: int, answer: dict[str, Any]) -> None:
    if "error" not in answer:
        assert answer["id"] == number
        return
    error = answer["error"]
    assert answer["id"] == number or (answer["id"] is None and error["code"] == -32602)
    assert error["code"] in ENVELOPE_CODES | set(METHODS[method].errors)
    assert error["message"]


@pytest.mark.parametrize("method", METHODS)
def test_bad_params_of_any_method_are_answered_and_harm_nothing(method: str) -> None:
    @settings(max_examples=examples(PER_METHOD // BATCH), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(damaged_params(method), min_size=BATCH, max_size=BATCH))
    def run(inputs: list[Any]) -> None:
        asyncio.run(asyncio.wait_for(_answers_to(method, inputs), SECONDS))

    run()


# ---- junk between good lines ---------------------------------------------------------------------------------------------------------

NO_MESSAGE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12),
    st.sampled_from(
        ["{", "[]", "null", "0", '{"jsonrpc":"2.0"}', '{"id":1}', '{"method":7,"id":1}', '{"jsonrpc":"1.0","id":"x"}', "[" * 200]
    ),
    st.sampled_from(['{"jsonrpc":"2.0","id":"nobody","result":{}}', '{"jsonrpc":"2.0","method":"no/such"}', '{"a":"\\ud800"}']),
)
JUNK = st.lists(NO_MESSAGE, max_size=3)


@st.composite
def interleaved(draw: st.DrawFn) -> tuple[int, list[bytes]]:
    """Good requests with junk lines around them, cut into pieces anywhere; and how many are good."""
    good = draw(st.integers(1, 4))
    lines = list(draw(JUNK))
    for number in range(good):
        lines += [json.dumps({"jsonrpc": "2.0", "id": f"good-{number}", "method": "runtime/health"}), *draw(JUNK)]
    return good, draw(byte_splits("".join(f"{line}\n" for line in lines).encode()))


async def _good_ones(pieces: list[bytes], good: int) -> list[str]:
    server = Server()
    lines = Lines(server.connect())
    try:
        for piece in pieces:
            await lines.transport.send(piece)
            await asyncio.sleep(0)
        seen: list[str] = []
        while len(seen) < good:
            answer = await lines.answer()
            if "result" in answer:
                seen.append(answer["id"])
            else:
                assert answer["error"]["code"] in ENVELOPE_CODES
        return seen
    finally:
        await lines.transport.close()
        await server.close()


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(interleaved())
def test_no_good_line_is_lost_among_junk_however_it_is_cut(said: tuple[int, list[bytes]]) -> None:
    good, pieces = said
    seen = asyncio.run(asyncio.wait_for(_good_ones(pieces, good), SECONDS))
    assert seen == [f"good-{number}" for number in range(good)]


class Littering:
    """A transport whose other side writes junk between its lines."""

    def __init__(self, inner: MemoryTransport, junk: list[bytes]) -> None:
        self.inner = inner
        self._junk = junk
        self.send, self.close, self.farewell = inner.send, inner.close, inner.farewell

    async def receive(self) -> bytes:
        data = await self.inner.receive()
        whole = data.endswith(b"\n")
        lines = data.split(b"\n")[: -1 if whole else None]
        littered = b"".join(line + b"\n" + b"".join(self._junk) for line in lines[: None if whole else -1])
        return littered if whole else littered + lines[-1]


async def _client_among(junk: list[bytes]) -> list[str]:
    server = Server()

    def take(options: ConnectOptions) -> Any:
        return Littering(server.connect(), junk)

    interception.push(take)
    client = MeerkatClient()
    try:
        await client.connect()
        session = await client.create_session('@script[{"say":["one"]}]')
        created = session.text
        answer = await session.turn('@script[{"say":["two"]}]')
        events = [type(event).__name__ async for event in session.stream('@script[{"say":["three"]}]')]
        return [created, answer.text, events[0], events[-1]]
    finally:
        interception.pop(take)
        await client.close()
        await server.close()


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JUNK)
def test_no_client_hangs_or_loses_a_line_because_a_server_writes_junk(junk: list[str]) -> None:
    lines = [f"{line}\n".encode() for line in junk]
    assert asyncio.run(asyncio.wait_for(_client_among(lines), SECONDS)) == ["one", "two", "RunStarted", "RunCompleted"]
