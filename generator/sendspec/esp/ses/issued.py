"""What only SES can tell about an identity, as the lock file keeps it: hostile input until it has passed here."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from sendspec.esp.ses.facts import SIGNING_ZONE_PARENT
from sendspec.records import dkim as dkim_record
from sendspec.records.error import RecordError
from sendspec.spec.schema import Model
from sendspec.spec.types import Day, DomainName

TOKEN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
KEY_RECORD = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,2000}\Z")
"""Printable ASCII without quote and backslash: a key record needs neither."""


def _problem(message: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("syntax", "{message}", {"message": message, "fix": fix})


def _token(value: Any) -> str:
    token = value.lower() if isinstance(value, str) else ""
    if not TOKEN.match(token):
        fix = "copy DkimAttributes.Tokens of `aws sesv2 get-email-identity`, without `._domainkey`"
        raise _problem("a DKIM token is one DNS label of letters, digits and inner hyphens", fix)
    return token


def _signing_zone(value: str) -> str:
    """Whoever serves this zone can sign as our domain, so it must be the provider's own."""
    parent = SIGNING_ZONE_PARENT.value
    if value != parent and not value.endswith(f".{parent}"):
        fix = f"copy DkimAttributes.SigningHostedZone of `aws sesv2 get-email-identity`; it ends in {parent}"
        raise _problem(f"`{value}` is not a zone that SES serves DKIM keys from", fix)
    return value


def _selector(value: Any) -> str:
    if not isinstance(value, str) or not TOKEN.match(value.lower()):
        raise _problem("a selector is one DNS label of at most 63 characters", "write it as in `s20261120`")
    return value.lower()


def _key_record(value: Any) -> str:
    fix = "write the text of the record: `p=` and the public key in base64, without PEM lines"
    if not isinstance(value, str) or not KEY_RECORD.match(value):
        raise _problem("a DKIM key record is one line of printable ASCII", fix)
    try:
        dkim_record.parse(value)
    except RecordError as error:
        raise _problem(f"this is no DKIM key record: {error}", fix) from None
    return value


Token = Annotated[str, BeforeValidator(_token)]


class IssuedDkim(Model):
    """Easy DKIM: `tokens` and the zone they lie in. BYODKIM: `selector` and `value`, the text of the TXT record.

    Without `hosted_zone` the records stay pending: it depends on region and age of the identity.
    """

    tokens: tuple[Token, Token, Token] | None = None
    hosted_zone: Annotated[DomainName, AfterValidator(_signing_zone)] | None = None
    selector: Annotated[str, BeforeValidator(_selector)] | None = None
    value: Annotated[str, BeforeValidator(_key_record)] | None = None
    read: Day

    @model_validator(mode="after")
    def _one_kind_of_key(self) -> "IssuedDkim":
        easy, own = self.tokens is not None, self.selector is not None and self.value is not None
        half_own = (self.selector is None) != (self.value is None)
        if easy == own or half_own:
            fix = "write `tokens:` and `hosted_zone:` for Easy DKIM, `selector:` and `value:` for a key of your own"
            raise _problem("a DKIM entry holds either three tokens or a selector with its value", fix)
        if self.tokens is not None and len(set(self.tokens)) != len(self.tokens):
            raise _problem("the three DKIM tokens are not different", "copy all of DkimAttributes.Tokens")
        return self


class OwnKey(Model):
    """A key of one's own beside the one that SES signs with, while it is replaced.

    `until`: the day from which nothing needs it.
    """

    selector: Annotated[str, BeforeValidator(_selector)]
    value: Annotated[str, BeforeValidator(_key_record)]
    until: Day | None = None
    read: Day | None = None


class Issued(Model):
    """One identity's entry of the lock file.

    While a key of one's own is replaced there are two: `next` waits to be seen in DNS; later `previous` is the one that
    SES signed with before.
    """

    dkim: IssuedDkim | None = None
    next: OwnKey | None = None
    previous: OwnKey | None = None
