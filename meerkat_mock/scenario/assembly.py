"""One tree out of several files: `include` brings other files in, `vars` replaces `${name}`.

An included file must lie in the folder tree of the file that includes it. Lists are joined, the included part first; in objects the
including file wins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from meerkat_mock.scenario.document import Finding, Position, ScenarioError
from meerkat_mock.scenario.placeholders import fill_text, names_in, saved_names
from meerkat_mock.scenario.tree import MAX_BYTES, Node, node_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from meerkat.wire.base import Json

MAX_INCLUDE_DEPTH = 8
"""Includes of includes beyond this are refused."""
MAX_FILES = 100
"""More files than this are refused."""


@dataclass
class Assembly:
    """Collects the files of one scenario and what is wrong with them."""

    findings: list[Finding] = field(default_factory=lambda: [])
    files: list[Path] = field(default_factory=lambda: [])

    def file(self, path: Path, shown: str | None = None) -> Node:
        """Return the tree of a file and all that it includes. Raises `ScenarioError` if the file itself cannot be read."""
        self.files.append(path.resolve())
        text = read_text(path, shown or str(path))
        return self.text(text, shown or str(path), path.parent, (path.resolve(),))

    def text(self, text: str, file: str, folder: Path, stack: tuple[Path, ...] = ()) -> Node:
        """Return the tree of a text and all that it includes, relative to `folder`."""
        root, findings = parse(text, file)
        self.findings += findings
        if not isinstance(root.value, dict):
            raise ScenarioError([*self.findings, Finding.at(root.position, "type", "a scenario is an object", "begin with `sessions:`")])
        include = root.value.pop("include", None)
        for path, at in self._included(include, folder):
            inner = self._include(path, at, folder, stack)
            root = merged(inner, root) if inner is not None else root
        return root

    def _included(self, include: Node | None, folder: Path) -> Iterator[tuple[Path, Position]]:
        if include is None:
            return
        items = include.value if isinstance(include.value, list) else [include]
        for item in reversed(items):
            if isinstance(item.value, str):
                yield folder / item.value, item.position
            else:
                self.findings.append(Finding.at(item.position, "include", "`include` needs a file name or a list of them"))

    def _include(self, path: Path, at: Position, folder: Path, stack: tuple[Path, ...]) -> Node | None:
        problem = self._include_problem(path, folder, stack)
        if problem:
            self.findings.append(Finding.at(at, "include", *problem))
            return None
        self.files.append(path.resolve())
        shown = str(Path(at.file).parent / path.relative_to(folder))
        try:
            return self.text(read_text(path, shown), shown, path.parent, (*stack, path.resolve()))
        except ScenarioError as error:
            self.findings += [item for item in error.findings if item not in self.findings]
            return None

    def _include_problem(self, path: Path, folder: Path, stack: tuple[Path, ...]) -> tuple[str, str] | None:
        full = path.resolve()
        if not full.is_relative_to(folder.resolve()):
            return f"`{path.name}` lies outside the folder of this file", "include only what lies beside or below it"
        if full in stack:
            return f"`{path.name}` includes itself", "remove this include"
        if full in self.files:
            return f"`{path.name}` is included twice", "keep one"
        if len(stack) >= MAX_INCLUDE_DEPTH or len(self.files) >= MAX_FILES:
            return f"too many includes (at most {MAX_INCLUDE_DEPTH} deep, {MAX_FILES} files)", "include fewer files"
        if not full.is_file():
            near = get_close_matches(path.name, [item.name for item in path.parent.glob("*")] if path.parent.is_dir() else [], 1)
            return f"there is no file `{path.name}`", f"did you mean `{near[0]}`?" if near else f"looked in {path.parent.name or '.'}"
        return None


def read_text(path: Path, shown: str) -> str:
    """Return the text of a file. Raises `ScenarioError` if it is missing, too large, or no UTF-8."""
    try:
        if path.stat().st_size > MAX_BYTES:
            hint = f"at most {MAX_BYTES} are read; split it with `include`"
            raise ScenarioError([Finding(shown, 0, 0, "too_large", f"the file has {path.stat().st_size} bytes", hint)])
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ScenarioError([Finding(shown, 0, 0, "unreadable", f"the file cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ScenarioError(
            [Finding(shown, 0, 0, "encoding", f"the file is no UTF-8 at byte {error.start}", "save it as UTF-8")]
        ) from error


def merged(included: Node, own: Node) -> Node:
    """Return the tree of an included part under the file that includes it."""
    if isinstance(included.value, list) and isinstance(own.value, list):
        return Node([*included.value, *own.value], own.position)
    if isinstance(included.value, dict) and isinstance(own.value, dict):
        joined = dict(included.value)
        for key, inner in own.value.items():
            joined[key] = merged(joined[key], inner) if key in joined else inner
        return Node(joined, own.position, {**included.keys, **own.keys})
    return own


def substitute(root: Node, overrides: Mapping[str, Json]) -> tuple[Node, list[Finding]]:
    """Return the tree with `${name}` replaced, and a finding for every name that nobody gives.

    Names that rounds `save` are left for the player. `vars` themselves are not replaced in.
    """
    body = root.value if isinstance(root.value, dict) else {}
    own = body["vars"].plain() if "vars" in body else {}
    values: dict[str, Json] = {**(own if isinstance(own, dict) else {}), **overrides}
    saved = set(saved_names(root.plain()))
    findings: list[Finding] = []
    filled = {key: inner if key == "vars" else _filled(inner, values, saved, findings) for key, inner in body.items()}
    if overrides:
        place = body["vars"].position if "vars" in body else root.position
        filled["vars"] = node_of(dict(values), place)
    return Node(filled, root.position, root.keys), findings


def _filled(node: Node, values: Mapping[str, Json], saved: set[str], findings: list[Finding]) -> Node:
    if isinstance(node.value, dict):
        inner = {key: _filled(item, values, saved, findings) for key, item in node.value.items()}
        return Node(inner, node.position, node.keys)
    if isinstance(node.value, list):
        return Node([_filled(item, values, saved, findings) for item in node.value], node.position)
    if not isinstance(node.value, str) or "${" not in node.value:
        return node
    names = set(names_in(node.value))
    for name in sorted(names - values.keys() - saved):
        near = get_close_matches(name, [*values, *saved], 1)
        hint = f"did you mean `{near[0]}`?" if near else "give it in `vars`, or write `$${` for a plain `${`"
        findings.append(Finding.at(node.position, "unknown_variable", f"nobody gives `{name}` a value", hint))
    return node_of(fill_text(node.value, values, unescape=True), node.position)
