"""The `tag=value; tag=value` lists that DKIM, DMARC, TLS-RPT and MTA-STS share.

Source: RFC 6376 section 3.2 (DMARC takes the syntax from there: RFC 9989 section 4.7).
"""

import re

from sendspec.records.error import RecordError

TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z")
BLANKS = " \t\r\n"
PRINTABLE = re.compile(r"[\x20-\x7e\t\r\n]*\Z")


def parse_tags(text: str, version_tag: str, version: str, *, required: bool = True) -> dict[str, str]:
    """Give the tags in order, blanks around names and values removed; the version tag is left out.

    Raises:
        RecordError: the version is missing where it is required, not first or not `version` in exactly this case;
            a tag has no `=`, a name that is none, or stands there twice; the text is not printable ASCII.
    """
    if not PRINTABLE.match(text):
        raise RecordError("holds characters that are not printable ASCII")
    pieces = [piece.strip(BLANKS) for piece in text.split(";")]
    if pieces[-1] == "":
        pieces.pop()
    tags: dict[str, str] = {}
    for position, piece in enumerate(pieces):
        name, equals, value = piece.partition("=")
        name, value = name.rstrip(BLANKS), value.lstrip(BLANKS)
        if not equals or not TAG_NAME.match(name):
            raise RecordError("is not written as tag=value", piece or "an empty tag")
        if name in tags:
            raise RecordError("stands there twice, which voids the record", name)
        if name == version_tag and position > 0:
            raise RecordError("must be the first tag", f"{name}={value}")
        tags[name] = value
    found = tags.pop(version_tag, None)
    if found is None and required:
        raise RecordError(f"does not start with {version_tag}={version}")
    if found is not None and found != version:
        raise RecordError(f"must be {version_tag}={version}, in exactly this case", f"{version_tag}={found}")
    return tags


def has_version(text: str, version_tag: str, version: str) -> bool:
    """Tell whether a TXT value claims to be this kind of record, sound or not: its first tag says so in any case."""
    first = text.partition(";")[0]
    name, _, value = first.partition("=")
    return name.strip(BLANKS) == version_tag and value.strip(BLANKS).lower() == version.lower()
