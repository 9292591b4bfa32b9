"""Credentials: names and references. A value never enters the program before a live command needs it."""

from dataclasses import dataclass

from sendspec.model.origin import Origin


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret as the spec names it.

    `id` is unique in a setup: `postmark-main.server_token`. `name` is the key below `credentials:`
    (`server_token`), `reference` says where the value is kept (`op://mail/postmark/server-token`), `env` which
    variable an app reads it from. `rotate_every_seconds` and `overlap_seconds` (how long the old value stays
    valid when it is replaced) are None where the spec does not say.
    """

    id: str
    account: str
    name: str
    reference: str
    env: str
    rotate_every_seconds: int | None
    origin: Origin
    overlap_seconds: int | None = None

    @property
    def scheme(self) -> str:
        """Give the kind of place its value is kept in: `op`, `aws-sm`."""
        return self.reference.partition("://")[0]

    @property
    def place(self) -> str:
        """Give the reference without its scheme: `mail/postmark/server-token`."""
        return self.reference.partition("://")[2]


@dataclass(frozen=True, slots=True)
class Literal:
    """A login part that is no secret, such as the user name `apikey`."""

    value: str


Login = Credential | Literal
"""What stands where a user name or a password goes: a credential (its value comes from the environment) or a literal."""
