import asyncio

import pytest
from host_desks import QUICK, desk, zone
from route53_world import route53

from sendspec.hosts.route53.apply import apply
from sendspec.hosts.route53.read import read


class Account:
    """An account with a stand-in behind it, and the host's code in front."""

    def __init__(self, world):
        self.world = world
        self.keeper = None
        self.patience = QUICK

    def desk(self, **of):
        return desk(zone("route53", **of), self.keeper, aws=self.world.aws)

    def read(self, **of):
        return asyncio.run(read(self.desk(**of), (), self.patience))

    def apply(self, live, *changes):
        return asyncio.run(apply(self.desk(), live, changes, self.patience))


@pytest.fixture
def account():
    with route53() as world:
        yield Account(world)
