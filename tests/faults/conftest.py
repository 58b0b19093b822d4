"""What the runs share: one vendor, put right before each, and one process that forks all others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.harness import Zygote
from tests.support.sandbox import SandboxServer


@pytest.fixture(scope="session")
def running_vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    vendor = SandboxServer(tmp_path_factory.mktemp("vendor") / "state.sqlite").start()
    yield vendor
    vendor.stop()


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    forks = Zygote()
    yield forks
    forks.close()


@pytest.fixture
def vendor(running_vendor: SandboxServer) -> SandboxServer:
    running_vendor.reset()
    return running_vendor
