"""What can be wrong with the address that events are posted to."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from sendspec.model.observation import Subject
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer
from sendspec.rehearse.certificates import Flaw
from sendspec.rehearse.fault import Fault
from sendspec.rehearse.https_server import Misbehaviour
from sendspec.rehearse.stage import Stage


def _host(setup: Setup) -> str:
    urls = (route.events.url for _, route in setup.routes() if route.events)
    return next((urlsplit(url).hostname or "" for url in urls), "")


def _saying(answer: ApiAnswer, setup: Setup, stage: Stage) -> Stage | None:
    host = _host(setup)
    return stage.with_webhook(host, answer) if host else None


def _failing(misbehaviour: Misbehaviour, setup: Setup, stage: Stage) -> Stage | None:
    host = _host(setup)
    return stage.with_misbehaviour(host, misbehaviour) if host else None


def _flawed(flaw: Flaw, setup: Setup, stage: Stage) -> Stage | None:
    host = _host(setup)
    return stage.with_flaw(host, flaw) if host else None


def _fault(name: str, title: str, expects: str, change: Callable[[Setup, Stage], Stage | None]) -> Fault:
    return Fault(f"webhook-{name}", title, Subject.WEBHOOK, f"live-webhook-{expects}", change)


WEBHOOK_FAULTS = (
    _fault(
        "unsigned", "The webhook takes events that nobody signed", "accepts-unsigned", partial(_saying, ApiAnswer(200))
    ),
    _fault(
        "redirect",
        "The webhook has moved",
        "redirects",
        partial(_saying, ApiAnswer(301, (("Location", "https://elsewhere.invalid/"),))),
    ),
    _fault("404", "Nothing is there any more", "path-missing", partial(_saying, ApiAnswer(404))),
    _fault("500", "The webhook is out of order", "broken", partial(_saying, ApiAnswer(500))),
    _fault("hang", "The webhook takes the event and never answers", "no-answer", partial(_failing, Misbehaviour.HANG)),
    _fault("expired-certificate", "The certificate has expired", "certificate-expired", partial(_flawed, Flaw.EXPIRED)),
)
