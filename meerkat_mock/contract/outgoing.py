"""Judges every line the mock sends on its own account: notifications and requests to the client, as the bytes that leave.

Owns the short cuts: the shape that the mock writes deltas in, of which there are most, is checked as text, other notifications while their
JSON is read. Only what is not sure to be right is read first and judged part by part. Answers are judged where they are made, as only there
the method is known.
"""

from __future__ import annotations

import json
import re

from meerkat_mock.contract.lines import check_notification, check_request, keeps_contract

_UUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DELTA = re.compile(
    rb'\{"jsonrpc":"2\.0","method":"session/(?:event","params":\{|stream_event","params":\{"stream_id":"' + _UUID + rb'","sequence":\d+,)'
    rb'"session_id":"' + _UUID + rb'","event":\{"event_id":"' + _UUID + rb'","source":\{"type":"session","session_id":"' + _UUID + rb'"\},'
    rb'"source_id":"session:' + _UUID + rb'","seq":\d+,"timestamp_ms":\d+,'
    rb'"payload":\{"type":"(?:text|reasoning)_delta","delta":"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*"\}\}\}\}\n'
)
_CALLS = b'{"jsonrpc":"2.0","method":"'


def check_line(line: bytes) -> str | None:
    """Return what is wrong with a line that is no answer, None when it keeps the contract (or is an answer)."""
    if b'_delta","delta":' in line and _DELTA.fullmatch(line):
        return None
    if not line.startswith(_CALLS) and b'"method"' not in line[:200]:
        return None
    if line.startswith(_CALLS) and keeps_contract(line[len(_CALLS) : line.find(b'"', len(_CALLS))].decode("utf-8", "replace"), line):
        return None
    try:
        message = json.loads(line)
    except ValueError as error:
        return f"a line that is no JSON: {error}"
    if "method" not in message:
        return None
    check = check_notification if message.get("id") is None else check_request
    breach = check(str(message["method"]), message.get("params"))
    return None if breach is None else str(breach)
