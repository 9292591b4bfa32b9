"""Any DNS host that sendspec does not speak to: it is read through DNS, and a person changes it."""

from sendspec.hosts.interface import Host
from sendspec.hosts.manual.read import read

HOST = Host(
    id="manual",
    title="any other DNS host, by hand",
    read=read,
    by_hand="the zone is kept by hand (`dns.host: manual`): enter the records where it is kept, as they are listed",
    facts={"its own name servers are asked, each name for the types that it is to have": "RFC 1034 section 4.2.2"},
)
