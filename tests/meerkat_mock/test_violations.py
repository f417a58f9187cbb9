"""What a mock holds against a test is said in one form, and all of it at once."""

from __future__ import annotations

from meerkat_mock.violations import MockViolations, Violation


def test_a_violation_says_where_what_the_nearest_and_numbered_fixes() -> None:
    violation = Violation("unused", "a.mock.yaml:3", "hello was never selected", "a prompt differs", ("call it", "take it away"))
    assert str(violation) == (
        "a.mock.yaml:3: hello was never selected\n  nearest: a prompt differs\n  fix 1: call it\n  fix 2: take it away"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert str(Violation("crash", "", "it broke")) == "it broke"


def test_all_violations_are_raised_together_and_kept_as_values() -> None:
    first, second = Violation("unused", "", "one"), Violation("crash", "", "two")
    one, both = MockViolations([first]), MockViolations([first, second])
    assert str(one) == "meerkat_mock found 1 violation:\n\none"
    assert str(both) == "meerkat_mock found 2 violations:\n\none\n\ntwo"
    assert both.violations == (first, second)
    assert isinstance(both, AssertionError)
