"""MTA-STS: the TXT record at `_mta-sts.<domain>` and the policy file served over https.

Source: RFC 8461 sections 3.1 and 3.2.
"""

import hashlib
import re
from dataclasses import dataclass

from sendspec.records.error import RecordError
from sendspec.records.tag_list import parse_tags

MODES = ("enforce", "testing", "none")
MAX_AGE_SECONDS = 31557600
POLICY_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
MX_PATTERN = re.compile(rf"(?:\*\.)?{LABEL}(?:\.{LABEL})+\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """The TXT record. `id` is 1 to 32 letters and digits and changes exactly when the policy does."""

    id: str

    def to_text(self) -> str:
        """Give the record."""
        return f"v=STSv1; id={self.id}"


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy file. `mx` holds host names, or `*.` and a name for one leftmost label; `max_age` is in seconds."""

    mode: str
    mx: tuple[str, ...]
    max_age: int

    def to_text(self) -> str:
        """Give the file as served: one `key: value` a line, ending in a line feed."""
        lines = ["version: STSv1", f"mode: {self.mode}", *(f"mx: {host}" for host in self.mx)]
        return "\n".join([*lines, f"max_age: {self.max_age}", ""])


def policy_id(text: str) -> str:
    """Give the id for a policy text: the first 20 hexadecimal digits of its SHA-256, so it changes with every byte."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def parse(text: str) -> Record:
    """Read the TXT record; extension fields are ignored.

    Raises:
        RecordError: tag syntax, version, or an id that is not 1 to 32 letters and digits.
    """
    found = parse_tags(text, "v", "STSv1").get("id", "")
    if not POLICY_ID.match(found):
        raise RecordError("must be 1 to 32 letters or digits", f"id={found}")
    return Record(found)


def parse_policy(text: str) -> Policy:
    """Read a policy file; keys it does not know are ignored, a repeated key other than `mx` counts once.

    Raises:
        RecordError: a line without a colon; version, mode or max_age missing or bad; no `mx` although mode is not
            none; an `mx` that is no host name pattern.
    """
    fields: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        key, colon, value = line.partition(":")
        if not colon:
            raise RecordError("is not written as key: value", line)
        fields.setdefault(key.strip(), []).append(value.strip())
    version, mode, max_age = (fields.get(key, [""])[0] for key in ("version", "mode", "max_age"))
    if version != "STSv1":
        raise RecordError("must be STSv1", f"version: {version}")
    if mode not in MODES:
        raise RecordError(f"must be one of {', '.join(MODES)}", f"mode: {mode}")
    if not re.match(r"[0-9]{1,10}\Z", max_age) or int(max_age) > MAX_AGE_SECONDS:
        raise RecordError(f"must be whole seconds from 0 to {MAX_AGE_SECONDS}", f"max_age: {max_age}")
    hosts = tuple(fields.get("mx", ()))
    if not hosts and mode != "none":
        raise RecordError("needs at least one mx unless mode is none")
    for host in hosts:
        if not MX_PATTERN.match(host):
            raise RecordError("is no host name, nor `*.` and one", f"mx: {host}")
    return Policy(mode, hosts, int(max_age))
