"""What can be wrong with a submission server, as data: the stand-in plays it, tests and rehearsals choose it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sendspec.net.smtp.exchange import Phase


class Act(StrEnum):
    """What a server does instead of the right thing."""

    SAY = "says another reply"
    HANG = "says nothing more"
    RESET = "resets the connection"
    CLOSE = "closes the connection"
    TARPIT = "takes its time over each octet"
    ENDLESS = "never ends its reply"
    INJECT = "adds plain text to its reply"
    HIDE = "leaves a keyword out of EHLO"
    OFFER = "offers another keyword in EHLO"


@dataclass(frozen=True, slots=True)
class SmtpFault:
    """One fault.

    Attributes:
        at: The phase it happens in, in place of the right reply; None: in every one. TLS is the handshake.
        text: The reply to say or to add, or the EHLO keyword to leave out or to offer (`SIZE 1000`).
        seconds: How long a tarpit takes for one reply.
        times: How often it happens before all is well; None: always.
    """

    act: Act
    at: Phase | None = None
    text: str = ""
    seconds: float = 0.0
    times: int | None = None


def hang(at: Phase) -> SmtpFault:
    """Say nothing more from a phase on."""
    return SmtpFault(Act.HANG, at)


def reset(at: Phase) -> SmtpFault:
    """Reset the connection in a phase."""
    return SmtpFault(Act.RESET, at)


def say(at: Phase, reply: str, times: int | None = None) -> SmtpFault:
    """Answer a phase with another reply."""
    return SmtpFault(Act.SAY, at, reply, times=times)


SMTP_FAULTS: Mapping[str, SmtpFault] = MappingProxyType(
    {
        "banner-421": say(Phase.BANNER, "421 4.3.2 Too many concurrent SMTP connections"),
        "banner-endless": SmtpFault(Act.ENDLESS, Phase.BANNER, "220-"),
        "tarpit": SmtpFault(Act.TARPIT, seconds=8.0),
        "no-starttls": SmtpFault(Act.HIDE, Phase.EHLO, "STARTTLS"),
        "starttls-injection": SmtpFault(Act.INJECT, Phase.STARTTLS, "250 injected"),
        "no-auth": SmtpFault(Act.HIDE, Phase.EHLO_TLS, "AUTH"),
        "auth-refused": say(Phase.AUTH, "535 5.7.8 Authentication Credentials Invalid"),
        "auth-temporary": say(Phase.AUTH, "454 4.7.0 Temporary authentication failure"),
        "mail-refused": say(Phase.MAIL, "554 5.7.1 Message rejected: Email address is not verified"),
        "rcpt-refused": say(Phase.RCPT, "550 5.1.1 Recipient rejected"),
        "greylisting": say(Phase.RCPT, "451 4.7.1 Greylisted, try again later", times=1),
        "quota": say(Phase.MAIL, "454 4.7.0 Throttling failure: Daily message quota exceeded"),
        "suspended": say(Phase.MESSAGE, "550 5.7.1 Sending is suspended for this account"),
        "reset": reset(Phase.MAIL),
        "reset-after-dot": reset(Phase.MESSAGE),
        "hang": hang(Phase.MAIL),
    }
)
"""The usual ones by name. Certificates that are wrong come with the TLS context that the stand-in is given."""
