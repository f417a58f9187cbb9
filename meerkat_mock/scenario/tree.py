"""YAML 1.2 (core schema) or JSON text becomes a tree that knows where everything stands.

Only the grammar is the library's; which plain words are numbers, truth values or texts is decided here, by the core schema alone, so that
`on`, `no`, `12:30`, `1_000` and `2026-03-02` stay the text they are. No tags, no cycles, no duplicate keys, bounded size and depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from meerkat_mock.scenario.document import Finding, Position, ScenarioError, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json

MAX_BYTES = 1024 * 1024
"""A larger file is refused; a scenario that big is not written by hand, and reading is not fast."""
MAX_DEPTH = 64
"""Deeper nesting is refused."""
MAX_NODES = 200_000
"""More values than this, aliases counted each time they are used, are refused: a few lines of anchors can stand for billions."""

Scalar = str | int | float | bool | None

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,300}")
_OTHER_INT = re.compile(r"0o([0-7]{1,300})|0x([0-9a-fA-F]{1,300})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TAB_OUTSIDE_TEXT = re.compile(r'("(?:[^"\\]|\\.)*")|\t')


@dataclass
class Node:
    """A value, where it stands, and for objects where their keys stand."""

    value: Scalar | list[Node] | dict[str, Node]
    position: Position
    keys: dict[str, Position] = field(default_factory=lambda: {})
    size: int = 1

    def plain(self) -> Json:
        """Return the value without positions."""
        if isinstance(self.value, dict):
            return {key: inner.plain() for key, inner in self.value.items()}
        return [inner.plain() for inner in self.value] if isinstance(self.value, list) else self.value

    def positions(self, path: Steps = ()) -> Iterator[tuple[Steps, Position]]:
        """Yield the position of every value by its path."""
        yield path, self.position
        if isinstance(self.value, dict):
            for key, inner in self.value.items():
                yield from inner.positions((*path, key))
        elif isinstance(self.value, list):
            for number, inner in enumerate(self.value):
                yield from inner.positions((*path, number))


def node_of(value: Json, position: Position) -> Node:
    """Return plain data as a tree that stands at one position."""
    if isinstance(value, dict):
        inner: dict[str, Node] = {key: node_of(item, position) for key, item in value.items()}
        return Node(inner, position, dict.fromkeys(inner, position))
    if isinstance(value, list):
        return Node([node_of(item, position) for item in value], position)
    return Node(value, position)


def parse(text: str, file: str) -> tuple[Node, list[Finding]]:
    """Return the tree of a text and what is wrong with it as YAML. Raises `ScenarioError` if there is no tree to return."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise ScenarioError(
            [Finding(file, 0, 0, "too_large", f"the file has {size} bytes", f"at most {MAX_BYTES} are read; split it with `include`")]
        )
    if text.lstrip()[:1] in ("{", "["):
        text = _TAB_OUTSIDE_TEXT.sub(lambda found: found[1] or " ", text)
    builder = _Builder(file)
    try:
        for event in _events(text):
            builder.take(event)
    except ScenarioError:
        raise
    except ReaderError as error:
        index = int(cast("Any", error).position)
        finding = Finding.at(_position_of(text, index, file), "syntax", _unreadable(text[index]))
        raise ScenarioError([*builder.findings, finding]) from error
    except MarkedYAMLError as error:
        raise ScenarioError([*builder.findings, _syntax(error, file)]) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise ScenarioError([*builder.findings, Finding(file, 0, 0, "syntax", f"this is no YAML: {str(error).splitlines()[0]}")]) from error
    if builder.root is None:
        raise ScenarioError([*builder.findings, Finding(file, 1, 1, "empty", "the file is empty", "begin with `sessions:`")])
    return builder.root, builder.findings


def _position_of(text: str, index: int, file: str) -> Position:
    before = text[:index]
    return Position(file, before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _unreadable(character: str) -> str:
    return f"the character U+{ord(character):04X} may not stand in YAML; write it as an escape in double quotes"


def _events(text: str) -> Iterator[Any]:
    """Yield the events of the library's parser, which has no types."""
    yield from cast("Any", YAML(typ="safe", pure=True)).parse(text)


def _syntax(error: MarkedYAMLError, file: str) -> Finding:
    untyped = cast("Any", error)
    mark = untyped.problem_mark or untyped.context_mark
    at = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file)
    return Finding.at(at, "syntax", f"this is no YAML: {untyped.problem or untyped.context}")


