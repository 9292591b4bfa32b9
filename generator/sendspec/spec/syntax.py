"""Syntax of single values that people write: names, mail addresses, durations, references, dates, URLs.

Each parser takes text and returns the value, or raises `ValueError` whose text is the message and whose second
argument is the cure. Nothing here compares two places of a spec; that is a rule's work.
"""

import ipaddress
import re
from datetime import date
from urllib.parse import urlsplit

from sendspec.spec.variable_names import MEANINGFUL

NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
LABEL_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$"
DOMAIN_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+\.?$"
HOST_PATTERN = r"^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$"
NETWORK_PATTERN = r"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"
TERM_PATTERN = r"^[!-~]+$"
"""What editors check; the parsers below are the judges."""
NETWORK = re.compile(NETWORK_PATTERN.removesuffix("$") + r"\Z")
TERM = re.compile(r"[!-~]+\Z")
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
UNDERSCORE_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
DURATION = re.compile(r"([0-9]{1,9})(s|m|h|d|w)\Z")
PATH_PATTERN = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"
PATH = re.compile(PATH_PATTERN.removesuffix("$") + r"\Z")
MAX_PATH = 200
DURATION_PATTERN = r"^[0-9]{1,9}[smhdw]$"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
MIN_DOMAIN_LABELS = 2
MAX_NAME_LENGTH = 253
"""RFC 1035 section 2.3.4, without the root's octet and dot."""
MAX_LOCAL_PART = 64
"""RFC 5321 section 4.5.3.1.1."""
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL_PART = re.compile(rf"{ATEXT}(?:\.{ATEXT})*\Z")
MAILBOX = re.compile(r"(?P<name>.*)<(?P<address>[^<>]*)>\Z", re.DOTALL)
URL = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|(?<!\$)\{[A-Za-z][A-Za-z0-9_-]*\})*\Z")
"""The characters of RFC 3986 section 2, and our placeholders. `${` and `{{` would be filled in by what reads our files:
CloudFormation (`{{resolve:...}}`), and whoever carries out requests (`${secret:...}`)."""
REPORT_URI = re.compile(r"(?:[A-Za-z0-9._~:/?#@$&'()*+=-]|%[0-9A-Fa-f]{2})*\Z")
"""The same without placeholders and what separates tags, addresses and sizes."""
QUOTED = re.compile(r'".*"\Z', re.DOTALL)
REFERENCE_SCHEMES = {
    "env": (re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z"), "env://NAME"),
    "aws-sm": (re.compile(r"[A-Za-z0-9/_+=.@-]+(?:#[A-Za-z0-9_.-]+)?\Z"), "aws-sm://secret-name#json-key"),
    "aws-ssm": (re.compile(r"/[A-Za-z0-9_./-]+\Z"), "aws-ssm:///parameter/path"),
    "op": (re.compile(r"[^/\s#?]+/[^/\s#?]+(?:/[^/\s#?]+){1,2}\Z"), "op://vault/item/field"),
    "vault": (re.compile(r"[A-Za-z0-9_./-]+#[A-Za-z0-9_.-]+\Z"), "vault://path#key"),
    "gcp-sm": (re.compile(r"[a-z][a-z0-9-]+/[A-Za-z0-9_-]+\Z"), "gcp-sm://project/secret"),
    "file": (re.compile(r"[^\s#?]+\Z"), "file://path"),
}

KEPT_FOR_EACH = re.compile(r"\{(?:domain|selector)\}")
"""What stands for the domain of a key, and its selector, in a reference below `manage:`."""


class SyntaxProblem(ValueError):  # noqa: N818 - a problem is what the user sees; nothing is broken
    """A value that cannot be read. `fix` says what to write instead."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def parse_domain(text: str, *, underscores: bool = False) -> str:
    """Give a DNS name in lowercase without trailing dot.

    At most 253 characters in labels of at most 63 (RFC 1035 section 2.3.4), letters, digits and inner hyphens
    (RFC 1123 section 2.1); underscores only where asked (RFC 8552). At least two labels.
    """
    name = text.strip().lower().removesuffix(".")
    if not name.isascii():
        try:
            ascii_name = name.encode("idna").decode()
        except UnicodeError:
            ascii_name = "its A-label form"
        raise SyntaxProblem(f"`{text}` is not ASCII", f"write the A-label form (RFC 5890): {ascii_name}")
    pattern = UNDERSCORE_LABEL if underscores else LABEL
    labels = name.split(".")
    for label in labels:
        if not pattern.match(label):
            shown = label or "an empty label"
            raise SyntaxProblem(
                f"`{text}` is not a domain name: {shown} is not a label of letters, digits and inner hyphens (at most 63)",
                "write it as in `mail.example.com`",
            )
    if len(labels) < MIN_DOMAIN_LABELS:
        raise SyntaxProblem(
            f"`{text}` is a single label, not a domain name", "write the full name, as in `mail.example.com`"
        )
    if len(name) > MAX_NAME_LENGTH:
        raise SyntaxProblem(
            f"`{text[:40]}…` has {len(name)} characters; a name may have {MAX_NAME_LENGTH}",
            "shorten it (RFC 1035 section 2.3.4)",
        )
    return name


def parse_term(text: str) -> str:
    """Give one word of printable ASCII: a blank or a line end would start the next term of a record, the next line of a file."""
    if not TERM.match(text):
        raise SyntaxProblem(
            "this is not one word: it is empty, or holds a blank, a line end or a character that is not ASCII",
            "write each value as an entry of its own",
        )
    return text


def parse_label(text: str) -> str:
    """Give one or more host labels below a domain, in lowercase: `bounce`, `em.news`."""
    name = text.strip().lower()
    for label in name.split("."):
        if not LABEL.match(label):
            raise SyntaxProblem(
                f"`{text}` is not a host label", "use letters, digits and inner hyphens, without the domain"
            )
    return name


def parse_address(text: str) -> str:
    """Give an addr-spec (RFC 5322 section 3.4.1): dot-atom local part of at most 64 octets, a domain; the domain in lowercase."""
    local, at, domain = text.strip().rpartition("@")
    if not at or not local:
        raise SyntaxProblem(
            f"`{text}` is not a mail address: it has no `local@domain`", "write it as in `hello@news.example.com`"
        )
    if not LOCAL_PART.match(local):
        raise SyntaxProblem(
            f"`{text}` is not a mail address: `{local}` is not a dot-atom (RFC 5322 section 3.2.3)",
            "use ASCII letters, digits, dots inside, and no blanks or quotes before the @",
        )
    if len(local) > MAX_LOCAL_PART:
        raise SyntaxProblem(
            f"`{text}`: the local part has {len(local)} characters, {MAX_LOCAL_PART} are allowed",
            "shorten it (RFC 5321 section 4.5.3.1.1)",
        )
    return f"{local}@{parse_domain(domain)}"


def parse_mailbox(text: str) -> tuple[str, str]:
    """Give (display name, address) of `Name <addr>` or `addr`. The display name is unquoted; it may hold any Unicode but control characters."""
    match = MAILBOX.match(text.strip())
    name, address = (match["name"].strip(), match["address"]) if match else ("", text)
    if QUOTED.match(name):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return parse_display_name(name), parse_address(address)


def parse_display_name(text: str) -> str:
    """Give a display name. Control characters are refused: a line break in a header is header injection."""
    if CONTROL.search(text):
        raise SyntaxProblem(
            "the display name holds a control character or a line break",
            "remove it; a header is one line (RFC 5322 section 2.2)",
        )
    return text.strip()


def parse_duration(text: object) -> int:
    """Give seconds for `90d`, `1w`, `15m`, `12h`, `30s`."""
    match = DURATION.match(text) if isinstance(text, str) else None
    if match is None:
        raise SyntaxProblem(f"`{text}` is not a duration", "write a whole number and a unit: 30s, 15m, 12h, 90d, 1w")
    return int(match[1]) * SECONDS[match[2]]


def parse_date(text: object) -> date:
    """Give the date of `2027-03-01`; the other ISO 8601 forms (`20270301`, `2027-W09`) are refused."""
    try:
        return date.fromisoformat(text if isinstance(text, str) and DATE.match(text) else "")
    except ValueError:
        raise SyntaxProblem(f"`{text}` is not a date", "write it as 2027-03-01") from None


def parse_host(text: str) -> str:
    """Give a host name or an IPv4 address in lowercase: where something listens, public or not. No port, no IPv6 address.

    A name may have one label and underscores, as containers have.
    """
    host = text.strip().lower()
    if len(host) <= MAX_NAME_LENGTH and all(UNDERSCORE_LABEL.match(label) for label in host.split(".")):
        return host
    raise SyntaxProblem(
        f"`{text}` is not a host", "write a name or an IPv4 address without a port, as in localhost or 10.0.0.5"
    )


def parse_network(text: str) -> str:
    """Give an IP network (CIDR) in its canonical form: `10.0.0.0/24`; one address without the prefix length."""
    try:
        network = ipaddress.ip_network(text.strip() if NETWORK.match(text.strip()) else "", strict=False)
    except ValueError:
        raise SyntaxProblem(
            f"`{text}` is not a network", "write an address or a network in CIDR form, as in 10.0.0.7 or 10.0.0.0/24"
        ) from None
    address = text.strip().partition("/")[0]
    if ipaddress.ip_address(address) != network.network_address:
        raise SyntaxProblem(
            f"`{text}` is an address with a network's length", f"write {network} for the network, or {address} alone"
        )
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def parse_variable_name(text: str) -> str:
    """Give the name of an environment variable unchanged, unless a shell, a loader or a runtime reads it for itself."""
    if text not in MEANINGFUL:
        return text
    raise SyntaxProblem(
        f"`{text}` means something to shells, loaders or language runtimes: with a secret in it programs break, or show it",
        "name the variable after what it holds, as in `POSTMARK_SERVER_TOKEN`",
    )


def parse_path(text: str) -> str:
    """Give a path below the output folder unchanged: plain names, no way up, nothing hidden, nothing absolute."""
    if len(text) <= MAX_PATH and PATH.match(text):
        return text
    raise SyntaxProblem(
        f"`{text}` is not a path below the output folder",
        "write letters, digits, `-`, `_` and inner dots, with `/` between folders, as in `dns/example.com/zone.db`",
    )


def parse_reference(text: str) -> str:
    """Give a secret reference unchanged. The text itself is never part of a message: it may be a secret in the wrong place."""
    scheme, separator, rest = text.partition("://")
    forms = ", ".join(form for _, form in REFERENCE_SCHEMES.values())
    if not separator or scheme not in REFERENCE_SCHEMES:
        raise SyntaxProblem(
            "this is not a reference to a secret (the value is not shown)",
            f"write where the value is kept, never the value: {forms}",
        )
    pattern, form = REFERENCE_SCHEMES[scheme]
    if not pattern.match(rest):
        raise SyntaxProblem(
            f"this `{scheme}://` reference does not have the form {form} (the value is not shown)",
            f"write it as {form}",
        )
    return text


def parse_managing_reference(text: str) -> str:
    """Give a secret reference unchanged. `{domain}` and `{selector}` may stand in it: sendspec keeps one key for each."""
    parse_reference(KEPT_FOR_EACH.sub("x", text))
    return text


def parse_https_url(text: str, *, schemes: tuple[str, ...] = ("https",)) -> str:
    """Give an absolute URL with a host. Placeholders such as `{kind}` may stand in the path and the query, never in the host."""
    shown = "the URL" if "@" in text else f"`{text}`"  # what stands before an @ may be a password
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SyntaxProblem(f"{shown} is not a URL", f"write it as {schemes[0]}://host/path") from None
    if re.search(r"\s", text) or CONTROL.search(text):
        raise SyntaxProblem("the URL holds a blank or a control character", "percent-encode it")
    if parts.scheme not in schemes:
        raise SyntaxProblem(
            f"{shown} does not start with {' or '.join(f'{scheme}://' for scheme in schemes)}",
            f"write it as {schemes[0]}://host/path",
        )
    if parts.username is not None or parts.password is not None:
        raise SyntaxProblem(
            "the URL holds a user name or a password (not shown)",
            "leave them out; sendspec adds webhook credentials by reference",
        )
    if not host:
        raise SyntaxProblem(f"{shown} has no host", f"write it as {schemes[0]}://host/path")
    if not re.fullmatch(r"[0-9.]+|\[?[0-9a-f:]+\]?", host):
        parse_domain(host)
    if port == 0:
        raise SyntaxProblem(f"{shown} has port 0", "use a real port or leave it out")
    if not URL.match(text):
        raise SyntaxProblem(
            f"{shown} holds a character that no URL has (RFC 3986 section 2), or braces that are no placeholder",
            "percent-encode it; a placeholder is a word in braces, as in {token}",
        )
    return text


def parse_record_url(text: str) -> str:
    """Give an https URL that stands inside a DNS record of tags: `,`, `;` and `!` would end it (RFC 8460 section 3)."""
    if any(character in text for character in ",;!{}"):
        raise SyntaxProblem(
            "the URL holds a character that separates tags or addresses, or a placeholder that nobody fills in",
            "percent-encode `,` as %2C, `;` as %3B, `!` as %21, and leave out braces",
        )
    return parse_https_url(text)


def parse_report_uri(text: str) -> str:
    """Give a `mailto:` URI for DMARC or TLS reports (RFC 9990 section 3.1.1, RFC 8460 section 3). `,` and `!` must be percent-encoded."""
    if not text.startswith("mailto:"):
        hint = f"mailto:{text}" if "@" in text else "mailto:dmarc@example.com"
        raise SyntaxProblem(f"`{text}` is not a mailto: URI; reports to it are never sent", f"write {hint}")
    if any(character in text for character in ",!; \t"):
        raise SyntaxProblem(
            f"`{text}` holds a character that separates tags or addresses",
            "percent-encode `,` as %2C, `!` as %21, `;` as %3B, or list each address by itself",
        )
    if not REPORT_URI.match(text):
        raise SyntaxProblem(
            "the URI holds a character that cannot stand in a record", "percent-encode it (RFC 3986 section 2.1)"
        )
    parse_address(
        text.removeprefix("mailto:").partition("?")[0].replace("%2C", "_").replace("%21", "_").replace("%3B", "_")
    )
    return text
