"""Everything a live check may use of the world, in one value."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sendspec.model.secret import Secrets
from sendspec.net.address import Dial
from sendspec.net.deadline import Deadline
from sendspec.net.dns.interface import Dns, Zones
from sendspec.net.http import Http
from sendspec.net.smtp.exchange import Patience


@dataclass(frozen=True, slots=True)
class Net:
    """The world of one run.

    Attributes:
        make_tls: Makes what `tls` gives; a second call gives the same.
        now: The time of day, aware, in UTC.
        patience: How long SMTP servers are waited for.
    """

    dns: Dns
    zones: Zones
    http: Http
    secrets: Secrets
    make_tls: Callable[[], ssl.SSLContext]
    dial: Dial
    deadline: Deadline
    now: Callable[[], datetime]
    patience: Patience = field(default_factory=Patience)

    @property
    def tls(self) -> ssl.SSLContext:
        """Give the one TLS context: verifies chain and name, TLS 1.2 or newer.

        Made when it is first asked for: that costs more than an SMTP session, and a run over DNS alone needs none.
        """
        return self.make_tls()
