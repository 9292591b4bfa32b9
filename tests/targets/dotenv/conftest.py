"""The real readers of dotenv files."""

from collections.abc import Mapping

import pytest
from env_readers import DOTENV_READERS, Reader


@pytest.fixture(params=DOTENV_READERS, ids=DOTENV_READERS)
def read(request) -> Reader:
    """Give one reader: file -> variables."""
    return DOTENV_READERS[request.param]


@pytest.fixture
def readers() -> Mapping[str, Reader]:
    """Give all readers by name."""
    return DOTENV_READERS
