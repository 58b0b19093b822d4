"""One rig a connector and test process, put right before every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.contract import RIGS, Rig


@pytest.fixture(scope="session", params=RIGS)
def running_rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The connector's vendor, running."""
    rig = RIGS[request.param](tmp_path_factory.mktemp(request.param))
    yield rig
    rig.close()


@pytest.fixture
def rig(running_rig: Rig) -> Rig:
    """The connector's vendor, with nothing failing."""
    running_rig.reset()
    return running_rig
