"""Messages one by one: plain ones packed and read by hand, all others built and read by dnspython.

dnspython loads with the first message that needs it: it takes as long to load as a hundred domains to ask for, and where
all is well no answer of theirs needs it.
"""

from contextlib import suppress

from sendspec.net.dns.answer import Answer, Asked
from sendspec.net.dns.plain import CODES, read_plain
from sendspec.net.dns.wire import pack_plain

_CODES = {rtype: code.to_bytes(2, "big") for rtype, code in CODES.items()}
"""Questions that checks ask of every domain: packed by hand they take a hundredth of dnspython's time."""
EDNS_REJECTIONS = frozenset({"FORMERR", "NOTIMP"})
"""How servers answer that know no EDNS (RFC 6891 section 7)."""


def build_question(name: str, rtype: str, *, is_recursive: bool, with_edns: bool = True) -> tuple[bytes, bytes]:
    """Give a message without its id, and its question section, both as octets.

    Raises:
        ValueError: The name or the type is none.
    """
    code = _CODES.get(rtype)
    if code and with_edns:
        with suppress(ValueError, IndexError):
            return pack_plain(name, code, is_recursive=is_recursive)
    from sendspec.net.dns.library import build_with_dnspython

    return build_with_dnspython(name, rtype, is_recursive=is_recursive, with_edns=with_edns)


def read_answer(message: bytes, asked: Asked, *, over_tcp: bool = False) -> Answer | None:
    """Give what a message says, which has the right id and question; None where it is truncated."""
    plain = None if over_tcp else read_plain(message, asked)
    if plain is not None:
        return plain
    from sendspec.net.dns.library import read_with_dnspython

    return read_with_dnspython(message, asked, over_tcp=over_tcp)
