"""One place commits. Everything else lives in somebody's unit."""

import ast
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app"


def _calls(tree: ast.AST, *names: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


def test_there_is_one_commit_in_the_program():
    found = [
        f"{path.relative_to(APP)}:{line}"
        for path in sorted(APP.rglob("*.py"))
        for line in _calls(ast.parse(path.read_text()), "commit")
    ]
    assert len(found) == 1, found
    assert found[0].startswith("core/unit.py")


def test_the_search_finds_a_second_one():
    """The mutant: what it is that the test above looks for."""
    assert _calls(ast.parse("def f(session):\n    session().commit()\n"), "commit") == [2]


OUTSIDE_UNITS = {
    "core/unit.py": "`apart`, for what outlives a rollback",
    "web/kit/sessions.py": "the browser's session, written after the unit of the request",
    "demo/world/work.py": "the queue of the demo's past",
}


def test_transactions_beside_the_unit_are_few_and_known():
    found = {
        str(path.relative_to(APP))
        for path in sorted(APP.rglob("*.py"))
        if _calls(ast.parse(path.read_text()), "begin")
    }
    assert found == set(OUTSIDE_UNITS), found ^ set(OUTSIDE_UNITS)
