"""Servers that deliver whatever they take: those of ESPs, and of providers of mailboxes."""

from sendspec.esp.interface import esp_ids, load_esp
from sendspec.rules.alignment import parents
from sendspec.rules.free_mail import is_free_mail

OTHER_ESPS = frozenset(
    (
        *("brevo.com", "dynect.net", "elasticemail.com", "forwardemail.net", "loops.so", "mailersend.net"),
        *("mailgun.org", "mailjet.com", "mandrillapp.com", "resend.com", "sendcloud.net", "smtp-pulse.com"),
        *("smtp2go.com", "sparkpostmail.com", "tipimail.com", "live.smtp.mailtrap.io"),
    )
)
"""Not in `esp/`: nodemailer/nodemailer @ 01ae76f lib/well-known/services.json, without its services for testing."""
MAILBOX_PROVIDERS = frozenset(
    (
        *("fastmail.com", "gandi.net", "google.com", "infomaniak.com", "messagingengine.com", "mxhichina.com"),
        *("office365.com", "one.com", "protonmail.ch", "secureserver.net", "yahoodns.net"),
    )
)
"""Where their servers are besides the domains of their users' addresses; of the same list, and of published MX records."""


def owner_of(host: str) -> str:
    """Give whose server a host is, for people; empty for one that is not known."""
    for esp_id in esp_ids():
        esp = load_esp(esp_id)
        if host in esp.hosts:
            return esp.title
    names = {host, *parents(host)}
    if names & OTHER_ESPS:
        return "an ESP"
    return "a mailbox provider" if names & MAILBOX_PROVIDERS or is_free_mail(host) else ""
