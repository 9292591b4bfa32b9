"""From what a store holds to a value that can be sent: text, on one line, of a sane length."""

import re

from sendspec.model.secret import Secret, Unresolved

MAX_OCTETS = 65_536
"""No store is read further. AWS Secrets Manager and 1Password hold no longer values either."""
MAX_CHARACTERS = 4_096
"""A longer value is a whole file in the place of one credential. A line of SMTP AUTH has 12,288 octets in Base64 (RFC 4954
section 4)."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""NUL separates the parts of AUTH PLAIN (RFC 4616 section 2), a line end ends a header field (RFC 9110 section 5.5)."""
SURROGATE = re.compile(r"[\ud800-\udfff]")
"""What Python makes of octets in the environment that are no UTF-8."""


def text_of(octets: bytes, place: str) -> Secret | Unresolved:
    """Give octets as text. `place` starts the reason: `the file /run/secrets/key`."""
    try:
        return Secret(octets.decode())
    except UnicodeDecodeError:  # holds the octets; it ends here
        return Unresolved(f"{place} holds octets that are no text in UTF-8", "store the credential as text")


def usable(secret: Secret) -> Secret | Unresolved:
    """Give the value without the line ends around it, or say why it cannot be a credential."""
    value = secret.reveal().strip("\r\n")
    if not value.strip():
        return Unresolved("the value is empty", "store the credential where the reference leads")
    if SURROGATE.search(value):
        return Unresolved("the value is no text in UTF-8", "store the credential as text")
    if CONTROL.search(value):
        return Unresolved(
            "the value has more than one line, or control characters: no login and no header can carry it",
            "store the credential alone, on one line",
        )
    if len(value) > MAX_CHARACTERS:
        return Unresolved(
            f"the value has more than {MAX_CHARACTERS:,} characters",
            "store the credential alone, not a file that holds it",
        )
    return Secret(value)
