"""What SendGrid would issue for a domain, made up for a rehearsal, in the shape of the lock file."""

from sendspec.esp.sendgrid.facts import ISSUED_PARENT
from sendspec.esp.sendgrid.settings import Settings

USER, DOMAIN, LINK = 4242, 1, 2
"""Made-up ids, as SendGrid numbers users, domains and links."""


def issue(domain: str, settings: Settings, public_key: str) -> dict[str, dict[str, object]]:
    """Give the parts of the lock entry, without the day. `public_key` is base64, for manual security."""
    if settings.security == "none":
        return {}
    host = f"{settings.domain_label or f'em{USER}'}.{domain}"
    target = f"u{USER}.wl.{ISSUED_PARENT.value}"
    if settings.security == "automatic":
        records = [
            {"type": "CNAME", "name": host, "value": target},
            *(
                {"type": "CNAME", "name": f"{selector}._domainkey.{domain}", "value": f"{selector}.domainkey.{target}"}
                for selector in ("s1", "s2")
            ),
        ]
    else:
        records = [
            {"type": "MX", "name": host, "value": f"10 mx.{ISSUED_PARENT.value}"},
            {"type": "TXT", "name": host, "value": f"v=spf1 include:{ISSUED_PARENT.value} ~all"},
            {"type": "TXT", "name": f"m1._domainkey.{domain}", "value": f"k=rsa; t=s; p={public_key}"},
        ]
    parts: dict[str, dict[str, object]] = {"domain": {"id": DOMAIN, "records": records}}
    if settings.link_branding:
        links = [f"{settings.link_label}.{domain}", f"{USER}.{domain}"]
        branded = [{"type": "CNAME", "name": name, "value": ISSUED_PARENT.value} for name in links]
        parts["links"] = {"id": LINK, "records": branded}
    return parts
