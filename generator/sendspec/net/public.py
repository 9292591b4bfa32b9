"""Which addresses a call from here may go to: those of the public Internet, and none of this machine or its network."""

import ipaddress

from sendspec.net.address import Dial

DOCUMENTATION = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),  # RFC 5737
        *("2001:db8::/32", "3fff::/20"),  # RFC 3849, RFC 9637
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the IPv4 address stands in the last four octets


def is_public(address: str) -> bool:
    """Tell whether an IP address is reachable from anywhere; False for text that is no address.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, Teredo, NAT64) is as public as what it carries.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        carried = _carried(parsed)
        if carried is not None:
            return is_public(str(carried))
    return parsed.is_global and not parsed.is_multicast and not _is_documentation(parsed)


def may_dial(address: str, port: int, dial: Dial) -> bool:
    """Tell whether an address may be connected to: a public one, or one for documentation that a rehearsal answers at."""
    if is_public(address):
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return _is_documentation(parsed) and dial(address, port) != (address, port)


def _is_documentation(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in DOCUMENTATION)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
