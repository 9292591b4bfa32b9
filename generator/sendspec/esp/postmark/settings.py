"""What people write below `settings:` for Postmark, and what its lock entries hold."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from sendspec.esp.interface import Native
from sendspec.esp.postmark.facts import DEFAULT_STREAMS, STREAM_ID_PATTERN
from sendspec.records import dkim
from sendspec.records.error import RecordError
from sendspec.spec.schema import Model
from sendspec.spec.types import Day, Label

PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029${}]{1,100}\Z")


def _problem(message: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("syntax", "{message}", {"message": message, "fix": fix})


def _check_name(text: str) -> str:
    if not PRINTABLE.match(text):
        raise _problem("a server name has 1 to 100 printable characters, without `$` and braces", "shorten or clean it")
    return text


def _check_stream(text: str) -> str:
    if not re.match(STREAM_ID_PATTERN.value, text) or DEFAULT_STREAMS.value.get(text) == "Inbound":
        message = f"`{text}` cannot be the id of a message stream that sends"
        fix = "1 to 30 of a-z, 0-9, `_` and `-`, a letter first, no `--`; not `all`, not `inbound`, not `pm-…`"
        raise _problem(message, fix)
    return text


def _check_selector(text: str) -> str:
    if not dkim.is_selector(text):
        raise _problem("the DKIM selector holds something else than labels", "copy DKIMPendingHost up to ._domainkey")
    return text.lower()


def _check_key(text: str) -> str:
    try:
        dkim.parse(text)
    except RecordError as error:
        raise _problem(f"the DKIM value {error}", "copy DKIMPendingTextValue as Postmark shows it") from None
    if not text.isascii() or not text.isprintable():
        raise _problem("the DKIM value holds a line break or another character no key has", "copy it as one line")
    return text


class Extra(Model):
    """Native fields, by resource; merged last, so they win."""

    server: Native = Field(
        default_factory=dict, description="Of the server: Color, RawEmailEnabled, InboundDomain, ..."
    )
    domain: Native = Field(default_factory=dict, description="Of every domain")
    message_stream: Native = Field(default_factory=dict, description="Of every message stream: Description, ...")
    webhook: Native = Field(default_factory=dict, description="Of every webhook: HttpHeaders, ...")


class Settings(Model):
    """A Postmark account's `settings:`: one server, the domains it sends for."""

    server: Annotated[str, AfterValidator(_check_name)] | None = Field(
        default=None, description="Name of the server; default: the account's id in the spec"
    )
    return_path: Label = Field(default="pm-bounces", description="Host label of the return-path below each domain")
    dkim: Literal["esp", "none"] = Field(
        default="esp", description="esp: Postmark signs with a key it issues; none: the domain is not authenticated"
    )
    tracking: Literal["None", "HtmlAndText", "HtmlOnly", "TextOnly"] = Field(
        default="None",
        description="TrackLinks of the server. A stream that differs says so on every message; opens are tracked by "
        "message only, because Postmark lets no message switch off a server's open tracking",
    )
    extra: Extra = Field(default_factory=Extra, description="Native fields by resource: server, domain, ...")


class RouteSettings(Model):
    """A route's `settings:`."""

    message_stream: Annotated[str, AfterValidator(_check_stream)] | None = Field(
        default=None, description="Id of the message stream; default: the stream's name in the spec"
    )
    extra: Native = Field(default_factory=dict, description="Native fields of the message stream")


class DkimKey(Model):
    """A DKIM key as Postmark shows it."""

    selector: Annotated[str, AfterValidator(_check_selector)]
    value: Annotated[str, AfterValidator(_check_key)]


class IssuedDkim(DkimKey):
    """A DKIM key as Postmark issued it, and the day that was read."""

    read: Day


class PreviousDkim(DkimKey):
    """The key before the current one, published while mail signed with it is on its way.

    `until`: the day from which nothing needs it; None while Postmark has not said that it may go.
    """

    until: Day | None = None
    read: Day | None = None


class Issued(Model):
    """A domain's lock entry: `dkim: {selector: 20261120pm, value: "k=rsa; p=...", read: 2026-11-20}`.

    During a rotation there are two keys: `next` waits to be seen in DNS; later `previous` is the one it replaced. One with
    the selector of `dkim` is left over from before: Postmark has moved it there.
    """

    dkim: IssuedDkim | None = None
    next: IssuedDkim | None = None
    previous: PreviousDkim | None = None
