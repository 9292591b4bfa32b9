import asyncio

import pytest
from cloudflare_world import HOST, TOKEN, CloudflareWorld
from host_desks import QUICK, KnownSecrets, desk, zone
from https_peers import serving

from sendspec.hosts.cloudflare.apply import apply
from sendspec.hosts.cloudflare.read import read


class Account:
    """An account with a stand-in behind it, and the host's code in front, over https."""

    def __init__(self):
        self.world = CloudflareWorld()
        self.keeper = KnownSecrets({"env://CLOUDFLARE_API_TOKEN": TOKEN})
        self.patience = QUICK
        self.misbehaviours = {}
        self.timeout_seconds = 15.0

    def read(self, **of):
        return self._with(lambda at: read(at, (), self.patience), of)

    def apply(self, live, *changes):
        return self._with(lambda at: apply(at, live, changes, self.patience), {})

    def _with(self, work, of):
        async def run():
            async with serving({HOST: self.world.answer}, misbehaviours=self.misbehaviours) as peer:
                http = _Impatient(peer.client, self.timeout_seconds)
                return await work(desk(zone("cloudflare", **of), self.keeper, http=http))

        return asyncio.run(run())


class _Impatient:
    """A client that waits no longer than a test likes."""

    def __init__(self, client, timeout_seconds):
        self.client, self.timeout_seconds = client, timeout_seconds

    async def call(self, method, url, **options):
        return await self.client.call(method, url, timeout_seconds=self.timeout_seconds, **options)


@pytest.fixture
def account():
    return Account()
