"""What the server makes of a line: a request, an answer, or an error that says where the line goes wrong (spec 01, sections 2 and 3)."""

from __future__ import annotations

import pytest

from meerkat.rpc import ABSENT, Failure, Junk, Message, Notification, Request, Result, RpcError
from meerkat_mock.reading import DEPTH_LIMIT, FatalInput, described, read_line


def nested(levels: int) -> bytes:
    return b'{"jsonrpc":"2.0","id":1,"method":"m","params":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def parts(message: Message) -> list[object]:
    return [getattr(message, name) for name in message.__match_args__]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"jsonrpc":"2.0","id":1,"method":"m"}', Request(1, "m", ABSENT)),
        (b' {"jsonrpc":"1.0","id":"","method":"m","params":[-0,1.5]}\r\n', Request("", "m", [0.0, 1.5])),
        (b'{"jsonrpc":"2.0","id":-9223372036854775808,"method":"m"}', Request(-(2**63), "m", ABSENT)),
        (b'{"jsonrpc":"2.0","id":null,"method":"m","params":{}}', Notification("m", {})),
        (b'{"jsonrpc":"2.0","method":"m"}', Notification("m", ABSENT)),
        (b'{"jsonrpc":"2.0","id":1,"result":[]}', Result(1, [])),
        (b'{"jsonrpc":"2.0","id":1,"error":null}', Result(1, None)),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}', Failure(1, RpcError(-1, "no", ABSENT))),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no","data":{}}}', Failure(1, RpcError(-1, "no", {}))),
        (b'["2.0",1,"done",null]', Result(1, "done")),
        (b'["2.0","srv-0",null,{"code":-1,"message":"no"}]', Failure("srv-0", RpcError(-1, "no", ABSENT))),
        (b'{"jsonrpc":"2.0","id":1,"error":[-1,"no",5]}', Failure(1, RpcError(-1, "no", 5))),
        (b'{"jsonrpc":"2.0","id":1,"method":"\\ud83d\\ude00"}', Request(1, "\N{GRINNING FACE}", ABSENT)),
        (b'{"jsonrpc":"2.0","id":1,"method":"\\u00e9"}', Request(1, "é", ABSENT)),
    ],
)
def test_a_line_is_read_as_the_message_it_is(line: bytes, message: Message) -> None:
    read = read_line(line)
    assert type(read) is type(message)
    assert parts(read) == parts(message)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (b"this is not json", "expected ident at line 1 column 2"),
        (b"42", "invalid type: integer `42`, expected struct RpcResponse"),
        (b"null", "invalid type: null, expected struct RpcResponse"),
        (b'"x"', 'invalid type: string "x", expected struct RpcResponse'),
        (b"true", "invalid type: boolean `true`, expected struct RpcResponse"),
        (b"-1.5", "invalid type: floating point `-1.5`, expected struct RpcResponse"),
        (b"{}", "missing field `jsonrpc`"),
        (b'{"result":1}', "missing field `jsonrpc`"),
        (b'{"method":"m","id":1}', "missing field `jsonrpc`"),
        (b'{"jsonrpc":2,"id":1,"method":"m"}', "invalid type: integer `2`, expected a string"),
        (b'{"jsonrpc":"2.0","id":1,"method":null}', "invalid type: null, expected a string"),
        (b"[]", "invalid length 0, expected struct RpcResponse with 4 elements"),
        (b'["2.0",1]', "invalid length 2, expected struct RpcResponse with 4 elements"),
        (b'["2.0",1,2,3,4]', "invalid length 5, expected fewer elements in array"),
        (b"[1]", "invalid type: integer `1`, expected a string"),
        (b'[{"jsonrpc":"2.0","id":1,"method":"m"}]', "invalid type: map, expected a string"),
        (b'{"jsonrpc":"2.0","id":1.0,"method":"m"}', "data did not match any variant of untagged enum RpcId"),
        (b'{"jsonrpc":"2.0","id":-0,"method":"m"}', "data did not match any variant of untagged enum RpcId"),
        (b'{"jsonrpc":"2.0","id":true,"method":"m"}', "data did not match any variant of untagged enum RpcId"),
        (b'{"jsonrpc":"2.0","id":9223372036854775808,"method":"m"}', "data did not match any variant of untagged enum RpcId"),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":1}}', "missing field `message`"),
        (b'{"jsonrpc":"2.0","id":1,"error":{"message":"x"}}', "missing field `code`"),
        (b'{"jsonrpc":"2.0","id":1,"error":"x"}', 'invalid type: string "x", expected struct RpcError'),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":"x","message":"x"}}', 'invalid type: string "x", expected i32'),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":2147483648,"message":"x"}}', "invalid value: integer `2147483648`, expected i32"),
        (b'{"jsonrpc":"2.0","id":1,"error":[1,"x"]}', "invalid length 2, expected struct RpcError with 3 elements"),
        (b'{"jsonrpc":"2.0","id":1,"error":[1,"x",2,3]}', "invalid length 4, expected fewer elements in array"),
        (b'["2.0",1,null,{"code":1}]', "missing field `message`"),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":2}}', "invalid type: integer `2`, expected a string"),
        (b'{"jsonrpc":', "EOF while parsing an object at line 1 column 11"),
        (b"[1,", "EOF while parsing a list at line 1 column 3"),
        (b'{"a":1} x', "trailing characters at line 1 column 9"),
        (b"{1:2}", "key must be a string at line 1 column 2"),
        (b'{"a" 1}', "expected `:` at line 1 column 6"),
        (b'{"a":1 "b"}', "expected `,` or `}` at line 1 column 8"),
        (b'{"a":1e999}', "number out of range at line 1 column 1"),
        (b'{"a":' + b"9" * 400 + b"}", "number out of range at line 1 column 1"),
        (b'{"a":-' + b"9" * 5000 + b"}", "number out of range at line 1 column 1"),
        (b"NaN", "expected value at line 1 column 1"),
        (b"-Infinity", "invalid number at line 1 column 2"),
        (b'{"a":"\\ud800"}', "unexpected end of hex escape at line 1 column 14"),
        (nested(DEPTH_LIMIT + 1), "recursion limit exceeded at line 1 column 173"),
    ],
)
def test_a_line_that_is_no_message_is_answered_with_where_it_goes_wrong(line: bytes, detail: str) -> None:
    junk = read_line(line)
    assert isinstance(junk, Junk)
    assert junk.reason == f"Parse error: {detail}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2.0**64),
        ("-9223372036854775808", -(2**63)),
        ("-9223372036854775809", -(2.0**63)),
        ("-0", -0.0),
        ("0", 0),
    ],
)
def test_an_integer_that_64_bits_do_not_hold_is_a_float(text: str, value: float) -> None:
    read = read_line(b'{"jsonrpc":"2.0","id":1,"method":"m","params":[' + text.encode() + b"]}")
    assert isinstance(read, Request)
    assert isinstance(read.params, list)
    assert (read.params[0], type(read.params[0])) == (value, type(value))


