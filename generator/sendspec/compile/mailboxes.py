"""Where people's mail is: the SPF include each mailbox provider asks for at the apex."""

from datetime import date

from sendspec.model.fact import Fact

READ = date(2026, 11, 20)

SPF_INCLUDES: dict[str, Fact[str]] = {
    "fastmail": Fact("spf.messagingengine.com", "https://www.fastmail.help/hc/en-us/articles/360060591153", READ),
    "google-workspace": Fact("_spf.google.com", "https://support.google.com/a/answer/33786", READ),
    "microsoft-365": Fact(
        "spf.protection.outlook.com",
        "https://learn.microsoft.com/en-us/defender-office-365/email-authentication-spf-configure",
        READ,
    ),
    "proton": Fact("_spf.protonmail.ch", "https://proton.me/support/anti-spoofing-custom-domain", READ),
}
"""By the word the spec uses for `mailboxes:`."""
