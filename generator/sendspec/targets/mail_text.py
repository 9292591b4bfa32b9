"""Mailboxes as text in ASCII, for programs that put what they are given into a header as it is."""

from email.header import Header

from sendspec.model.stream import Mailbox


def ascii_mailbox(mailbox: Mailbox) -> str:
    """Give `Name <address>`; a name that is not ASCII as encoded words (RFC 2047), in which no line is broken."""
    if mailbox.display_name.isascii():
        return mailbox.to_text()
    words = Header(mailbox.display_name, "utf-8").encode().split()
    return f"{' '.join(words)} <{mailbox.address}>"
