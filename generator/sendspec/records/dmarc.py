"""DMARC policy records: what stands at `_dmarc.<domain>`.

Source: RFC 9989 section 4.7; `pct`, `rf`, `ri` and the size suffix of report addresses, which it removed, are read
and never written.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from sendspec.records.error import RecordError
from sendspec.records.tag_list import has_version, parse_tags

REMOVED_TAGS = ("pct", "rf", "ri")
SIZE_SUFFIX = re.compile(r"![0-9]+[kmgtKMGT]?\Z")
FAILURE_OPTIONS = ("0", "1", "d", "s")


class Policy(StrEnum):
    """What receivers are asked to do with mail that fails."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A DMARC record. Tags at their default are not written.

    Attributes:
        policy: `p`; None: unsaid, which receivers of RFC 9989 read as none and older ones as no record.
        subdomain_policy, nonexistent_policy: `sp`, `np`; None: the next wider one holds.
        reports, failure_reports: `rua`, `ruf` URIs.
        failure_options: `fo`.
        testing: `t=y`.
        psd: `y`, `n`, or empty for unsaid.
        removed: Tags and suffixes found that RFC 9989 took out, as written. Not part of the value.
    """

    policy: Policy | None = None
    subdomain_policy: Policy | None = None
    nonexistent_policy: Policy | None = None
    strict_dkim: bool = False
    strict_spf: bool = False
    reports: tuple[str, ...] = field(default=())
    failure_reports: tuple[str, ...] = field(default=())
    failure_options: tuple[str, ...] = field(default=())
    testing: bool = False
    psd: str = ""
    removed: tuple[str, ...] = field(default=(), compare=False)

    def to_text(self) -> str:
        """Give the record; `p` follows `v`, as receivers of RFC 7489 require."""
        tags = [
            ("p", self.policy),
            ("sp", self.subdomain_policy),
            ("np", self.nonexistent_policy),
            ("adkim", "s" if self.strict_dkim else ""),
            ("aspf", "s" if self.strict_spf else ""),
            ("rua", ",".join(self.reports)),
            ("ruf", ",".join(self.failure_reports)),
            ("fo", ":".join(self.failure_options)),
            ("t", "y" if self.testing else ""),
            ("psd", self.psd),
        ]
        return "; ".join(["v=DMARC1", *(f"{name}={value}" for name, value in tags if value)])


def is_dmarc(text: str) -> bool:
    """Tell whether a TXT value claims to be a DMARC record, sound or not."""
    return has_version(text, "v", "DMARC1")


def parse(text: str) -> DmarcRecord:
    """Read a record; unknown tags are ignored.

    Raises:
        RecordError: tag syntax, `v=DMARC1` not first, or a value that its tag does not have. Receivers fall back to
            defaults for such values, so the record would not mean what it says (section 4.7).
    """
    tags = parse_tags(text, "v", "DMARC1")
    tags = {name.lower(): value for name, value in tags.items()}
    removed = [f"{name}={tags[name]}" for name in REMOVED_TAGS if name in tags]
    reports, failure_reports = (_uris(tags, name, removed) for name in ("rua", "ruf"))
    return DmarcRecord(
        policy=_policy(tags, "p"),
        subdomain_policy=_policy(tags, "sp"),
        nonexistent_policy=_policy(tags, "np"),
        strict_dkim=_choice(tags, "adkim", ("r", "s")) == "s",
        strict_spf=_choice(tags, "aspf", ("r", "s")) == "s",
        reports=reports,
        failure_reports=failure_reports,
        failure_options=_failure_options(tags),
        testing=_choice(tags, "t", ("n", "y")) == "y",
        psd=_choice(tags, "psd", ("u", "n", "y")).replace("u", ""),
        removed=tuple(removed),
    )


def _policy(tags: dict[str, str], name: str) -> Policy | None:
    value = _choice(tags, name, tuple(Policy))
    return Policy(value) if value else None


def _choice(tags: dict[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Give the tag's value in lowercase, empty when the tag is absent."""
    if name not in tags:
        return ""
    value = tags[name].lower()
    if value not in choices:
        raise RecordError(f"must be one of {', '.join(choices)}", f"{name}={tags[name]}")
    return value


def _uris(tags: dict[str, str], name: str, removed: list[str]) -> tuple[str, ...]:
    """Give the URIs of a tag, each without the size suffix that RFC 9989 removed, which goes to `removed`."""
    uris = []
    for written in (uri.strip() for uri in tags.get(name, "").split(",") if name in tags):
        uri = SIZE_SUFFIX.sub("", written)
        if uri != written:
            removed.append(written[len(uri) :])
        if not re.match(r"mailto:[^@\s]+@[^@\s]+\Z", uri, re.IGNORECASE):
            raise RecordError("is not a mailto: URI; receivers ignore every other scheme", f"{name}={written}")
        uris.append(uri)
    return tuple(uris)


def _failure_options(tags: dict[str, str]) -> tuple[str, ...]:
    if "fo" not in tags:
        return ()
    options = tuple(option.strip().lower() for option in tags["fo"].split(":"))
    for option in options:
        if option not in FAILURE_OPTIONS:
            raise RecordError(f"may hold {', '.join(FAILURE_OPTIONS)}", f"fo={tags['fo']}")
    return options
