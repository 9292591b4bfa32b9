"""The ESP is told to sign with a new DKIM key only when every name server of the zone has its record."""

import asyncio
from types import SimpleNamespace

import pytest

from sendspec.net.address import Server
from sendspec.net.dns.answer import Answer, Status
from sendspec.rehearse.values import public_key
from sendspec.rotate.dkim import lacking

NAME = "s20261126._domainkey.mail.northwind.example"
VALUE = f"v=DKIM1; k=rsa; p={public_key()}"
SERVERS = (Server("192.0.2.1", "ns1.example"), Server("192.0.2.2", "ns2.example"))


class Zone:
    """A zone whose servers give what a test says, in turn."""

    def __init__(self, *answers: tuple[Status, tuple[str, ...]], reachable: bool = True) -> None:
        self.answers = dict(zip(SERVERS, answers, strict=False))
        self.reachable = reachable

    async def of(self, _name: str) -> SimpleNamespace:
        return SimpleNamespace(servers=tuple(self.answers))

    def can_reach(self, _server: Server) -> bool:
        return self.reachable

    async def ask(self, server: Server, name: str, rtype: str) -> Answer:
        status, values = self.answers[server]
        return Answer(status, name, rtype, server, values=values)


def missing(*answers, reachable: bool = True) -> str:
    zone = Zone(*answers, reachable=reachable)
    setup = SimpleNamespace(index=SimpleNamespace(domain_of=lambda _name: None))
    return asyncio.run(lacking(SimpleNamespace(zones=zone, dns=zone), setup, NAME, VALUE))


GOOD = (Status.ANSWER, (VALUE,))


def test_all_servers_have_it():
    assert missing(GOOD, GOOD) == ""


def test_the_same_key_in_another_spelling_is_the_same():
    assert missing((Status.ANSWER, (VALUE.replace("; ", ";"),)), GOOD) == ""


@pytest.mark.parametrize(
    "other",
    [
        (Status.NXDOMAIN, ()),
        (Status.NODATA, ()),
        (Status.ANSWER, ("v=DKIM1; k=rsa; p=",)),
        (Status.ANSWER, (VALUE, VALUE.replace("k=rsa; ", "k=rsa; t=y; "))),
        (Status.ANSWER, ("not a key",)),
        (Status.TIMEOUT, ()),
    ],
)
def test_one_server_that_does_not_give_it_is_named(other):
    said = missing(GOOD, other)
    assert "ns2.example" in said
    assert "ns1.example" not in said
    assert "sendspec apply" in said


def test_a_zone_that_cannot_be_asked_is_not_taken_for_published():
    assert "no name server could be asked" in missing()
    assert "no name server could be asked" in missing(GOOD, reachable=False)
