"""Which hosts plain text does not leave a machine or a private network for."""

import ipaddress

LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".svc")
"""Names that no public DNS answers: RFC 6761 section 6.3, RFC 6762 section 3, ICANN's decision on `.internal` of
2024-07-29, RFC 8375; `.lan` of home routers and `.svc` of Kubernetes by habit."""


def is_this_machine(host: str) -> bool:
    """Tell whether each machine means itself by a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        name = host.lower().removesuffix(".")
        return name == "localhost" or name.endswith(".localhost")


def faces_internet(host: str) -> bool:
    """Tell whether whoever listens at a host can be reached from the internet, as far as its name or address says.

    At the address of all interfaces (`0.0.0.0`) too.
    """
    try:
        return ipaddress.ip_address(host).is_unspecified or not stays_private(host)
    except ValueError:
        return not stays_private(host)


def stays_private(host: str) -> bool:
    """Tell whether a host is on this machine or in a private network, as far as its name or address says.

    An address that is not global; a name of one label (a container, a Kubernetes service) or with a local ending.
    """
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        name = host.lower().removesuffix(".")
        return "." not in name or name.endswith(LOCAL_ENDINGS)
