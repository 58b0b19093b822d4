"""The examples of `docs/subscriptions.md` are run as they stand."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "subscriptions.md"


def test_the_examples_come_out_as_written():
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted >= 10
    assert found.failed == 0
