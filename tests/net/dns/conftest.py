"""A made-up Internet of real name servers."""

import pytest
from made_up_internet import made_up_internet


@pytest.fixture(scope="session")
def internet(find_tool, tmp_path_factory):
    with made_up_internet(find_tool, tmp_path_factory.mktemp("internet")) as running:
        yield running
