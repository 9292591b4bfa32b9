"""A made-up Internet: three nsd for the root, a top level and everything below it, and an unbound that asks them.

example             ns.nic.example (192.0.2.2)
shop.example        ns1 (192.0.2.3), ns2 (192.0.2.4, nobody listens), says itself ns1 and ns3
other.example       ns1.other.example (192.0.2.5): where CNAMEs of shop.example lead
lame.example        delegated to a server that does not hold it
dead.example        delegated to where nobody listens
nowhere.example     delegated to names that do not exist
six.example         its server has an IPv6 address only
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from name_servers import dial_to, free_server, nsd, unbound

from sendspec.net.address import Dial, Server

LONG = "v=spf1 " + "ip4:192.0.2.1 " * 30 + "-all"
ROOT = """
@ NS a.root.test.
a.root.test. A 192.0.2.1
example. NS ns.nic.example.
ns.nic.example. A 192.0.2.2
"""
EXAMPLE = """
@ NS ns.nic
ns.nic A 192.0.2.2
shop NS ns1.shop
shop NS ns2.shop
ns1.shop A 192.0.2.3
ns2.shop A 192.0.2.4
other NS ns1.other
ns1.other A 192.0.2.5
lame NS ns1.lame
ns1.lame A 192.0.2.3
dead NS ns1.dead
ns1.dead A 192.0.2.4
nowhere NS ns1.missing.example.
nowhere NS ns2.missing.example.
six NS ns6.other
ns6.other AAAA 2001:db8::53
"""
SHOP = f"""
@ NS ns1
@ NS ns3
ns1 A 192.0.2.3
ns2 A 192.0.2.4
ns3 A 192.0.2.3
@ MX 10 mx1.other.example.
@ MX 20 MX2
@ 60 TXT "v=spf1 -all"
@ 60 TXT "a\\010b" "\\200c"
null MX 0 .
large TXT {" ".join(f'"{LONG[at : at + 255]}"' for at in range(0, len(LONG), 255))}
large TXT {" ".join(['"' + "x" * 250 + '"'] * 8)}
empty TXT ""
www CNAME edge
edge CNAME www.other.example.
dangling CNAME gone.other.example.
loop1 CNAME loop2
loop2 CNAME loop1
inside CNAME target
target TXT "found"
*.wild TXT "wild"
sub NS ns1.sub
ns1.sub A 192.0.2.3
"""
OTHER = """
@ NS ns1
ns1 A 192.0.2.5
ns6 AAAA 2001:db8::53
www 120 TXT "at the end"
"""


ROOT_SERVER = Server("192.0.2.1")
EXAMPLE_SERVER = Server("192.0.2.2")
SHOP_SERVER = Server("192.0.2.3")
NOBODY = Server("192.0.2.4")
OTHER_SERVER = Server("192.0.2.5")


@dataclass(frozen=True)
class Internet:
    """Where everything is. `dial` leads from the addresses in the zones to the real ones."""

    resolver: Server
    dial: Dial


@contextmanager
def made_up_internet(find_tool: Callable[[str], str], folder: Path) -> Iterator[Internet]:
    """Run all of it."""
    with ExitStack() as stack:
        root = stack.enter_context(nsd(find_tool, folder / "root", {"": ROOT}))
        example = stack.enter_context(nsd(find_tool, folder / "example", {"example": EXAMPLE}))
        below = stack.enter_context(nsd(find_tool, folder / "below", {"shop.example": SHOP, "other.example": OTHER}))
        nobody = free_server()
        lame = dict.fromkeys(("lame.example", "shop.example", "other.example"), below)
        resolver = stack.enter_context(
            unbound(find_tool, folder / "unbound", {"": root, "example": example, "dead.example": nobody, **lame})
        )
        # Connecting to a broadcast address is what the system refuses at once, as it does without a route.
        places = {"192.0.2.1": root, "192.0.2.2": example, "192.0.2.3": below, "192.0.2.4": nobody, "192.0.2.5": below}
        yield Internet(resolver, dial_to({**places, "2001:db8::53": Server("127.255.255.255", port=53)}))
