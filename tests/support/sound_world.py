"""The world in which everything a setup implies is as it should be: its own records, and all that they lead to."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from fake_dns import NS1, NS2, FakeDns, Key, Values, above_and_at

from sendspec.model.dns_record import Mx, Purpose, RecordType
from sendspec.model.domain import Domain
from sendspec.model.setup import Setup
from sendspec.net.http import Reply
from sendspec.pipeline import compile_folder
from sendspec.records import dmarc, mta_sts, spf
from sendspec.records.public_suffix import registrable_domain
from sendspec.rehearse.values import fill_issued

ADDRESS, ADDRESS6 = "192.0.2.80", "2001:db8::80"
OUTSIDE_SPF = "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:25::/48 ~all"
"""What an include says of which the lock file knows nothing: it costs one look-up and lets somebody pass."""
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"/>'


def _rsa_spki(modulus: bytes) -> str:
    """Give a public RSA key of 2,048 bits with exponent 65537 in DER (RFC 3279 section 2.3.1), as `p=` holds it."""
    head = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
    return base64.b64encode(head + modulus + bytes.fromhex("0203010001")).decode()


KEY = _rsa_spki(b"\xc3" + bytes(range(254)) + b"\x01")


def filled(folder: Path) -> Setup:
    """Compile a spec with everything that is pending made up."""
    return compile_folder(folder, lambda setup, issued: fill_issued(setup, issued, date(2026, 11, 26))).setup


def sound_dns(setup: Setup, servers: Sequence = (NS1, NS2)) -> FakeDns:
    """Give DNS in which every check is content: each declared domain is a zone at two servers."""
    return FakeDns(sound_records(setup), {domain.name: tuple(servers) for domain in setup.domains})


def sound_records(setup: Setup) -> dict[Key, Values]:
    """Give every record that the setup implies, in its zones and outside; values sorted."""
    records: dict[Key, Values] = {}
    for _, rrset in setup.rrsets():
        records[rrset.name, str(rrset.type)] = tuple(value.value for value in rrset.values)
    world = _Outside(setup, records)
    world.add_targets()
    world.add_domains()
    world.add_spf()
    world.add_hosts()
    return {key: tuple(sorted((_wire(value) for value in values), key=str)) for key, values in records.items()}


def _wire(value: str | Mx) -> str | Mx:
    return value if isinstance(value, Mx) else value.encode().decode("latin-1")


@dataclass
class _Outside:
    """Adds what the records lead to. Nothing that exists is replaced."""

    setup: Setup
    records: dict[Key, Values]

    def add(self, name: str, rtype: str, *values: str | Mx) -> None:
        self.records.setdefault((name, rtype), values)

    def add_host(self, name: str) -> None:
        self.add(name, "A", ADDRESS)
        self.add(name, "AAAA", ADDRESS6)

    def add_targets(self) -> None:
        """What the ESPs have at the ends of our CNAMEs, and the hosts of our MX."""
        for _, rrset in self.setup.rrsets():
            for value in rrset.values:
                record = value.records[0]
                if rrset.type is RecordType.CNAME:
                    self._add_target(str(value.value), record.purpose, record.account)
                elif isinstance(value.value, Mx) and value.value.exchange:
                    self.add_host(value.value.exchange)

    def _add_target(self, target: str, purpose: Purpose, account: str) -> None:
        if purpose is Purpose.DKIM:
            self.add(target, "TXT", f"k=rsa; p={KEY}")
        elif purpose is Purpose.RETURN_PATH:
            include = self.setup.account(account).limits.spf_include
            self.add(target, "TXT", f"v=spf1 include:{include.value} ~all" if include else OUTSIDE_SPF)
            self.add(target, "MX", Mx(10, f"mx.{target}"))
            self.add_host(f"mx.{target}")
        else:
            self.add_host(target)

    def add_domains(self) -> None:
        """Mail for people, DMARC of customers, who takes reports, hosts of policies and logos."""
        for domain in self.setup.domains:
            for name, text in domain.zone.mta_sts_policies:
                patterns = mta_sts.parse_policy(text).mx
                self.add(name, "MX", *(Mx(10, pattern.replace("*.", "mx1.")) for pattern in patterns))
                self.add_host(f"mta-sts.{name}")
            for name in _receiving(domain):
                self.add(name, "MX", Mx(10, f"mx.{name}"))
            for intent in domain.dmarc:
                record = dmarc.DmarcRecord(dmarc.Policy(intent.policy), reports=intent.reports)
                self.add(f"_dmarc.{intent.name}", "TXT", record.to_text())
                for uri in (*intent.reports, *intent.failure_reports):
                    host = uri.rpartition("@")[2].partition("!")[0].lower()
                    self.add(host, "MX", Mx(10, f"mx.{host}"))
                    if registrable_domain(host) != registrable_domain(intent.name):
                        self.add(f"{intent.name}._report._dmarc.{host}", "TXT", "v=DMARC1")

    def add_spf(self) -> None:
        """Every include that one of our records or an ESP's leads to: as the lock file has it, else made up."""
        known = {tree.name: tree.text for tree in self.setup.spf_trees}
        waiting = [account.limits.spf_include.value for account in self.setup.accounts if account.limits.spf_include]
        waiting += [name for (name, rtype) in self.records if rtype == "TXT"]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            texts = [str(text) for text in self.records.get((name, "TXT"), ())]
            if not any(spf.is_spf(text) for text in texts) and not self._is_declared(name):
                texts = [*texts, known.get(name, OUTSIDE_SPF)]
                self.records[name, "TXT"] = tuple(texts)
            for text in texts:
                if spf.is_spf(text):
                    waiting += self._follow(name, spf.parse(text))

    def _is_declared(self, name: str) -> bool:
        """Our own TXT sets are left as they are, and so are the ESPs' keys."""
        return self.setup.index.domain_of(name) is not None or "_domainkey" in name or (name, "TXT") in self.records

    def _follow(self, name: str, record: spf.SpfRecord) -> list[str]:
        for term in record.terms:
            if term.mechanism in {"a", "exists"} and "%" not in term.value:
                self.add_host(term.value or name)
            elif term.mechanism == "mx" and "%" not in term.value:
                self.add(term.value or name, "MX", Mx(10, f"mx.{term.value or name}"))
        return list(spf.followed(record))

    def add_hosts(self) -> None:
        """Addresses of every MX there is by now."""
        for (_, rtype), values in list(self.records.items()):
            if rtype == "MX":
                for value in values:
                    if isinstance(value, Mx) and value.exchange:
                        self.add_host(value.exchange)


