"""The public names are those of the contract manifest, with its kinds, parameters, fields and defaults.

An application that keeps to them moves over unchanged.

What the manifest names must be there and mean the same. More is allowed only where no documented use can notice it: fields and positional
parameters after the documented ones, with defaults; optional keys; keyword parameters with defaults.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import operator
import subprocess
import sys
import types
import typing
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import meerkat

MANIFEST = json.loads((Path(__file__).parent / "python-api.json").read_text(encoding="utf-8"))

Spec = dict[str, Any]

ENTITIES: list[tuple[str, str, Spec]] = [
    (module, name, spec) for module, content in MANIFEST["modules"].items() for name, spec in content["defines"].items()
]


def entities(*kinds: str) -> Any:
    """Parametrise a test over all entities of these kinds."""
    chosen = [entity for entity in ENTITIES if entity[2]["kind"] in kinds]
    assert chosen, kinds
    return pytest.mark.parametrize(("module", "name", "spec"), chosen, ids=[f"{module}.{name}" for module, name, _ in chosen])


METHODS = [(module, name, method) for module, name, spec in ENTITIES for method in spec.get("methods", ())]


def find(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


class Namespace(dict[str, Any]):
    """The names of a module as its own annotations see them, those behind its door too."""

    def __init__(self, module: str) -> None:
        super().__init__(vars(typing))
        self.module = import_module(module)

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(self.module, name)
        except AttributeError:
            raise KeyError(name) from None


def evaluate(module: str, expression: str) -> Any:
    return eval(expression, {}, Namespace(module))  # the expressions are those of the manifest


# Exports


@pytest.mark.parametrize("export", MANIFEST["exports"], ids=[export["name"] for export in MANIFEST["exports"]])
def test_every_export_is_the_object_of_its_home_module(export: Spec) -> None:
    home, name = export["home"].rsplit(".", 1)
    assert getattr(meerkat, export["name"]) is find(home, name)


def test_the_exports_are_listed_once_and_sorted() -> None:
    names = list(meerkat.__all__)
    assert names == sorted(set(names))
    assert {export["name"] for export in MANIFEST["exports"]} <= set(names)
    assert set(names) <= set(dir(meerkat))


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="module 'meerkat' has no attribute 'Meercat'"):
        _ = meerkat.Meercat  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", ["meerkat", "meerkat.types", "meerkat.generated.types"])
def test_what_a_type_checker_sees_behind_a_door_is_what_a_program_gets(module: str) -> None:
    door = import_module(module)
    tree = ast.parse(Path(str(door.__file__)).read_text(encoding="utf-8"))
    guard = next(node for node in tree.body if isinstance(node, ast.If))
    seen: dict[str, Any] = {}
    for node in guard.body:
        assert isinstance(node, ast.ImportFrom)
        room = import_module(str(node.module))
        for alias in node.names:
            if alias.name == "*":
                seen |= {name: thing for name, thing in vars(room).items() if is_defined_in(room, name)}
            else:
                assert alias.asname == alias.name, "an import without `as` is private to a type checker"
                seen[alias.name] = getattr(room, alias.name)
    assert sorted(seen) == door.__all__
    assert all(getattr(door, name) is thing for name, thing in seen.items())


def is_defined_in(room: types.ModuleType, name: str) -> bool:
    tree = ast.parse(Path(str(room.__file__)).read_text(encoding="utf-8"))
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    aliases = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)}
    return name in classes | aliases and not name.startswith("_")


def test_importing_the_package_loads_nothing_but_its_door() -> None:
    script = "import sys; before = set(sys.modules); import meerkat; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-I", "-c", setup_path() + script], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if name.startswith("meerkat")] == ["meerkat", "meerkat._doors"]
    assert not {"dataclasses", "typing", "asyncio", "json", "websockets", "pydantic"} & set(loaded)


def setup_path() -> str:
    return f"import sys; sys.path.insert(0, {str(Path(str(meerkat.__file__)).parent.parent)!r}); "


REEXPORTS = [(module, name, home) for module, content in MANIFEST["modules"].items() for name, home in content["reexports"].items()]


@pytest.mark.parametrize(("module", "name", "home"), REEXPORTS, ids=[f"{module}.{name}" for module, name, _ in REEXPORTS])
def test_a_name_that_a_module_passes_on_is_that_of_its_home(module: str, name: str, home: str) -> None:
    assert find(module, name) is find(*home.rsplit(".", 1))


# Data


@entities("dataclass")
def test_a_dataclass_begins_with_the_documented_fields(module: str, name: str, spec: Spec) -> None:
    cls = find(module, name)
    documented = spec["fields"]
    fields = dataclasses.fields(cls)
    assert [field.name for field in fields[: len(documented)]] == [field["name"] for field in documented]
    for field, expected in zip(fields, documented):
        check_default(module, field, expected)
    assert all(has_default(field) for field in fields[len(documented) :])
    assert list(cls.__match_args__) == [field.name for field in fields]


def check_default(module: str, field: dataclasses.Field[Any], expected: Spec) -> None:
    if expected["required"]:
        assert not has_default(field), field.name
    elif "default_factory" in expected:
        assert field.default_factory is not dataclasses.MISSING, field.name
        assert field.default_factory() == evaluate_factory(module, expected["default_factory"])(), field.name
    else:
        assert field.default == expected["default"], field.name
        assert type(field.default) is type(expected["default"]), field.name


def evaluate_factory(module: str, name: str) -> Any:
    return {"list": list, "dict": dict}.get(name) or evaluate(module, name)


def has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


@entities("dataclass")
def test_a_dataclass_is_as_frozen_and_slotted_as_documented(module: str, name: str, spec: Spec) -> None:
    cls = find(module, name)
    assert cls.__dataclass_params__.frozen is spec["frozen"]
    assert ("__slots__" in vars(cls)) is spec["slots"]
    assert cls.__dataclass_params__.eq
    assert not cls.__dataclass_params__.order


@entities("dataclass", "exception", "class")
def test_a_class_has_the_documented_bases(module: str, name: str, spec: Spec) -> None:
    cls = find(module, name)
    assert isinstance(cls, type)
    for base in spec["bases"]:
        home, _, base_name = base.rpartition(".")
        assert issubclass(cls, find(home or "builtins", base_name))


@entities("dataclass", "typed_dict")
def test_the_annotations_of_a_type_can_be_evaluated(module: str, name: str, spec: Spec) -> None:
    hints = typing.get_type_hints(find(module, name))
    assert {field["name"] for field in spec["fields"]} <= set(hints)


@entities("typed_dict")
def test_a_dictionary_type_requires_the_documented_keys(module: str, name: str, spec: Spec) -> None:
    cls = find(module, name)
    assert typing.is_typeddict(cls)
    assert cls.__required_keys__ == frozenset(spec["required_keys"])
    assert cls.__optional_keys__ >= frozenset(spec["optional_keys"])


@entities("literal_alias")
def test_a_literal_alias_has_the_documented_values(module: str, name: str, spec: Spec) -> None:
    alias = find(module, name)
    assert typing.get_origin(alias) is typing.Literal
    assert list(typing.get_args(alias)) == spec["values"]


@entities("union_alias")
def test_a_union_alias_has_the_documented_members(module: str, name: str, spec: Spec) -> None:
    alias = find(module, name)
    if typing.get_origin(alias) is typing.Literal:
        assert list(typing.get_args(alias)) == spec["literal_values"]
    else:
        assert typing.get_origin(alias) in (types.UnionType, typing.Union)
        assert alias == reduce(operator.or_, [evaluate(module, member) for member in spec["members"]])


@entities("alias")
def test_an_alias_stands_for_the_documented_type(module: str, name: str, spec: Spec) -> None:
    assert find(module, name) == evaluate(module, spec["target"])


@entities("new_type")
def test_a_new_type_has_the_documented_supertype(module: str, name: str, spec: Spec) -> None:
    made = find(module, name)
    assert made.__name__ == name
    assert made.__supertype__ is evaluate("builtins", spec["supertype"])


@entities("constant")
def test_a_constant_has_the_documented_value(module: str, name: str, spec: Spec) -> None:
    value = find(module, name)
    assert value == spec["value"]
    assert type(value).__name__ == spec["type"]


@pytest.mark.parametrize(("module", "name", "spec"), METHODS, ids=[f"{module}.{name}.{spec['name']}" for module, name, spec in METHODS])
def test_the_annotations_of_a_method_can_be_evaluated(module: str, name: str, spec: Spec) -> None:
    found = inspect.getattr_static(find(module, name), spec["name"])
    function = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    assert set(typing.get_type_hints(function)) == set(inspect.get_annotations(function, eval_str=True)) == set(function.__annotations__)


@entities("class", "exception")
def test_the_annotations_of_making_an_object_can_be_evaluated(module: str, name: str, spec: Spec) -> None:
    parameters = inspect.signature(find(module, name), eval_str=True).parameters.values()
    assert not [parameter.name for parameter in parameters if isinstance(parameter.annotation, str)]


@entities("function")
def test_the_annotations_of_a_function_can_be_evaluated(module: str, name: str, spec: Spec) -> None:
    assert "return" in typing.get_type_hints(find(module, name))


# Callables

KINDS = {
    "positional_or_keyword": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "keyword_only": inspect.Parameter.KEYWORD_ONLY,
    "var_positional": inspect.Parameter.VAR_POSITIONAL,
    "var_keyword": inspect.Parameter.VAR_KEYWORD,
}


@entities("function")
def test_a_function_takes_the_documented_parameters(module: str, name: str, spec: Spec) -> None:
    function = find(module, name)
    assert inspect.iscoroutinefunction(function) is spec["async"]
    check_parameters(list(inspect.signature(function).parameters.values()), spec["params"])


@pytest.mark.parametrize(("module", "name", "spec"), METHODS, ids=[f"{module}.{name}.{spec['name']}" for module, name, spec in METHODS])
def test_a_method_takes_the_documented_parameters(module: str, name: str, spec: Spec) -> None:
    cls = find(module, name)
    found = inspect.getattr_static(cls, spec["name"])
    if spec["kind"] == "property":
        assert isinstance(found, property)
        return
    wrapper = {"staticmethod": staticmethod, "classmethod": classmethod}.get(spec["kind"])
    if wrapper is not None:
        assert isinstance(found, wrapper)
        found = found.__func__
    assert inspect.iscoroutinefunction(found) is spec["async"]
    parameters = list(inspect.signature(found).parameters.values())
    check_parameters(parameters if wrapper is staticmethod else parameters[1:], spec["params"])


def check_parameters(found: list[inspect.Parameter], documented: list[Spec]) -> None:
    for kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY):
        expected = [spec for spec in documented if KINDS[spec["kind"]] is kind]
        given = [parameter for parameter in found if parameter.kind is kind]
        if kind is inspect.Parameter.KEYWORD_ONLY:  # their order is nobody's business
            names = [spec["name"] for spec in expected]
            given.sort(key=lambda parameter: names.index(parameter.name) if parameter.name in names else len(names))
        assert [parameter.name for parameter in given[: len(expected)]] == [spec["name"] for spec in expected]
        for parameter, spec in zip(given, expected):
            check_parameter_default(parameter, spec)
        assert all(parameter.default is not parameter.empty for parameter in given[len(expected) :])
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    assert {KINDS[spec["kind"]] for spec in documented} & set(variadic) <= {parameter.kind for parameter in found}


def check_parameter_default(parameter: inspect.Parameter, spec: Spec) -> None:
    if spec["required"]:
        assert parameter.default is parameter.empty, parameter.name
    else:
        assert parameter.default == spec["default"], parameter.name
        assert type(parameter.default) is type(spec["default"]), parameter.name


@entities("class")
def test_a_handle_has_slots_where_documented(module: str, name: str, spec: Spec) -> None:
    assert ("__slots__" in vars(find(module, name))) >= ("slots" in spec)


@pytest.mark.parametrize("module", ["meerkat.errors", "meerkat.generated.errors"])
def test_an_error_carries_the_documented_attributes(module: str) -> None:
    spec = MANIFEST["modules"][module]["defines"]["MeerkatError"]
    error = find(module, "MeerkatError")("-32001", "Session not found", {"id": 1}, "hint")
    assert [getattr(error, name) for name in spec["instance_attributes"]] == ["-32001", "Session not found", {"id": 1}, "hint"]


def test_both_modules_of_errors_offer_the_same_classes() -> None:
    for name in MANIFEST["modules"]["meerkat.generated.errors"]["defines"]:
        assert find("meerkat.generated.errors", name) is find("meerkat.errors", name)
