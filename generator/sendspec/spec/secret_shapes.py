"""Known shapes of secrets: find them in text, and mask them with as many asterisks, so that columns stay true.

Shapes only, no guessing by entropy: verification codes and public DKIM keys are legitimate in a spec. A shape that
other values share (a UUID, 40 characters of Base64) counts only after a key that holds a secret.
Prefixes as published by the providers for secret scanning, collected in the open rules of gitleaks
(https://github.com/gitleaks/gitleaks, cmd/generate/config/rules) and kingfisher; read 2026-11-23.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MASK = "*"
WORD_BEFORE, WORD_AFTER = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of secret. `hints`: literal text of which one stands in every match; looking for it first is fast.

    `pattern` is compiled by whoever finds a hint: most specs hold none of most shapes.
    """

    title: str
    hints: tuple[str, ...]
    pattern: str


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """A secret in a text, from `start` to before `end`. `title` says what kind; the value itself is nowhere."""

    start: int
    end: int
    title: str


def _token(title: str, *hints: str, tail: str) -> Shape:
    """Give a shape that is one of several prefixes and a tail."""
    prefixes = "|".join(re.escape(hint) for hint in hints)
    return Shape(title, hints, rf"{WORD_BEFORE}(?P<secret>(?:{prefixes}){tail}){WORD_AFTER}")


# Version byte and HMAC-SHA256 in Base64, 33 octets: 0x04 gives B[A-P], the old 0x02 gives A[g-v]
# (https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html).
SMTP_PASSWORD = r"(?:B[A-P]|A[g-v])[A-Za-z0-9+/]{42}"  # noqa: S105 - a pattern
AWS_SECRET_KEY = r"[A-Za-z0-9+/]{40}"  # noqa: S105 - a pattern
UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
SECRET_KEYS = r"(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key)"  # noqa: S105 - a pattern

SHAPES = (
    Shape(
        "a private key",
        ("PRIVATE KEY",),
        r"(?P<secret>-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?:(?!-----END )[\s\S])*(?:-----END [A-Z0-9 ]*-----)?)",
    ),
    # DER of PKCS #8 (with the RSA algorithm identifier) and of PKCS #1, without the PEM lines around it.
    Shape(
        "a private key",
        ("IBADANBgkqhkiG9w0BAQEFAASC", "IBAAKB", "IBAAKC"),
        (
            r"(?<![A-Za-z0-9+/])(?P<secret>MII[A-Za-z0-9+/]{3}(?:IBADANBgkqhkiG9w0BAQEFAASC|IBAAK[BC])[A-Za-z0-9+/=\s]{60,})"
        ),
    ),
    Shape(
        "a SendGrid API key",
        ("SG.",),
        rf"{WORD_BEFORE}(?P<secret>SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{16,64}})",
    ),
    _token("an AWS access key id", "AKIA", "ASIA", tail=r"[A-Z0-9]{16}"),
    _token("a Brevo key", "xkeysib-", "xsmtpsib-", tail=r"[0-9a-fA-F]{64}-[A-Za-z0-9]{16}"),
    _token("a Mailgun API key", "key-", tail=r"[0-9a-fA-F]{32}"),
    Shape(
        "a Mailgun API key",
        ("-",),
        rf"{WORD_BEFORE}(?P<secret>[0-9a-f]{{32}}-[0-9a-f]{{8}}-[0-9a-f]{{8}}){WORD_AFTER}",
    ),
    _token("a Resend API key", "re_", tail=r"[A-Za-z0-9]{6,12}_[A-Za-z0-9]{16,}"),
    _token("a Mandrill API key", "md-", tail=r"[A-Za-z0-9_-]{22}"),
    Shape(
        "a Mailchimp API key",
        ("-us",),
        rf"{WORD_BEFORE}(?P<secret>[0-9a-f]{{32}}-us[0-9]{{1,2}}){WORD_AFTER}",
    ),
    _token("a MailerSend API token", "mlsn.", tail=r"[0-9a-f]{64}"),
    _token("a webhook signing secret", "whsec_", tail=r"[A-Za-z0-9+/]{24,}=*"),
    _token("a GitHub token", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", tail=r"[A-Za-z0-9]{36,}"),
    _token("a GitHub token", "github_pat_", tail=r"[A-Za-z0-9_]{36,}"),
    _token("a GitLab token", "glpat-", tail=r"[A-Za-z0-9_-]{20,}"),
    _token("a Slack token", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-", tail=r"[A-Za-z0-9-]{10,}"),
    _token("a Stripe key", "sk_live_", "rk_live_", tail=r"[A-Za-z0-9]{16,}"),
    _token("a Google API key", "AIza", tail=r"[A-Za-z0-9_-]{35}"),
    _token("a Vault token", "hvs.", "hvb.", tail=r"[A-Za-z0-9_-]{24,}"),
    _token("a 1Password service account token", "ops_eyJ", tail=r"[A-Za-z0-9+/_-]{50,}={0,3}"),
    Shape(
        "a JSON web token",
        ("eyJ",),
        # The second half takes in a run that is no token as a whole: else every `eyJ` in it would be tried.
        (
            rf"{WORD_BEFORE}(?:(?P<secret>eyJ[A-Za-z0-9_-]{{8,}}+\.eyJ[A-Za-z0-9_-]{{8,}}+(?:\.[A-Za-z0-9_-]*+)?)"
            r"|eyJ[A-Za-z0-9_-]*+)"
        ),
    ),
    Shape("a password in a URL", ("://",), r"://[^\s/?#:@\"'<>]*:(?P<secret>(?!\{)[^\s/?#@\"'<>]+)@"),
    # Beside an access key id, 40 characters of Base64 are the secret access key.
    Shape(
        "an AWS secret access key",
        ("AKIA", "ASIA"),
        (
            rf"{WORD_BEFORE}A[KS]IA[A-Z0-9]{{16}}{WORD_AFTER}[\s\S]{{0,200}}?"
            rf"(?<![A-Za-z0-9+/])(?P<secret>{AWS_SECRET_KEY})(?![A-Za-z0-9+/=])"
        ),
    ),
    Shape(
        "a secret after a key that names one",
        ("assword", "asswd", "ecret", "oken", "ey", "from", "ASSWORD", "ECRET", "OKEN", "EY"),
        (
            rf"(?i)(?<![a-z])(?:from|{SECRET_KEYS})[\"']?\s*[:=]\s*[\"']?"
            rf"(?P<secret>{UUID}|{SMTP_PASSWORD}|{AWS_SECRET_KEY})(?![A-Za-z0-9+/=-])"
        ),
    ),
)


def find(text: str) -> tuple[Secret, ...]:
    """Give every secret in a text, sorted by place. Secrets that overlap are all given."""
    return tuple(sorted(_matches(text)))


def _matches(text: str) -> Iterator[Secret]:
    for shape in SHAPES:
        if any(hint in text for hint in shape.hints):
            for match in re.finditer(shape.pattern, text):
                if match["secret"]:
                    yield Secret(match.start("secret"), match.end("secret"), shape.title)


def mask(text: str) -> str:
    """Give the text with every character of every secret replaced by an asterisk; line breaks stay."""
    return mask_ranges(text, [(secret.start, secret.end) for secret in _matches(text)])


def mask_ranges(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    """Give the text with asterisks from each start to before its end; line breaks stay."""
    if not ranges:
        return text
    characters = list(text)
    for start, end in ranges:
        for place in range(start, min(end, len(text))):
            if text[place] not in "\r\n":
                characters[place] = MASK
    return "".join(characters)
