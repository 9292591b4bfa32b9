"""What can be wrong with an ESP's API."""

from collections.abc import Callable
from functools import partial

from sendspec.model.observation import Subject
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.rehearse.certificates import Flaw
from sendspec.rehearse.fault import Fault
from sendspec.rehearse.https_server import Misbehaviour
from sendspec.rehearse.stage import Stage
from sendspec.rehearse.victims import primary_host


def _answering(status: int, setup: Setup, stage: Stage) -> Stage | None:
    host = primary_host(setup, Via.API)
    return stage.with_status(host, status) if host else None


def _failing(misbehaviour: Misbehaviour, setup: Setup, stage: Stage) -> Stage | None:
    host = primary_host(setup, Via.API)
    return stage.with_misbehaviour(host, misbehaviour) if host else None


def _flawed(flaw: Flaw, setup: Setup, stage: Stage) -> Stage | None:
    host = primary_host(setup, Via.API)
    return stage.with_flaw(host, flaw) if host else None


def _fault(name: str, title: str, expects: str, change: Callable[[Setup, Stage], Stage | None]) -> Fault:
    return Fault(f"api-{name}", title, Subject.API, f"live-api-{expects}", change, Via.API)


API_FAULTS = (
    _fault("401", "The key is refused (401)", "key-refused", partial(_answering, 401)),
    _fault("403", "The key may not do this (403)", "key-forbidden", partial(_answering, 403)),
    _fault("422", "The call is refused as invalid (422)", "unexpected-answer", partial(_answering, 422)),
    _fault("429", "Too many calls (429)", "rate-limited", partial(_answering, 429)),
    _fault("500", "The ESP is out of order (500)", "broken", partial(_answering, 500)),
    _fault(
        "reset",
        "The connection is closed without an answer",
        "connection-closed",
        partial(_failing, Misbehaviour.RESET),
    ),
    _fault("hang", "The call is taken and never answered", "no-answer", partial(_failing, Misbehaviour.HANG)),
    _fault("garbage", "Something that is no HTTP answers", "no-http", partial(_failing, Misbehaviour.GARBAGE)),
    _fault("endless", "The answer never ends", "endless-answer", partial(_failing, Misbehaviour.ENDLESS_BODY)),
    _fault("expired-certificate", "The certificate has expired", "certificate-expired", partial(_flawed, Flaw.EXPIRED)),
    _fault(
        "wrong-name-certificate",
        "The certificate is for another name",
        "certificate-name",
        partial(_flawed, Flaw.WRONG_NAME),
    ),
)
