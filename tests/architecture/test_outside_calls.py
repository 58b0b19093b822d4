"""Sockets are opened in connectors only, and every module that opens one has named fault points around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NETWORK = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpcore",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "stripe",
    "urllib.request",
    "urllib3",
}

# These listen, or look after processes on this machine; none of them calls the outside on behalf of a customer.
NO_OUTSIDE_CALL = {
    "app/connectors/sandbox/vendor/wire.py": "is the vendor's side",
    "app/core/embedded_postgres.py": "starts the database",
    "app/demo/supervisor.py": "watches the demo's own processes",
}


def network_imports(tree: ast.AST) -> Iterator[str]:
    """The network libraries that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            yield from {".".join(parts[:n]) for n in range(1, len(parts) + 1)} & NETWORK


def problems(path: str, source: str) -> list[str]:
    """What is wrong with one module."""
    tree = ast.parse(source)
    found = sorted(set(network_imports(tree)))
    if not found or path in NO_OUTSIDE_CALL:
        return []
    if not path.startswith("app/connectors/"):
        return [f"{path} imports {', '.join(found)}: only connectors open sockets"]
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if not any(isinstance(called, ast.Name) and called.id == "fault" for called in calls):
        return [f"{path} imports {', '.join(found)} and has no fault point"]
    return []


def test_only_connectors_open_sockets_and_none_without_a_fault_point() -> None:
    paths = [
        path.relative_to(ROOT).as_posix() for top in ("app", "config") for path in (ROOT / top).rglob("*.py")
    ]
    assert [problem for path in paths for problem in problems(path, (ROOT / path).read_text())] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("app/domain/orders/actions.py", "import httpx"),
        ("app/web/admin/brand.py", "def logo():\n    from urllib.request import urlopen"),
        ("app/core/money.py", "from urllib import request"),
        ("app/connectors/new/client.py", "import httpcore\nhttpcore.request('GET', 'http://vendor')"),
        ("app/connectors/smtp.py", "from smtplib import SMTP"),
    ],
)
def test_the_guard_finds_what_it_is_for(path: str, source: str) -> None:
    assert problems(path, source)


def test_the_guard_lets_a_connector_with_fault_points_pass() -> None:
    source = "import smtplib\nfrom app.core.faults import fault\nfault('mail.send.before')"
    assert problems("app/connectors/smtp.py", source) == []


def test_every_exception_to_the_guard_still_exists() -> None:
    assert [path for path in NO_OUTSIDE_CALL if not (ROOT / path).exists()] == []
