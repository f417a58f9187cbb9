"""What differs between two runs of one conversation without meaning anything, and how it is told from what matters.

The tables come first; whoever wants to know whether a difference counts reads them and nothing else.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import json
import re
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meerkat.wire.base import Json

# The rules of comparison. A volatile value has one of these kinds:
#   bind   paired: the first golden value that meets an actual value is bound to it, one to one, for the rest of the golden
#   time   an instant of the same notation; may not go backwards where the golden does not
#   span   any number (durations, jitter, process ids)
#   near   a number within 2 % of the golden's (sizes of texts that contain volatile values)

# Kinds by form: a piece of any string that matches is volatile; the text around it is compared exactly. First match wins.
FORMS: Final[Sequence[tuple[str, str, str]]] = [  # (name, kind, pattern)
    ("uuid", "bind", r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])"),
    ("UUID", "bind", r"(?<![0-9A-F])[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}(?![0-9A-F])"),
    ("rfc3339", "time", r"\b[1-9]\d{3}-(?:0[1-9]|1[0-2])-[0-3]\d[Tt ][0-2]\d:[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)"),
    ("ed25519", "bind", r"\bed25519:[A-Za-z0-9+/_-]{40,}=*"),
    ("hash", "bind", r"(?<![0-9A-Za-z])(?:[0-9a-f]{24,128}|[0-9A-F]{32})(?![0-9A-Za-z])"),
    ("oauth_state", "bind", r"\bst-[\w-]{43}(?![\w-])"),
    ("pkce", "bind", r"(?<=code_challenge=)[\w-]{43}(?![\w-])"),
    ("call", "bind", r"\b(?:call|item|resp|event)_\d+\b"),
    ("process", "bind", r"\bprocess:\d+\b"),
    ("port", "bind", r"\b127\.0\.0\.1:\d{2,5}\b"),
    ("epoch_ms", "time", r"(?<![\d.])1[5-9]\d{11}(?![\d.])"),
    ("tmpfile", "bind", r"(?<=/)\.?tmp[A-Za-z0-9_]{6,}\b"),
]
# Kinds by key: the value of a member whose name matches in full, whatever its form (strings for bind, numbers for the others).
KEYS: Final[Sequence[tuple[str, str, str]]] = [  # (name, kind, pattern of the member's name)
    ("duration", "span", r"duration_ms|elapsed_ms|latency_ms|uptime_(ms|secs)|age_(ms|secs)|nanos_since_epoch"),
    ("backoff", "span", r"delay_ms|(computed|selected)_delay_ms"),
    ("pid", "span", r"pid|process_id"),
    ("estimate", "near", r"estimated_history_tokens"),
    ("token", "bind", r"(access_|refresh_|ws_|auth_)?token|nonce|code_challenge"),
]
# Integers between these bounds are epoch seconds if the member's name matches EPOCH_KEY, and epoch milliseconds under any name.
EPOCH_S: Final = range(1_500_000_000, 3_000_000_000)
EPOCH_MS: Final = range(1_500_000_000_000, 3_000_000_000_000)
EPOCH_KEY: Final = re.compile(r".*(_at|_at_secs|_since_epoch|timestamp|time|expires?)$")
# Lists that are sorted by a random id, by the name of their member: items are matched by id, then by content; their order is checked.
SORTED_BY: Final[Mapping[str, str]] = {"approvals": "approval_id"}
# Error messages: what follows one of these comes from a JSON library and need only be non-empty.
LOOSE_TAILS: Final = ("Invalid params: ", "invalid params: ", "Parse error: ")
# Parts of a server's line that goldens hold as a placeholder `<name>`; the actual text also fills the placeholder in later client lines.
PLACES: Final[Sequence[tuple[str, str]]] = [("live", r"(?<=ws://127\.0\.0\.1:)\d+(?=/)"), ("client-id", r"(?<=[?&]client_id=)[^&\"\\]+")]
# Stands for any text, perhaps none, of the server's own: its default system prompt, descriptions of its tools and models.
PROSE: Final = "<prose>"
# The ports that stand for a service on 127.0.0.1 when no stand-in for it is given: nobody listens there.
DEAD_PORTS: Final[Mapping[str, str]] = {"llm": "1", "oauth": "2", "closed": "3"}
# Notifications of one method form one channel per combination of these members of params.
CHANNEL_KEYS: Final[Sequence[tuple[str, ...]]] = [
    ("stream_id",),
    ("session_id",),
    ("mob_id",),
    ("schedule_id",),
    ("channel_id",),
    ("event", "source", "identity"),
]
# Streams that merge independent sources: their running number is compared as the step from the message before it in the same stream.
MERGED_STREAMS: Final[Mapping[str, str]] = {"mob/stream_event": "sequence"}

FORM: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, _, pattern in FORMS))
FORM_KIND: Final = {name: kind for name, kind, _ in FORMS}
KEY_KINDS: Final = [(kind, re.compile(pattern)) for _, kind, pattern in KEYS]
RFC3339: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")
PACKED: Final = "\0base64url"

Channel: TypeAlias = "tuple[str, ...]"
"""What has an order of its own: the kind first, then whose it is."""
Found: TypeAlias = "tuple[str, Json, Json]"
"""A difference: JSON path, expected value, actual value."""


def kind_of(key: str, value: Json) -> str | None:
    """The kind of a whole value by the name of its member; None where nothing but its form speaks."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    for kind in _kinds_of(key):
        if (kind == "bind") == isinstance(value, str):
            return kind
    if isinstance(value, int) and (value in EPOCH_MS or (value in EPOCH_S and EPOCH_KEY.fullmatch(key))):
        return "time"
    return None


