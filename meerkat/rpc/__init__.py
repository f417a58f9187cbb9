"""JSON-RPC 2.0 over JSON Lines, without I/O: bytes in, messages out; messages in, bytes out.

Nothing here waits, opens or closes anything, or knows a method of the contract. Both roles use the same `Peer`; what differs
(how a server reads a line) is a function handed to it. Facts: spec 01, sections 2 and 3.
"""

from __future__ import annotations

from meerkat.rpc.framing import LINE_LIMIT_BYTES, LineSplitter, LineTooLong
from meerkat.rpc.messages import (
    ABSENT,
    Absent,
    Failure,
    Junk,
    Message,
    Notification,
    Request,
    RequestId,
    Result,
    RpcError,
    decode_line,
    encode,
)
from meerkat.rpc.peer import Peer

__all__ = [
    "ABSENT",
    "LINE_LIMIT_BYTES",
    "Absent",
    "Failure",
    "Junk",
    "LineSplitter",
    "LineTooLong",
    "Message",
    "Notification",
    "Peer",
    "Request",
    "RequestId",
    "Result",
    "RpcError",
    "decode_line",
    "encode",
]
