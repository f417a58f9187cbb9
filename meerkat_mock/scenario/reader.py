"""The strict reader: a file or a text becomes a document, or an error that holds everything that is wrong with it."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.representer import SafeRepresenter

from meerkat_mock.scenario.assembly import Assembly, substitute
from meerkat_mock.scenario.document import Document, Finding, Position, Positions, ScenarioError, Steps
from meerkat_mock.scenario.explaining import explain
from meerkat_mock.scenario.models import Scenario, from_data, to_data
from meerkat_mock.scenario.placeholders import escaped, saved_names
from meerkat_mock.scenario.tree import plain_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ruamel.yaml.nodes import ScalarNode

    from meerkat.wire.base import Json
    from meerkat_mock.scenario.tree import Node


def read(path: str | Path, variables: Mapping[str, Json] | None = None) -> Document:
    """Return the scenario in a file. `variables` win over its `vars`. Raises `ScenarioError` with every finding."""
    file = Path(path)
    assembly = Assembly()
    return _document(assembly, assembly.file(file), file.parent, variables or {})


def read_text(text: str, file: str = "<text>", folder: str | Path = ".", variables: Mapping[str, Json] | None = None) -> Document:
    """Return the scenario in a text that is called `file` in findings. Raises `ScenarioError` with every finding."""
    assembly = Assembly()
    return _document(assembly, assembly.text(text, file, Path(folder)), Path(folder), variables or {})


def _document(assembly: Assembly, tree: Node, folder: Path, variables: Mapping[str, Json]) -> Document:
    tree, unknown = substitute(tree, variables)
    positions = Positions(dict(tree.positions()))
    findings = assembly.findings + unknown
    try:
        scenario = from_data(tree.plain())
    except ValidationError as error:
        raise ScenarioError(findings + explain(error, positions, dict(_keys(tree)))) from error
    except RecursionError as error:
        raise ScenarioError([*findings, Finding.at(tree.position, "too_deep", "nested too deeply")]) from error
    if findings:
        raise ScenarioError(findings)
    return Document(scenario, positions, folder, tuple(str(item) for item in assembly.files))


def _keys(node: Node, path: Steps = ()) -> Iterator[tuple[Steps, Position]]:
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            yield (*path, key), node.keys.get(key, inner.position)
            yield from _keys(inner, (*path, key))
    elif isinstance(node.value, list):
        for number, inner in enumerate(node.value):
            yield from _keys(inner, (*path, number))


def to_yaml(scenario: Scenario) -> str:
    """Return a scenario as the text of a file that reads back as the same scenario."""
    yaml = _writer()
    stream = StringIO()
    data = to_data(scenario)
    saved = set(saved_names(data))
    cast("Any", yaml).dump({key: value if key == "vars" else escaped(value, saved) for key, value in data.items()}, stream)
    return stream.getvalue()


def _writer() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.width = 120
    yaml.Representer = _Representer
    return yaml


_SIMPLE = re.compile(r"[^\W_]([\w .,;!?()/*+-]*[\w.!?)])?")
"""Texts that need no quotes in any place; quoting more than needed does no harm."""


class _Representer(SafeRepresenter):
    """Writes texts so that the core schema reads them as texts, and never writes an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_text(self, data: str) -> ScalarNode:
        """Return a text in quotes where the bare word would be something else."""
        style = None if _SIMPLE.fullmatch(data) and isinstance(plain_scalar(data), str) else '"'
        return cast("ScalarNode", cast("Any", self).represent_scalar("tag:yaml.org,2002:str", data, style=style))


cast("Any", _Representer).add_representer(str, _Representer.represent_text)
