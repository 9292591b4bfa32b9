"""MTA-STS policy files: what the user's web server serves (RFC 8461)."""

from collections.abc import Iterator

from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup


def policy_path(zone: str, name: str) -> str:
    """Give where the policy of a name goes: `dns/<zone>/mta-sts.txt`, or `mta-sts.<name>.txt` below the apex."""
    return f"dns/{zone}/mta-sts.txt" if name == zone else f"dns/{zone}/mta-sts.{name}.txt"


def policy_url(name: str) -> str:
    """Give where senders fetch it (RFC 8461 section 3.3)."""
    return f"https://mta-sts.{name}/.well-known/mta-sts.txt"


def policy_files(setup: Setup) -> Iterator[OutputFile]:
    """Give a file for every name that declares a policy; a policy has no comments (RFC 8461 section 3.2)."""
    for domain in setup.domains:
        for name, text in domain.zone.mta_sts_policies:
            yield OutputFile(
                policy_path(domain.zone.name, name),
                text if text.endswith("\n") else f"{text}\n",
                (domain.origin,),
                f"The MTA-STS policy of {name}, for your web server to serve at {policy_url(name)}.",
            )
