"""Broken worlds: for each kind of finding of the DNS checks one that shows it, and nothing else."""

from dataclasses import replace

from dns_shop import shop, shop_dns
from fake_dns import ELSEWHERE, NS1, NS2, RESOLVER, FakeDns
from sound_world import KEY, LOGO, page, sound_http

from sendspec.model.dns_record import Mx, Purpose, RecordType
from sendspec.net.address import Server
from sendspec.net.dns.answer import Status
from sendspec.net.http import Reply, Trouble

APEX, MAIL, DMARC = "shop.example", "mail.shop.example", "_dmarc.shop.example"
BOUNCE, PM_BOUNCES = "bounce.mail.shop.example", "pm-bounces.mail.shop.example"
SPF_APEX = next(
    str(v.value) for _, s in shop().rrsets() if s.name == APEX for v in s.values if v.purpose is Purpose.SPF
)
SITE = "site-verification=abc123"
PM_KEY, PM_TEXT = next(
    (s.name, str(s.values[0].value))
    for _, s in shop().rrsets()
    if s.type is RecordType.TXT and s.name.endswith("._domainkey.mail.shop.example")
)
SES_CNAMES = [
    s.name for _, s in shop().rrsets() if s.type is RecordType.CNAME and s.name.endswith(f"_domainkey.{MAIL}")
]
SES_TARGETS = [f"{name.partition('.')[0]}.dkim.amazonses.com" for name in SES_CNAMES]
POLICY_URL = "https://mta-sts.shop.example/.well-known/mta-sts.txt"
LOGO_URL, PEM_URL = "https://brand.example/logo.svg", "https://brand.example/logo.pem"
SHORT_KEY = (  # 512 bits
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL6bXgCkMdcIBKKXgTUpVYLFIh8Pp1tuzBQpqbzNZVdFFmC8XmkZlcSZ8Ot3vKnPrC6bzAjoMH7NSDZoe"
    "YHVTGMCAwEAAQ=="
)
KEY_1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC6Uh9ysKxrt6jisbNrfPi4f0gi6//ck9jihO93+BF2fDkmrt34YsC8RROyfDUNH751g3tajCsPzF1R"
    "sCC6W7kqIyQsPH7PxtorGDoD1tc0hIcND5Fcgtc8m5KcsLNOJ1Co2fxhSDohbKRP8Oh5FqrOEGSkgpyyzL2vgTHOjm6W4QIDAQAB"
)


def dns(changed=None, **attributes) -> FakeDns:
    return replace(shop_dns().with_records(changed or {}), **attributes)


def failing(name: str, rtype: str) -> FakeDns:
    return dns().but(RESOLVER, name, rtype, Status.SERVFAIL).but(ELSEWHERE, name, rtype, Status.SERVFAIL)


def text(name: str, *texts: str) -> dict:
    return {(name, "TXT"): tuple(sorted(texts))}


def replies(url: str, reply: Reply):
    http = sound_http(shop())
    http.replies = {**http.replies, url: reply}
    return http


def policy(**changed) -> str:
    found = next(text for domain in shop().domains for name, text in domain.zone.mta_sts_policies if name == APEX)
    for key, value in changed.items():
        found = found.replace(f"{key}: ", f"{key}: {value}")
    return found


def served(body: str | bytes, content_type: str = "text/plain", status: int = 200):
    return replies(POLICY_URL, page(body if isinstance(body, bytes) else body.encode(), content_type, status))


