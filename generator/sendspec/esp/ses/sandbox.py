"""SES has no dry run: what reaches nobody is mail to its simulator, or an account that is still in its sandbox."""

from datetime import date

from sendspec.esp.interface import Sandbox
from sendspec.esp.ses.facts import DG
from sendspec.model.fact import Fact
from sendspec.model.route import Endpoint

NO_DRY_RUN = Fact(
    "no parameter of SendEmail and no header keeps SES from delivering; its mailbox simulator has addresses of its own",
    f"{DG}/request-production-access.html",
    date(2026, 11, 26),
    note="an account in the SES sandbox sends to verified addresses and to the simulator only",
)


def sandbox(_endpoint: Endpoint) -> Sandbox:
    """Say why there is none."""
    reason = "it has no dry run, only test addresses; credentials of an AWS account in the SES sandbox do it"
    return Sandbox(None, reason, NO_DRY_RUN.source)
