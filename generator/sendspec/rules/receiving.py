"""Which names take mail, as far as the spec says."""

from sendspec.model.dns_record import RecordType
from sendspec.model.setup import Setup


def takes_mail(setup: Setup, name: str) -> bool | None:
    """Tell whether mail to a name arrives. None: the spec does not say, as for names that are not ours.

    A subdomain takes mail when it says `receives: true` or has an MX here; a domain's own MX is never sendspec's, so
    without `mailboxes` nothing is known of it.
    """
    domain = setup.index.domain_of(name)
    if domain is None or domain.authority != "own":
        return None
    if any(rrset.name == name and rrset.type is RecordType.MX for rrset in domain.zone.rrsets):
        return True
    if name == domain.name:
        return True if domain.mailboxes else None
    return any(subdomain.name == name and subdomain.receives for subdomain in domain.subdomains)