@dataclass
class _Open:
    """A list or object whose end has not come."""

    node: Node
    anchor: str | None
    key: str | None = None
    key_at: Position | None = None


class _Builder:
    """Builds the tree from the events of the parser."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.findings: list[Finding] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take the next event. Raises `ScenarioError` where going on makes no sense."""
        at = Position(self.file, event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else Position(self.file)
        anchor: str | None = getattr(event, "anchor", None)
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._fatal(at, "documents", "a second document starts here", "one file holds one scenario; use `include`")
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._refuse_tag(event, at)
            self._start(Node({} if isinstance(event, MappingStartEvent) else [], at), anchor)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._end()
        elif isinstance(event, ScalarEvent):
            self._refuse_tag(event, at)
            self._scalar(event, at)
        elif isinstance(event, AliasEvent):
            self._alias(str(anchor), at)

    def _fatal(self, at: Position, code: str, message: str, hint: str) -> ScenarioError:
        return ScenarioError([*self.findings, Finding.at(at, code, message, hint)])

    def _refuse_tag(self, event: Any, at: Position) -> None:
        if event.tag is not None:
            self.findings.append(Finding.at(at, "tag", f"the tag `{event.tag}` is not allowed", "remove it; write texts in quotes"))

    def _start(self, node: Node, anchor: str | None) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise self._fatal(node.position, "too_deep", f"nested deeper than {MAX_DEPTH}", "flatten it, or move parts into `vars`")
        if self._expects_key():
            raise self._fatal(node.position, "key", "a key must be a text", "write it in quotes")
        self._open.append(_Open(node, anchor))

    def _end(self) -> None:
        done = self._open.pop()
        self._add(done.node, done.anchor)

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].node.value, dict) and self._open[-1].key is None

    def _scalar(self, event: Any, at: Position) -> None:
        text = _joined(str(event.value))
        if self._expects_key():
            self._key(text, at)
            return
        value = plain_scalar(text) if event.style in (None, "") and event.tag is None else text
        if isinstance(value, float) and not _finite(value):
            self.findings.append(Finding.at(at, "number", f"`{text}` is no number that JSON knows", "write it in quotes if it is a text"))
            value = 0.0
        self._add(Node(value, at), event.anchor)

    def _key(self, text: str, at: Position) -> None:
        top = self._open[-1]
        if text in top.node.keys:
            first = top.node.keys[text]
            hint = f"it stands at line {first.line} already; keep one"
            self.findings.append(Finding.at(at, "duplicate_key", f"the key `{text}` is here twice", hint))
        top.key, top.key_at = text, at

    def _alias(self, name: str, at: Position) -> None:
        if any(item.anchor == name for item in self._open):
            raise self._fatal(at, "cycle", f"`*{name}` stands inside what it repeats", "remove the alias")
        if name not in self._anchors:
            raise self._fatal(at, "anchor", f"nothing is called `&{name}`", "write the anchor before its alias")
        if self._expects_key():
            raise self._fatal(at, "key", "a key must be a text", "write the key itself")
        self._add(self._anchors[name], None)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        top.node.size += node.size
        if top.node.size > MAX_NODES:
            raise self._fatal(node.position, "too_many", f"more than {MAX_NODES} values", "repeat less with anchors")
        if isinstance(top.node.value, list):
            top.node.value.append(node)
        elif isinstance(top.node.value, dict) and top.key is not None and top.key_at is not None:
            top.node.value.setdefault(top.key, node)
            top.node.keys.setdefault(top.key, top.key_at)
            top.key = None


def _joined(text: str) -> str:
    """Return a text with the surrogate pairs of JSON escapes joined; a lone one becomes a replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _finite(value: float) -> bool:
    return value - value == 0


def plain_scalar(text: str) -> Scalar:
    """Return what an unquoted word means in the core schema of YAML 1.2."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    other = _OTHER_INT.fullmatch(text)
    if other:
        return int(other[1], 8) if other[1] else int(other[2], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "").lower()) if _ENDLESS.fullmatch(text) else text
