"""The examples in `docs/approvals.md` are run, so that they stay true."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "approvals.md"


def test_the_examples_in_the_documentation_are_true():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried >= 8
    assert failed == 0
