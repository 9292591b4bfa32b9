"""BIMI logo has no certificate.

Why it matters: Gmail and Apple show a logo only with a mark certificate (VMC or CMC); Yahoo and some others show it without.
Do instead: get a VMC for a registered mark or a CMC for one in use, and give its address as `certificate:`; or accept who shows it.
Source: https://support.google.com/a/answer/10911320; draft-brand-indicators-for-message-identification section 4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.bimi_records import declared_logos
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each logo without one."""
    for logo in declared_logos(setup):
        if not logo.certificate:
            message = f"{logo.name}: the logo has no certificate, so Gmail and Apple do not show it"
            yield Problem(at=logo.origin, message=message)


RULE = Rule(id="bimi-without-certificate", severity=Severity.WARNING, find=find)