def test_brackets_inside_texts_are_no_levels() -> None:
    line = b'{"jsonrpc":"2.0","id":1,"method":"m","params":["' + b'[{\\"' * 200 + b'"]}'
    assert isinstance(read_line(line), Request)
    assert isinstance(read_line(nested(DEPTH_LIMIT)), Request)


def test_many_shallow_levels_are_not_deep() -> None:
    assert isinstance(read_line(b'{"jsonrpc":"2.0","id":1,"method":"m","params":[' + b",".join([b"[{}]"] * 200) + b"]}"), Request)


@pytest.mark.parametrize("blank", ["\u3000", "\xa0 \t", "\x0c\x85"])
def test_white_space_of_any_kind_is_no_line_and_stands_around_one(blank: str) -> None:
    assert parts(read_line(blank.encode())) == [None, None]
    assert isinstance(read_line(f'{blank}{{"jsonrpc":"2.0","id":1,"method":"m"}}{blank}'.encode()), Request)
    assert isinstance(read_line(b'\x1c{"jsonrpc":"2.0","id":1,"method":"m"}'), Junk)


def test_bytes_that_are_no_utf8_are_fatal() -> None:
    with pytest.raises(FatalInput, match="stream did not contain valid UTF-8"):
        read_line(b'{"jsonrpc":"\xff"}')


@pytest.mark.parametrize(("value", "name"), [([], "sequence"), ({}, "map")])
def test_containers_are_named_without_what_they_hold(value: list[object] | dict[str, object], name: str) -> None:
    assert described(value) == name  # type: ignore[arg-type]
