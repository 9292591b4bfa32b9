"""What checks ask of DNS. The real client is `client.Client`; tests bring their own."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sendspec.net.address import Server
from sendspec.net.dns.answer import Answer, Expected


class Dns(Protocol):
    """Questions to DNS. No method raises for what the world does: every trouble is a status of the answer."""

    @property
    def resolvers(self) -> Sequence[Server]:
        """Give the recursive resolvers of this run: the first one that answers is believed by `lookup`."""

    def can_reach(self, server: Server) -> bool:
        """Tell whether this host has a way to a server's address at all. Asks nobody."""

    async def ask(self, server: Server, name: str, rtype: str, *, is_recursive: bool = False) -> Answer:
        """Ask one server one question. Answers are shared: the same question is asked once in a run."""

    async def lookup(self, name: str, rtype: str) -> Answer:
        """Ask the resolvers in turn until one knows; the last answer if none does. Follows CNAMEs as resolvers do."""

    def ask_all(self, questions: Iterable[Expected]) -> AsyncIterator[tuple[Expected, Answer | None]]:
        """Ask very many questions, all servers side by side; give each as its answer comes, None where it is as expected.

        What is as expected costs a comparison of octets; everything else is read with care and may have been asked
        again over TCP.
        """


@dataclass(frozen=True, slots=True)
class ZoneServers:
    """Who answers for a zone.

    Attributes:
        zone: Name of the zone that holds the name asked for: at the cut or above it.
        servers: One for each address of each name server, sorted by name and address; empty when nobody could be found.
        delegated, declared: Name servers as the parent names them, and as the zone itself does. Either is empty when it
            could not be read.
        parent_server: Who spoke for the parent; None when it could not be asked.
        unresolved: Name servers without any address, each with what was said: (name, answer).
        problem: What kept us from finding the servers; None when they were found.
    """

    zone: str
    servers: tuple[Server, ...]
    delegated: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    parent_server: Server | None = None
    unresolved: tuple[tuple[str, Answer], ...] = ()
    problem: Answer | None = None


class Zones(Protocol):
    """Finds zone cuts and the servers of zones."""

    async def of(self, name: str) -> ZoneServers:
        """Find the zone that a name lies in and who answers for it. Each zone is looked up once in a run."""
