"""The types as a reader meets them: described, in their place, and the same on every Python."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import get_type_hints, is_typeddict

import pytest

import meerkat.wire
from meerkat.wire.base import is_closed
from meerkat.wire.mobs import MobCreateParams
from meerkat.wire.sessions import CreateSessionParams, ForkSessionAtParams

MODULES = [importlib.import_module(f"meerkat.wire.{found.name}") for found in pkgutil.iter_modules(meerkat.wire.__path__)]
RECORDS = [value for module in MODULES for value in vars(module).values() if is_typeddict(value) and value.__module__ == module.__name__]
LINES_OF_A_FILE = 600


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_record_says_in_one_line_what_it_is(record: type) -> None:
    functional = record.__doc__ in (None, dict.__doc__)  # fields named like keywords: the sentence stands below the type
    assert functional or re.fullmatch(r"\S[^\n]*\.", record.__doc__ or "")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_the_hints_of_a_record_can_be_read_at_run_time(record: type) -> None:
    assert get_type_hints(record, include_extras=True).keys() == record.__annotations__.keys()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_module_fits_on_a_few_screens_and_imports_only_words(module: object) -> None:
    text = Path(str(module.__file__)).read_text()  # type: ignore[attr-defined]
    assert text.count("\n") <= LINES_OF_A_FILE
    assert set(re.findall(r"^(?:from|import) meerkat(?:\.(\w+))?", text, re.MULTILINE)) <= {"wire"}


def test_the_server_refuses_unknown_fields_only_where_a_type_says_so() -> None:
    assert is_closed(ForkSessionAtParams)
    assert is_closed(MobCreateParams)
    assert not is_closed(CreateSessionParams)
