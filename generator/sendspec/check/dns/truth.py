"""What a name holds: by its zone's own servers where the zone is the spec's, by the resolvers where it is not.

For our own zones a resolver may still hold what was there yesterday; that is a matter of `dns-propagation` alone.
"""

from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net


async def look(net: Net, setup: Setup, name: str, rtype: str) -> Answer:
    """Ask for a name, followed to the end of its CNAMEs. The chain of the answer starts with the name's own target."""
    domain = setup.index.domain_of(name)
    if domain is None:
        return await net.dns.lookup(name, rtype)
    answer = await ask_zone(net, domain.zone.name, name, rtype)
    if answer is None or answer.status is Status.REFERRAL:
        return await net.dns.lookup(name, rtype)
    if answer.chain and answer.status in {Status.NODATA, Status.NXDOMAIN} and rtype != "CNAME":
        return await net.dns.lookup(name, rtype)  # the end lies in another zone
    return answer


async def ask_zone(net: Net, zone: str, name: str, rtype: str) -> Answer | None:
    """Ask the servers of a zone in turn until one knows; the last answer if none does, None if nobody can be asked."""
    found = await net.zones.of(zone)
    answer = found.problem
    for server in found.servers:
        answer = await net.dns.ask(server, name, rtype)
        if answer.status.is_known or answer.status is Status.REFERRAL:
            return answer
    return answer
