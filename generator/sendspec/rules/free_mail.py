"""Providers that give mail addresses to anybody."""

from sendspec.rules.alignment import parents

FREE_MAIL = frozenset(
    (
        *("aol.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com"),
        *("hey.com", "hotmail.com", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru"),
        *("me.com", "msn.com", "outlook.com", "pm.me", "proton.me", "protonmail.com", "qq.com"),
        *("rocketmail.com", "web.de", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de"),
        *("yahoo.fr", "yandex.com", "yandex.ru", "ymail.com", "zoho.com", "126.com", "163.com"),
    )
)
"""The large ones, no complete list."""


def is_free_mail(domain: str) -> bool:
    """Tell whether a name is such a provider's, or lies below it."""
    return not FREE_MAIL.isdisjoint((domain, *parents(domain)))
