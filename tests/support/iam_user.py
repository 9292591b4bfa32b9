"""An IAM user in moto's server, and who may log in to SES with its keys: the password that AWS's own algorithm derives."""

from functools import cache
from typing import Any

from aws_world import REGION, AwsWorld
from ses_managing import OneTry

from sendspec.esp.ses.smtp_password import smtp_password
from sendspec.model.secret import Secret

USER = "mailer"


@cache
def _clients(url: str) -> OneTry:
    """To make a client takes a tenth of a second."""
    return OneTry(url)


class IamUser:
    """One user. Gives clients like `sendspec.net.aws.AwsClients`, and remembers what was shown once."""

    def __init__(self, world: AwsWorld) -> None:
        self.world = world
        self.inner = _clients(world.url)
        self.secrets: dict[str, str] = {}
        self.iam = self.inner("iam", REGION)
        self.iam.create_user(UserName=USER)

    def __call__(self, service: str, region: str) -> Any:
        client, secrets = self.inner(service, region), self.secrets
        if service != "iam":
            return client

        class Client:
            def __getattr__(self, name: str) -> Any:
                def call(**parameters: object) -> Any:
                    answer = getattr(client, name)(**parameters)
                    if name == "create_access_key":
                        key = answer["AccessKey"]
                        secrets[key["AccessKeyId"]] = key["SecretAccessKey"]
                    return answer

                return call

        return Client()

    def make(self) -> tuple[str, str]:
        """Make a key by hand; give its id and its secret."""
        key = self.iam.create_access_key(UserName=USER)["AccessKey"]
        self.secrets[key["AccessKeyId"]] = key["SecretAccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def states(self) -> dict[str, str]:
        """Give key id -> Active or Inactive."""
        listed = self.iam.list_access_keys(UserName=USER)["AccessKeyMetadata"]
        return {each["AccessKeyId"]: each["Status"] for each in listed}

    def login(self, region: str = REGION) -> set[tuple[str, str]]:
        """Give who may log in now: (user name, password)."""
        return {
            (key, smtp_password(Secret(self.secrets[key]), region).reveal())
            for key, status in self.states().items()
            if status == "Active" and key in self.secrets
        }


class Logins:
    """Who may log in at the moment somebody does."""

    def __init__(self, user: IamUser) -> None:
        self.user = user

    def __contains__(self, login: object) -> bool:
        return login in self.user.login()

    def __iter__(self) -> Any:
        return iter(self.user.login())

    def __len__(self) -> int:
        return len(self.user.login())
