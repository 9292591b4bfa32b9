"""The Internet in which a spec is live: what it declares, and whatever of other people's DNS that leads to.

Everything outside is made up, and sound: a check finds nothing. Faults are what is changed afterwards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sendspec.model.dns_record import Mx, Purpose, RRset
from sendspec.model.domain import Domain
from sendspec.model.setup import Setup
from sendspec.records import mta_sts, spf
from sendspec.records.error import RecordError
from sendspec.records.public_suffix import registrable_domain
from sendspec.rehearse.world import NAME_SERVERS, PARENTS, DnsWorld, Key, Values

ELSEWHERE = "198.51.100.200"
"""Whatever has an address and is not connected to in a rehearsal."""
SENDING = "v=spf1 ip4:203.0.113.0/24 -all"
"""What an include says that the lock file does not know."""
PARENT_SERVER = "parents.rehearsal.invalid"


def internet(setup: Setup, hosts: Mapping[str, str], key: str) -> DnsWorld:
    """Give the world.

    Args:
        setup: With nothing pending.
        hosts: Host name -> its address, for everything that a rehearsal serves.
        key: A public key as base64, for DKIM keys that lie outside.
    """
    return _Internet(setup, hosts, key).build()


@dataclass(slots=True)
class _Internet:
    setup: Setup
    hosts: Mapping[str, str]
    key: str
    records: dict[Key, Values] = field(default_factory=dict)

    def build(self) -> DnsWorld:
        for _, rrset in self.setup.rrsets():
            self.records[rrset.name, rrset.type] = tuple(value.value for value in rrset.values)
        for host, address in self.hosts.items():
            self._add(host, "A", address)
        for _, rrset in self.setup.rrsets():
            self._ends_of(rrset)
        for domain in self.setup.domains:
            self._mail_of(domain)
        self._report_addresses()
        for account in self.setup.accounts:
            include = account.limits.spf_include
            if include is not None:
                self._spf_of(include.value)
        for text in [text for (_, rtype), values in self.records.items() if rtype == "TXT" for text in values]:
            self._follow_spf(str(text))
        for name, address in {**NAME_SERVERS, PARENT_SERVER: PARENTS}.items():
            self._add(name, "A", address)
        return DnsWorld(self.records, self._zones())

    def _add(self, name: str, rtype: str, *values: str | Mx) -> None:
        """Add what nobody has said yet; a name with a CNAME holds nothing else."""
        if (name, "CNAME") not in self.records:
            self.records.setdefault((name, rtype), values)

    def _ends_of(self, rrset: RRset) -> None:
        """Make up what the values of a set lead to."""
        for value in rrset.values:
            if isinstance(value.value, Mx):
                if value.value.exchange:
                    self._add(value.value.exchange, "A", ELSEWHERE)
            elif rrset.type == "CNAME":
                self._target(value.value, value.purpose, value.records[0].account)

    def _target(self, name: str, purpose: Purpose, account_id: str) -> None:
        if purpose is Purpose.DKIM:
            self._add(name, "TXT", f"k=rsa; p={self.key}")
        elif purpose is Purpose.RETURN_PATH:
            account = self.setup.index.accounts.get(account_id)
            include = account.limits.spf_include if account else None
            self._add(name, "TXT", f"v=spf1 include:{include.value} -all" if include else SENDING)
            self._add(name, "MX", Mx(10, f"mx.{name}"))
            self._add(f"mx.{name}", "A", ELSEWHERE)
            self._add(name, "A", ELSEWHERE)
        else:
            self._add(name, "A", ELSEWHERE)

    def _mail_of(self, domain: Domain) -> None:
        """Let people's mail arrive where the spec says that it does, at hosts that the MTA-STS policy knows."""
        policies = dict(domain.zone.mta_sts_policies)
        receiving = [domain.name] if domain.mailboxes else []
        receiving += [sub.name for sub in domain.subdomains if sub.receives]
        for name in dict.fromkeys((*receiving, *policies)):
            self._takes_mail(name, _first_host(policies.get(name, "")))

    def _takes_mail(self, name: str, host: str = "") -> None:
        if (name, "MX") in self.records:
            return
        host = host or f"mx.{name}"
        self._add(name, "MX", Mx(10, host))
        self._add(host, "A", ELSEWHERE)

    def _report_addresses(self) -> None:
        """Let reports arrive: their host takes mail, and says that it wants those of other people's domains (RFC 9990 section 4)."""
        for domain in self.setup.domains:
            for intent in domain.dmarc:
                for uri in (*intent.reports, *intent.failure_reports):
                    host = uri.rpartition("@")[2].lower()
                    self._takes_mail(host)
                    if registrable_domain(host) != registrable_domain(intent.name):
                        self._add(f"{intent.name}._report._dmarc.{host}", "TXT", "v=DMARC1")

    def _spf_of(self, name: str) -> None:
        """Give a foreign name its SPF record: the lock file's, or one that is made up."""
        if any(spf.is_spf(str(text)) for text in self.records.get((name, "TXT"), ())):
            return
        known = next((tree.text for tree in self.setup.spf_trees if tree.name == name), SENDING)
        self._add(name, "TXT", known)
        self._follow_spf(known)

    def _follow_spf(self, text: str) -> None:
        try:
            record = spf.parse(text)
        except RecordError:
            return
        for term in record.terms:
            if "%" in term.value:
                continue
            if term.mechanism == "include":
                self._spf_of(term.value.lower())
            elif term.mechanism in {"a", "exists"} and term.value:
                self._add(term.value.lower(), "A", ELSEWHERE)
            elif term.mechanism == "mx" and term.value:
                self._takes_mail(term.value.lower())
        if record.redirect and "%" not in record.redirect:
            self._spf_of(record.redirect.lower())

    def _zones(self) -> dict[str, tuple[str, ...]]:
        """Give a zone for each declared domain, for each organization outside, and for everything above them."""
        servers = tuple(NAME_SERVERS)
        declared = {domain.name for domain in self.setup.domains}
        zones = dict.fromkeys(sorted(declared), servers)
        for name, _ in self.records:
            organization = ".".join(name.split(".")[-2:])
            zones.setdefault(organization, servers)
        for zone in tuple(zones):
            zones[zone.rpartition(".")[2]] = (PARENT_SERVER,)
        zones[""] = (PARENT_SERVER,)
        return zones


def _first_host(policy: str) -> str:
    """Give the first host name of an MTA-STS policy that is no pattern; empty where there is none."""
    try:
        hosts: Iterator[str] = iter(mta_sts.parse_policy(policy).mx)
    except RecordError:
        return ""
    return next((host for host in hosts if not host.startswith("*.")), "")
