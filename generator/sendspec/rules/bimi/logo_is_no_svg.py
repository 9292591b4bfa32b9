"""BIMI logo is not an SVG image.

Why it matters: the only format that mailbox providers take is SVG Tiny P/S; anything else is not shown.
Do instead: have the logo drawn as a square SVG Tiny P/S of at most 32 KB, and serve it over https.
Source: draft-svg-tiny-ps-abrotman; https://support.google.com/a/answer/10911027
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.bimi_records import declared_logos
from sendspec.rules.interface import Problem, Rule

OTHER_FORMATS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".ico", ".bmp", ".eps")


def find(setup: Setup) -> Iterator[Problem]:
    """Give each logo whose address names another format; one that names none is checked live."""
    for logo in declared_logos(setup):
        if urlsplit(logo.image).path.lower().endswith(OTHER_FORMATS):
            message = f"{logo.name}: {logo.image} is no SVG"
            yield Problem(at=logo.origin.key("logo"), message=message)


RULE = Rule(id="bimi-logo-is-no-svg", severity=Severity.ERROR, find=find)
