"""Names that appear in several places: configuration sets, and what stands for the number of the AWS account."""

import hashlib

from sendspec.esp.ses.facts import MAX_CONFIGURATION_SET_NAME
from sendspec.esp.ses.settings import RouteSettings, Settings
from sendspec.model.request import answer

HASH_LENGTH = 8
CALLER = "caller"
"""The request that asks STS which AWS account this is."""


def configuration_set_name(settings: Settings, route: RouteSettings, account_id: str, stream_id: str) -> str:
    """Give the configuration set of a route: its own, or `<prefix>-<stream>`, cut with a hash where SES allows no more."""
    if route.configuration_set is not None:
        return route.configuration_set
    return shortened(f"{settings.configuration_set or account_id}-{stream_id}", MAX_CONFIGURATION_SET_NAME.value)


def shortened(name: str, limit: int) -> str:
    """Give the name itself when it fits, else its start and a hash of the whole, so that two long names stay two."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:HASH_LENGTH]
    return f"{name[: limit - HASH_LENGTH - 1]}-{digest}"


def aws_account(settings: Settings) -> str:
    """Give the declared AWS account number, or the placeholder for it."""
    return settings.aws_account or answer(CALLER, "Account")
