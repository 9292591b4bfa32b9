"""Many sessions at once, and never many with one host."""

import asyncio

import pytest
from https_peers import dial_to
from smtp_peers import HOST, KnownHosts, peer, world

from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Target
from sendspec.net.smtp.sessions import MOST_ADDRESSES, WITH_ONE_HOST, Sessions, addresses_of


@pytest.mark.parametrize("hosts", [1, 5])
def test_one_host_is_met_by_few_sessions_at_once_and_many_hosts_by_many(hosts):
    open_now, most = 0, 0

    async def serve(reader, writer) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.05)
        open_now -= 1

    async def run() -> None:
        async with peer(serve) as port:
            targets = [Target(f"{n % hosts}.{HOST}", f"192.0.2.{n}", 587, Tls.STARTTLS) for n in range(20)]
            exchanges = await Sessions(world(dial=dial_to(port))).look(targets, None, [])
            assert [exchange.target for exchange in exchanges] == targets

    asyncio.run(run())
    assert most <= hosts * WITH_ONE_HOST
    assert hosts == 1 or most > WITH_ONE_HOST


def test_a_name_with_addresses_without_end_is_looked_at_to_a_limit():
    async def run() -> int:
        many = KnownHosts({HOST: (*(f"192.0.2.{n}" for n in range(200)), "2001:db8::1")})
        return len((await addresses_of(world(dial=dial_to(1), hosts=many), HOST)).found)

    assert asyncio.run(run()) == MOST_ADDRESSES + 1