# Kind -> a world, or a pair of DNS and web.
WORLDS = {
    # Records
    "live-dns-name-missing": lambda: dns().without(PM_KEY),
    "live-dns-record-missing": lambda: dns({(PM_KEY, "TXT"): None, (PM_KEY, "CAA"): ("0 issue x.example",)}),
    "live-dns-value-missing": lambda: dns(text(APEX, SPF_APEX)),
    "live-dns-doubled-zone-name": lambda: dns().without(PM_KEY).with_records(text(f"{PM_KEY}.{APEX}", PM_TEXT)),
    "live-dns-at-wrong-name": lambda: dns({(DMARC, "TXT"): None} | text("dmarc.shop.example", "v=DMARC1; p=none")),
    "live-dns-wrong-key": lambda: dns(text(PM_KEY, f"k=rsa; p={KEY}")),
    "live-dns-wrong-spf": lambda: dns(text(APEX, SITE, SPF_APEX.replace("~all", "-all"))),
    "live-dns-wrong-dmarc": lambda: dns(text("_dmarc.parked.example", "v=DMARC1; p=none")),
    "live-dns-wrong-cname": lambda: dns({(SES_CNAMES[0], "CNAME"): ("other.dkim.amazonses.com",)}),
    "live-dns-wrong-mx": lambda: dns({(BOUNCE, "MX"): (Mx(10, "feedback-smtp.us-east-1.amazonses.com"),)}),
    "live-dns-wrong-mta-sts-id": lambda: dns(text("_mta-sts.shop.example", "v=STSv1; id=20200101")),
    "live-dns-wrong-tls-reports": lambda: dns(text("_smtp._tls.shop.example", "v=TLSRPTv1; rua=mailto:x@y.example")),
    "live-dns-wrong-bimi": lambda: dns(text("default._bimi.shop.example", "v=BIMI1; l=https://brand.example/old.svg;")),
    "live-dns-second-spf": lambda: dns(text(APEX, SITE, SPF_APEX, "v=spf1 include:amazonses.com ~all")),
    "live-dns-second-dmarc": lambda: dns(text("_dmarc.parked.example", "v=DMARC1; p=none", "v=DMARC1; p=reject")),
    "live-dns-second-key": lambda: dns(text(PM_KEY, PM_TEXT, f"k=rsa; p={KEY}")),
    "live-dns-second-mx": lambda: dns(
        {(BOUNCE, "MX"): (Mx(10, "feedback-smtp.eu-west-1.amazonses.com"), Mx(20, "mx.google.example"))}
    ),
    "live-dns-second-mta-sts": lambda: dns(
        {("_mta-sts.shop.example", "TXT"): (*shop_dns().records["_mta-sts.shop.example", "TXT"], "v=STSv1; id=old")}
    ),
    "live-dns-second-tls-reports": lambda: dns(
        {
            ("_smtp._tls.shop.example", "TXT"): (
                "v=TLSRPTv1; rua=mailto:old@shop.example",
                *shop_dns().records["_smtp._tls.shop.example", "TXT"],
            )
        }
    ),
    "live-dns-null-mx-not-alone": lambda: dns({("parked.example", "MX"): (Mx(0, ""), Mx(10, "mx.google.example"))}),
    "live-dns-escaped-text": lambda: dns(text("_dmarc.parked.example", '"v=DMARC1\\; p=reject"')),
    "live-dns-zone-appended-to-target": lambda: dns({(SES_CNAMES[0], "CNAME"): (f"{SES_TARGETS[0]}.shop.example",)}),
    "live-dns-address-instead-of-cname": lambda: dns(
        {("links.news.shop.example", "CNAME"): None, ("links.news.shop.example", "A"): ("192.0.2.99",)}
    ),
    "live-dns-text-instead-of-cname": lambda: dns(
        {(SES_CNAMES[0], "CNAME"): None, (SES_CNAMES[0], "TXT"): (f"p={KEY}",)}
    ),
    "live-dns-cname-instead": lambda: dns({(PM_KEY, "TXT"): None, (PM_KEY, "CNAME"): ("key.elsewhere.example",)}),
    "live-dns-servers-disagree": lambda: dns().but(NS2, PM_KEY, "TXT", (f"k=rsa; p={KEY}",)),
    "live-dns-delegated-elsewhere": lambda: replace(
        dns().without("news.shop.example"), zones={**shop_dns().zones, "news.shop.example": (ELSEWHERE,)}
    ),
    "live-dns-answer-too-large": lambda: dns(octets={(PM_KEY, "TXT"): 1400}, over_tcp=frozenset({(PM_KEY, "TXT")})),
    # Servers
    "live-dns-servfail": lambda: dns().but(NS2, PM_KEY, "TXT", Status.SERVFAIL),
    "live-dns-refused": lambda: dns().fails(Status.REFUSED, NS2),
    "live-dns-lame-server": lambda: dns().fails(Status.LAME, NS2),
    "live-dns-no-dns-answer": lambda: dns().fails(Status.MALFORMED, NS2),
    "live-dns-error-answer": lambda: dns().fails(Status.OTHER, NS2),
    "live-dns-zone-missing": lambda: replace(
        dns().without("parked.example"),
        zones={APEX: (NS1, NS2), "acme.example": (NS1, NS2), "plain.example": (NS1, NS2)},
    ),
    "live-dns-delegation-differs": lambda: dns(delegated={APEX: ("ns1.host.example", "ns9.old.example")}),
    "live-dns-name-server-without-address": lambda: dns(unresolved={APEX: (("ns3.gone.example", Status.NXDOMAIN),)}),
    # Resolvers
    "live-dns-absence-cached": lambda: dns().but(RESOLVER, PM_KEY, "TXT", ()),
    "live-dns-old-value-cached": lambda: dns().but(RESOLVER, PM_KEY, "TXT", (f"k=rsa; p={KEY}",)),
    "live-dns-resolver-servfail": lambda: dns().but(RESOLVER, PM_KEY, "TXT", Status.SERVFAIL),
    # Wildcards
    "live-dns-wildcard-text": lambda: dns(text("*.shop.example", "v=spf1 -all")),
    "live-dns-wildcard-cname": lambda: dns({("*.parked.example", "CNAME"): ("web.elsewhere.example",)}),
    "live-dns-wildcard-makes-names-exist": lambda: dns({("*.shop.example", "A"): ("192.0.2.99",)}),
    # Ends of CNAMEs
    "live-dns-dangling-cname": lambda: dns().without(SES_TARGETS[0]),
    "live-dns-cname-leads-nowhere": lambda: dns({(SES_TARGETS[0], "TXT"): None, (SES_TARGETS[0], "A"): ("192.0.2.9",)}),
    "live-dns-cname-loop": lambda: dns({(SES_TARGETS[0], "TXT"): None, (SES_TARGETS[0], "CNAME"): (SES_CNAMES[0],)}),
    "live-dns-cname-beside-other": lambda: dns(
        text(PM_BOUNCES, "v=spf1 include:spf.mtasv.net ~all"), beside=frozenset({(PM_BOUNCES, "TXT")})
    ),
    "live-dns-target-fails": lambda: failing(SES_TARGETS[0], "TXT"),
    "live-dns-key-unusable": lambda: dns(text(SES_TARGETS[0], "k=rsa; p=AAAA")),
    "live-dns-several-keys-at-target": lambda: dns(text(SES_TARGETS[0], f"p={KEY}", "p=")),
    "live-dns-key-revoked": lambda: dns(text(SES_TARGETS[0], "k=rsa; p=")),
    "live-dns-key-too-short": lambda: dns(text(SES_TARGETS[0], f"k=rsa; p={SHORT_KEY}")),
    "live-dns-key-below-2048": lambda: dns(text(SES_TARGETS[0], f"k=rsa; p={KEY_1024}")),
    "live-dns-key-testing": lambda: dns(text(SES_TARGETS[0], f"k=rsa; t=y; p={KEY}")),
    # Hosts of MX
    "live-dns-mx-host-missing": lambda: dns().without("feedback-smtp.eu-west-1.amazonses.com"),
    "live-dns-mx-host-without-address": lambda: (
        dns()
        .without("feedback-smtp.eu-west-1.amazonses.com")
        .with_records(text("feedback-smtp.eu-west-1.amazonses.com", "here"))
    ),
    "live-dns-mx-host-is-cname": lambda: (
        dns()
        .without("feedback-smtp.eu-west-1.amazonses.com")
        .with_records({("feedback-smtp.eu-west-1.amazonses.com", "CNAME"): ("gate1.office.example",)})
    ),
    "live-dns-mx-host-fails": lambda: failing("feedback-smtp.eu-west-1.amazonses.com", "A"),
    "live-dns-null-mx-on-sender": lambda: dns({("news.shop.example", "MX"): (Mx(0, ""),)}),
    # SPF
    "live-dns-spf-too-many-lookups": lambda: dns(including(7)),
    "live-dns-spf-few-lookups-left": lambda: dns(including(4)),
    "live-dns-spf-void-lookups": lambda: dns().without("office.example"),
    "live-dns-spf-mx-too-wide": lambda: dns(
        text("_spf.google.com", "v=spf1 mx:wide.example ~all")
        | {("wide.example", "MX"): tuple(Mx(number, f"mx{number}.wide.example") for number in range(11))}
    ),
    "live-dns-spf-loop": lambda: dns(text("_spf.google.com", "v=spf1 include:shop.example ~all")),
    "live-dns-spf-include-without-record": lambda: dns().without("_spf.google.com"),
    "live-dns-spf-include-with-several-records": lambda: dns(text("_spf.google.com", "v=spf1 -all", "v=spf1 ~all")),
    "live-dns-spf-include-unreadable": lambda: dns(text("_spf.google.com", "v=spf1 ip4:none ~all")),
    "live-dns-spf-include-fails": lambda: failing("_spf.google.com", "TXT"),
    "live-dns-spf-include-changed": lambda: dns(text("spf.crm.example", "v=spf1 ip4:198.51.100.0/25 -all")),
    "live-dns-spf-leg-fails": lambda: dns(text("u4242.wl.sendgrid.net", "v=spf1 -all")),
    # DMARC
    "live-dns-dmarc-taken-over": lambda: dns(text("_dmarc.mail.shop.example", "v=DMARC1; p=none")),
    "live-dns-dmarc-none-found": lambda: dns({("_dmarc.acme.example", "TXT"): None}),
    "live-dns-dmarc-other-policy": lambda: dns(text("_dmarc.acme.example", "v=DMARC1; p=none")),
    "live-dns-dmarc-other-alignment": lambda: dns(text("_dmarc.acme.example", "v=DMARC1; p=reject; aspf=s")),
    "live-dns-dmarc-unreadable": lambda: dns(text("_dmarc.acme.example", "v=DMARC1; p=rejct")),
    "live-dns-dmarc-readings-differ": lambda: dns(text("_dmarc.box.plain.example", "v=DMARC1; p=none")),
    "live-dns-dmarc-reports-not-authorised": lambda: dns().without("shop.example._report._dmarc.reports.example"),
    "live-dns-dmarc-report-host-takes-no-mail": lambda: dns({("reports.example", "MX"): (Mx(0, ""),)}),
    "live-dns-dmarc-report-host-fails": lambda: failing("reports.example", "MX"),
    # MTA-STS and BIMI
    "live-dns-mta-sts-host-missing": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.NO_ADDRESS))),
    "live-dns-mta-sts-host-not-public": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.NOT_PUBLIC))),
    "live-dns-mta-sts-certificate-expired": lambda: (
        dns(),
        replies(POLICY_URL, Reply(None, Trouble.CERTIFICATE_EXPIRED)),
    ),
    "live-dns-mta-sts-certificate-name": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.CERTIFICATE_NAME))),
    "live-dns-mta-sts-certificate-chain": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.CERTIFICATE_CHAIN))),
    "live-dns-mta-sts-tls": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.TLS))),
    "live-dns-mta-sts-no-http": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.MALFORMED))),
    "live-dns-mta-sts-too-large": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.TOO_LARGE))),
    "live-dns-mta-sts-redirected": lambda: (dns(), served("", status=301)),
    "live-dns-mta-sts-status": lambda: (dns(), served("", status=404)),
    "live-dns-mta-sts-content-type": lambda: (dns(), served(policy(), "text/html")),
    "live-dns-mta-sts-policy-unreadable": lambda: (dns(), served("<html>")),
    "live-dns-mta-sts-policy-differs": lambda: (dns(), served(policy().replace("enforce", "testing"))),
    "live-dns-mta-sts-mx-not-listed": lambda: dns({(APEX, "MX"): (Mx(10, "a.b.mx.google.example"),)}),
    "live-dns-bimi-logo-not-served": lambda: (dns(), replies(LOGO_URL, page(b"", "text/html", 404))),
    "live-dns-bimi-logo-no-svg": lambda: (dns(), replies(LOGO_URL, page(b"\x89PNG", "image/png"))),
    "live-dns-bimi-logo-too-large": lambda: (
        dns(),
        replies(LOGO_URL, page(LOGO + b" " * 40_000, "image/svg+xml")),
    ),
    "live-dns-bimi-certificate-not-served": lambda: (dns(), replies(PEM_URL, page(b"", "text/html", 500))),
    "live-dns-caa-forbids-tracking-host": lambda: dns({(APEX, "CAA"): ('0 issue ";"',)}),
}
UNKNOWN = {  # what has no known form: it is always "could not be told"
    "live-dns-timeout": lambda: dns().fails(Status.TIMEOUT, NS2),
    "live-dns-unreachable": lambda: dns().fails(Status.UNREACHABLE, NS2),
    "live-dns-name-servers-not-found": lambda: replace(dns(), problems={"parked.example": Status.SERVFAIL}),
    "live-dns-spf-not-evaluated": lambda: (
        dns().but(NS1, BOUNCE, "TXT", Status.TIMEOUT).but(NS2, BOUNCE, "TXT", Status.TIMEOUT)
    ),
    "live-dns-resolver-not-asked": lambda: replace(
        dns().fails(Status.TIMEOUT, Server("192.0.2.252", "second.example")),
        resolvers=(RESOLVER, Server("192.0.2.252", "second.example")),
    ),
    "live-dns-dmarc-not-found-out": lambda: dns().but(RESOLVER, "_dmarc.example", "TXT", Status.TIMEOUT),
    "live-dns-mta-sts-not-fetched": lambda: (dns(), replies(POLICY_URL, Reply(None, Trouble.TIMEOUT))),
}
OF_THEIR_OWN = {"live-dns-value-not-issued", "live-dns-wrong-report-authorisation"}
"""These need another setup; their tests are below."""


def including(count: int) -> dict:
    """Give records by which `_spf.google.com` costs more: so many includes, each of nothing but ranges."""
    names = [f"s{number}.google.example" for number in range(count)]
    found = text("_spf.google.com", " ".join(["v=spf1", *(f"include:{name}" for name in names), "~all"]))
    for name in names:
        found |= text(name, "v=spf1 ip4:192.0.2.0/24 ~all")
    return found


def world_of(made):
    return made if isinstance(made, tuple) else (made, None)
