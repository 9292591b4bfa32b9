"""Everything a live check may use of the world, in one value."""

import ssl
from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from sendspec.model.secret import Secrets
from sendspec.net.address import Dial
from sendspec.net.deadline import Deadline
from sendspec.net.dns.interface import Dns, Zones
from sendspec.net.http import Http
from sendspec.net.smtp.exchange import Patience
from sendspec.values import dataclass


@dataclass(frozen=True, slots=True)
class Net:
    """The world of one run.

    Attributes:
        tls: The one TLS context: verifies chain and name, TLS 1.2 or newer. Making it costs more than an SMTP session.
        now: The time of day, aware, in UTC.
        patience: How long SMTP servers are waited for.
    """

    dns: Dns
    zones: Zones
    http: Http
    secrets: Secrets
    tls: ssl.SSLContext
    dial: Dial
    deadline: Deadline
    now: Callable[[], datetime]
    patience: Patience = field(default_factory=Patience)
