"""What can be wrong with a submission endpoint."""

from collections.abc import Callable
from functools import partial

from sendspec.model.observation import Subject
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls, Via
from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.certificates import Flaw
from sendspec.rehearse.fault import Fault
from sendspec.rehearse.smtp_faults import SMTP_FAULTS, Act, SmtpFault, reset, say
from sendspec.rehearse.stage import Stage
from sendspec.rehearse.victims import primary_host


def _flawed(flaw: Flaw, setup: Setup, stage: Stage) -> Stage | None:
    host = primary_host(setup, Via.SMTP)
    return stage.with_flaw(host, flaw) if host else None


def _failing(fault: SmtpFault, setup: Setup, stage: Stage) -> Stage | None:
    host = primary_host(setup, Via.SMTP)
    return stage.with_smtp(host, fault) if host else None


def _failing_starttls(fault: SmtpFault, setup: Setup, stage: Stage) -> Stage | None:
    host = primary_host(setup, Via.SMTP, tls=Tls.STARTTLS)
    return stage.with_smtp(host, fault) if host else None


def _fault(name: str, title: str, expects: str, change: Callable[[Setup, Stage], Stage | None]) -> Fault:
    return Fault(f"smtp-{name}", title, Subject.SMTP, f"live-smtp-{expects}", change, Via.SMTP)


def _named(name: str) -> SmtpFault:
    return SMTP_FAULTS[name]


def _only_in_mail(name: str, title: str, expects: str, fault: SmtpFault) -> Fault:
    """Give a fault that no check can see, because it shows when a message is sent."""
    return Fault(f"smtp-{name}", title, None, f"live-smoke-{expects}", partial(_failing, fault), Via.SMTP)


SMTP_ENDPOINT_FAULTS = (
    _fault("expired-certificate", "The certificate has expired", "certificate-expired", partial(_flawed, Flaw.EXPIRED)),
    _fault(
        "wrong-name-certificate",
        "The certificate is for another name",
        "certificate-wrong-name",
        partial(_flawed, Flaw.WRONG_NAME),
    ),
    _fault(
        "unknown-authority",
        "The certificate comes from nobody we trust",
        "certificate-unknown-authority",
        partial(_flawed, Flaw.UNKNOWN_AUTHORITY),
    ),
    _fault(
        "no-starttls",
        "The server offers no STARTTLS, as when somebody strips it",
        "no-starttls",
        partial(_failing_starttls, _named("no-starttls")),
    ),
    _fault(
        "starttls-injection",
        "Somebody slips plain text in before the handshake",
        "starttls-injection",
        partial(_failing_starttls, _named("starttls-injection")),
    ),
    _fault("no-auth", "The server offers no login", "no-auth", partial(_failing, _named("no-auth"))),
    _fault("auth-refused", "The login is refused (535)", "auth-refused", partial(_failing, _named("auth-refused"))),
    _fault("421", "The server greets with 421", "banner-421", partial(_failing, _named("banner-421"))),
    _fault(
        "greylisting",
        "The recipient is greylisted (451)",
        "greylisted",
        partial(_failing, SmtpFault(Act.SAY, Phase.RCPT, "451 4.7.1 Greylisted, try again later")),
    ),
    _fault(
        "sender-refused",
        "The sender is not verified at the ESP (554)",
        "sender-refused",
        partial(_failing, _named("mail-refused")),
    ),
    _fault(
        "recipient-refused",
        "The recipient is refused (550)",
        "recipient-refused",
        partial(_failing, _named("rcpt-refused")),
    ),
    _fault("quota", "The daily quota is used up (454)", "quota", partial(_failing, _named("quota"))),
    _fault(
        "tarpit",
        "The server takes seconds over each reply",
        "slow",
        partial(_failing, SmtpFault(Act.TARPIT, Phase.MAIL, seconds=1.5)),
    ),
    _fault("reset", "The connection is reset in the middle", "closed", partial(_failing, reset(Phase.MAIL))),
    _fault("hang", "The server stops answering", "no-answer", partial(_failing, _named("hang"))),
    _fault("endless-banner", "The greeting never ends", "endless-reply", partial(_failing, _named("banner-endless"))),
    _only_in_mail(
        "suspended", "The account is suspended, said after the message (550)", "primary-failed", _named("suspended")
    ),
    _only_in_mail(
        "content-refused",
        "The content is refused (554)",
        "message-refused",
        say(Phase.MESSAGE, "554 5.7.1 Message rejected as spam"),
    ),
    _only_in_mail("lost-answer", "The connection drops after the final dot", "fate-unknown", _named("reset-after-dot")),
)
