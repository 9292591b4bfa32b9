"""TLS-RPT records: what stands at `_smtp._tls.<domain>`.

Source: RFC 8460 section 3.
"""

import re
from dataclasses import dataclass

from sendspec.records.error import RecordError
from sendspec.records.tag_list import parse_tags

DESTINATION = re.compile(r"(?:mailto:[^@\s]+@[^@\s]+|https://[^/\s]\S*)\Z")


@dataclass(frozen=True, slots=True)
class TlsRptRecord:
    """Where senders report TLS failures to: `mailto:` and `https:` URIs, at least one."""

    rua: tuple[str, ...]

    def to_text(self) -> str:
        """Give the record."""
        return f"v=TLSRPTv1; rua={','.join(self.rua)}"


def parse(text: str) -> TlsRptRecord:
    """Read a record; extension fields are ignored.

    Raises:
        RecordError: tag syntax, version, no `rua=`, or a destination that is neither mailto: nor https:.
    """
    tags = parse_tags(text, "v", "TLSRPTv1")
    destinations = tuple(uri.strip() for uri in tags.get("rua", "").split(","))
    for uri in destinations:
        if not DESTINATION.match(uri):
            raise RecordError("must hold mailto: or https: addresses", f"rua={uri}")
    return TlsRptRecord(destinations)
