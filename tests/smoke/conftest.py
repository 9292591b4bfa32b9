"""The compiled spec of smoke tests."""

import pytest
from smoke_world import compiled

from sendspec.model.setup import Setup


@pytest.fixture(scope="session")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    """Give the setup, without a `smoke_test:`."""
    return compiled(tmp_path_factory.mktemp("specs")).setup