@lru_cache(maxsize=1024)
def _kinds_of(key: str) -> tuple[str, ...]:
    return tuple(kind for kind, pattern in KEY_KINDS if pattern.fullmatch(key))


def instant(text: str) -> int:
    """Nanoseconds since the epoch of an RFC 3339 text or of digits that count seconds or milliseconds."""
    if text.isdigit():
        return int(text) * (10**6 if int(text) in EPOCH_MS else 10**9)
    found = RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no RFC 3339 time")
    *date, fraction, zone = found.groups()
    offset = 0 if zone in "Zz" else int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[4:]) * 60)
    return (calendar.timegm(tuple(map(int, date))) - offset) * 10**9 + int((fraction or "0").ljust(9, "0")[:9])


def notation(text: str) -> str:
    """How a time is written: seconds, milliseconds, or RFC 3339 with `Z` or an offset."""
    return ("ms" if int(text) in EPOCH_MS else "s") if text.isdigit() else "Z" if text[-1] in "Zz" else "offset"


def moved(text: str, shift: int) -> str:
    """An RFC 3339 text of the recording moved by `shift` seconds, if it is then within a day of the present."""
    when = 0 if text.isdigit() else instant(text) // 10**9 + shift
    if not shift or abs(when - time.time()) > 86400:
        return text
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when)) + re.sub(r"^.{19}(\.\d+)?.*$", r"\1+00:00", text)


def canonical(text: str) -> str:
    """The one text that stands for all spellings of a UUID; any other text stands for itself."""
    plain = text.lower().replace("-", "")
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:])) if re.fullmatch("[0-9a-f]{32}", plain) else text


def respelled(text: str, like: str) -> str:
    """A canonical text in the spelling of another one."""
    if canonical(like) != like:
        text = text if "-" in like else text.replace("-", "")
        text = text.upper() if like.upper() == like else text
    return text


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A string's fixed text, with its volatile pieces replaced by their names, and the pieces as (name, text)."""
    pieces = tuple((m.lastgroup or "", m.group()) for m in FORM.finditer(text))
    return FORM.sub(lambda m: f"\0{m.lastgroup}\0", text) if pieces else text, pieces


def loose(key: str, text: str) -> tuple[str, str]:
    """An error message without its free tail, and the tail."""
    for head in LOOSE_TAILS if key == "message" else ():
        if text.startswith(head):
            return head, text[len(head) :]
    return text, ""


def unpack(value: Json) -> Json:
    """A copy in which base64url texts of JSON objects are opened, so that ids inside of them can be paired."""
    if isinstance(value, dict):
        return {k: unpack(v) for k, v in value.items()}
    if isinstance(value, list):
        return [unpack(v) for v in value]
    if isinstance(value, str) and re.fullmatch(r"eyJ[\w-]+", value):
        try:
            return {PACKED: json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))}
        except (ValueError, binascii.Error):
            pass
    return value


def shape(value: Json, key: str = "") -> Json:
    """What remains of a value when all that is volatile is taken out; messages of equal shape are alike."""
    if isinstance(value, dict):
        if any(map(FORM.search, value)):  # volatile member names
            return sorted(([split(k)[0], shape(v, k)] for k, v in value.items()), key=lambda s: json.dumps(s, sort_keys=True))
        return {k: shape(v, k) for k, v in value.items()}
    if isinstance(value, list):
        shapes = [shape(v, key) for v in value]
        return sorted(shapes, key=lambda s: json.dumps(s, sort_keys=True)) if key in SORTED_BY else shapes
    if kind := kind_of(key, value):
        return f"\0{kind}\0"
    if isinstance(value, str):
        return split(loose(key, value)[0])[0]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def dig(value: Json, path: Sequence[str]) -> Json:
    """The member of a member of ... of a value, of lists by number; None where there is none."""
    for k in path:
        if isinstance(value, list):
            value = value[int(k)] if k.isdigit() and int(k) < len(value) else None
        else:
            value = value.get(k) if isinstance(value, dict) else None
    return value
