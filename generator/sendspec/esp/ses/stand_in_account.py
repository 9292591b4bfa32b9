"""An SES account of a rehearsal: its keys, and what exists there, made from what the setup wants to exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sendspec.esp.interface import KeyPurpose
from sendspec.esp.ses.account import keys
from sendspec.esp.ses.account_answers import AmbientKey
from sendspec.esp.ses.account_signature import AMBIENT
from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.endpoint import SMTP_CREDENTIALS
from sendspec.esp.ses.facts import API_HOST, endpoint_suffix, partition
from sendspec.esp.ses.resources import CONFIGURATION_SET, EVENT_DESTINATION, IDENTITY, SUBSCRIPTION
from sendspec.esp.ses.stand_in_events import Notifier, SentMail
from sendspec.esp.ses.stand_in_iam import Iam, make_iam
from sendspec.model.account import Account
from sendspec.model.credential_use import logins_in_use
from sendspec.model.setup import Setup
from sendspec.model.stand_in import made_up

DIGITS = "0123456789"


@dataclass(slots=True)
class SesAccount:
    """An account in a region: its keys, and what exists there.

    `identities` gives each one's default configuration set. Who signs with a key of `senders` may only send.
    """

    id: str
    region: str
    number: str
    secrets: Mapping[str, str]
    senders: frozenset[str]
    smtp_users: frozenset[str]
    sets: Mapping[str, Mapping[str, object]]
    destinations: Mapping[str, list[tuple[str, Mapping[str, object]]]]
    endpoints: Mapping[str, str]
    identities: Mapping[str, str]
    notifier: Notifier
    iam: Iam
    sent: list[SentMail] = field(default_factory=list)

    @property
    def hosts(self) -> tuple[str, str, str]:
        """Give the hosts of SES and of SNS in its region, and that of IAM."""
        here = API_HOST.value.format(region=self.region, suffix=endpoint_suffix(self.region))
        return here, sns_host(self.region), self.iam.host

    def set_of(self, named: str, sender: str) -> str:
        """Give the configuration set of a message: the one it names, else the default of the sender's domain."""
        return named or self.identities.get(sender.rpartition("@")[2].lower(), "")


def make_account(setup: Setup, account: Account, values: Mapping[str, str], moment: datetime) -> SesAccount:
    """Give an account with everything that the setup wants to exist there."""
    settings = settings_of(account)
    number = settings.aws_account or made_up(12, account.id, letters=DIGITS)
    wanted = [resource for resource in setup.resources if resource.account == account.id]
    urls = {each.id: str(each.properties["Endpoint"]) for each in wanted if each.kind == SUBSCRIPTION}
    destinations: dict[str, list[tuple[str, Mapping[str, object]]]] = {}
    endpoints: dict[str, str] = {}
    for each in wanted:
        if each.kind == EVENT_DESTINATION:
            set_name, name = str(each.properties["ConfigurationSetName"]), str(each.properties["EventDestinationName"])
            given = each.properties["EventDestination"]
            arn = f"arn:{partition(settings.region)}:sns:{settings.region}:{number}:{each.id}"
            details = {**(given if isinstance(given, dict) else {}), "SnsDestination": {"TopicArn": arn}}
            destinations.setdefault(set_name, []).append((name, details))
            endpoints[f"{set_name}/{name}"] = urls[each.id]
    secrets, senders = _secrets(setup, account, values)
    logins = logins_in_use(setup, account)
    return SesAccount(
        id=account.id,
        region=settings.region,
        number=number,
        secrets=secrets,
        senders=senders,
        smtp_users=frozenset(values[login[0].id] for login in logins if login[0].name == SMTP_CREDENTIALS[0]),
        sets={each.id: dict(each.properties) for each in wanted if each.kind == CONFIGURATION_SET},
        destinations=destinations,
        endpoints=endpoints,
        identities={
            each.id: str(each.properties.get("ConfigurationSetName", "")) for each in wanted if each.kind == IDENTITY
        },
        notifier=Notifier(sns_host(settings.region), moment),
        iam=make_iam(setup, account, number, values),
    )


def _secrets(setup: Setup, account: Account, values: Mapping[str, str]) -> tuple[Mapping[str, str], frozenset[str]]:
    """Give the secret of each key id, and the ids of keys that may only send."""
    found: dict[str, str] = {}
    senders: set[str] = set()
    for key in keys(setup, account):
        given = [values[credential.id] for credential in key.credentials]
        if key.credentials[0].name == AMBIENT:
            ambient = AmbientKey.model_validate_json(given[0])
            given = [ambient.access_key_id, ambient.secret_access_key]
        found[given[0]] = given[1]
        if key.purpose is KeyPurpose.SEND:
            senders.add(given[0])
    return found, frozenset(senders)


def sns_host(region: str) -> str:
    """Give the host of SNS in a region."""
    return f"sns.{region}.{endpoint_suffix(region)}"
