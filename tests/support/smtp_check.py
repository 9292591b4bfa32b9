"""A small setup with SMTP routes, and what the check says of a world."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from https_peers import server_context
from smtp_peers import UNHURRIED, KnownHosts, KnownSecrets, dial_to, stand_in, world

from sendspec.check.smtp.submission import run
from sendspec.model.observation import Measurement, Observation, Passed, Seen
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.net.address import Dial
from sendspec.net.smtp.exchange import Patience
from sendspec.rehearse.smtp_faults import SmtpFault
from sendspec.rehearse.smtp_server import SmtpServer

SES_HOST = "email-smtp.eu-west-1.amazonaws.com"
SPEC = """
version: 1
domains:
  northwind.example: {dmarc: {policy: none}}
esps:
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    credentials:
      smtp_username: {from: "env://SES_USER", env: SES_USER}
      smtp_password: {from: "env://SES_PASSWORD", env: SES_PASSWORD}
streams:
  receipts:
    kind: transactional
    from: Northwind <receipts@mail.northwind.example>
    routes: [{role: primary, via: smtp, esp: ses-eu}]
"""
USER, PASSWORD = "AKIAEXAMPLE", "s3cret-word"
SECRETS = {"ses-eu.smtp_username": USER, "ses-eu.smtp_password": PASSWORD}


@dataclass
class Look:
    """What a run of the check gave, and the server that it met."""

    seen: list[Seen]
    server: SmtpServer | None = None
    observations: list[Observation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.observations = [each for each in self.seen if isinstance(each, Observation)]

    @property
    def known(self) -> list[str]:
        return [each.kind.id for each in self.observations if not each.is_unknown]

    @property
    def unknown(self) -> list[str]:
        return [each.kind.id for each in self.observations if each.is_unknown]

    @property
    def only(self) -> Observation:
        (observation,) = self.observations
        return observation

    @property
    def passed(self) -> int:
        return sum(each.count for each in self.seen if isinstance(each, Passed))

    @property
    def measurements(self) -> list[Measurement]:
        return [each for each in self.seen if isinstance(each, Measurement)]


def look(
    setup: Setup,
    *faults: SmtpFault,
    tls: Tls = Tls.STARTTLS,
    addresses: tuple[str, ...] = ("192.0.2.25",),
    hosts: KnownHosts | None = None,
    secrets: KnownSecrets | None = None,
    dial: Callable[[int], Dial] = dial_to,
    patience: Patience = UNHURRIED,
    deadline_seconds: float = 60.0,
    **server: object,
) -> Look:
    """Run the check against one stand-in that every address leads to."""

    async def go() -> Look:
        known = {"context": server_context(SES_HOST), "logins": {(USER, PASSWORD)}} | server
        async with stand_in(tls, *faults, **known) as (stand, port):
            net = world(
                dial=dial(port),
                hosts=hosts or KnownHosts({SES_HOST: addresses}),
                secrets=secrets or KnownSecrets(SECRETS),
                patience=patience,
                deadline_seconds=deadline_seconds,
            )
            return Look([seen async for seen in run(setup, net)], stand)

    return asyncio.run(go())