def _receiving(domain: Domain) -> Iterator[str]:
    if domain.mailboxes:
        yield domain.name
    yield from (subdomain.name for subdomain in domain.subdomains if subdomain.receives)


@dataclass
class FakeHttp:
    """Web servers in memory: a reply by URL; what is not there has no address. `called` are the URLs in order."""

    replies: Mapping[str, Reply] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)

    async def call(self, method, url, *, headers=(), body=b"", timeout_seconds=15.0, max_octets=1_000_000) -> Reply:
        from sendspec.model.trouble import Trouble

        self.called.append(url)
        return self.replies.get(url) or Reply(None, Trouble.NO_ADDRESS)


def sound_http(setup: Setup) -> FakeHttp:
    """Give web servers that serve every policy and every logo."""
    replies: dict[str, Reply] = {}
    for domain in setup.domains:
        for name, text in domain.zone.mta_sts_policies:
            url = f"https://mta-sts.{name}/.well-known/mta-sts.txt"
            replies[url] = page(text.encode(), "text/plain; charset=utf-8")
        for rrset in domain.zone.rrsets:
            for value in rrset.values:
                if value.purpose is Purpose.BIMI:
                    for part in str(value.value).split(";"):
                        tag, _, url = part.strip().partition("=")
                        if tag == "l" and url:
                            replies[url] = page(LOGO, "image/svg+xml")
                        elif tag == "a" and url:
                            replies[url] = page(b"-----BEGIN CERTIFICATE-----\n", "application/x-pem-file")
    return FakeHttp(replies)


def page(body: bytes, content_type: str, status: int = 200) -> Reply:
    """Give a web server's reply."""
    return Reply(status, headers={"content-type": content_type}, body=body, address=ADDRESS, seconds=0.01)


__all__ = ["KEY", "LOGO", "FakeHttp", "above_and_at", "filled", "page", "sound_dns", "sound_http", "sound_records"]
