"""Who needs which scopes at SendGrid: whoever sends, and sendspec itself."""

from typing import cast

from sendspec.esp.sendgrid.facts import APPLY_SCOPES, SEND_SCOPES
from sendspec.esp.sendgrid.resources import sending_keys
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.access import AccessSheet, Grantee
from sendspec.model.account import Account
from sendspec.model.setup import Setup

CHECK_SCOPES = ("user.credits.read", "user.webhooks.event.settings.read", "whitelabel.read")
"""What `check` reads with the managing key; it asks for nothing that the key cannot see."""
ROTATE_SCOPES = ("api_keys.create", "api_keys.delete", "api_keys.read", "api_keys.update")
ANY_SENDER = (
    "no scope says from which addresses: the key may send as every domain and every sender that is authenticated for its "
    "user. A subuser for each kind of mail keeps them apart"
)
MAKING = "whoever may make keys can make further ones, and rename or delete those of others"
IP_ACCESS = "a stolen key works from everywhere, unless IP Access Management limits the account to your addresses"


def access(setup: Setup, account: Account) -> AccessSheet:
    """Give the sheet of an account."""
    settings = cast("Settings", account.settings)
    senders = [
        Grantee(
            credential.id,
            f"sends {', '.join(sorted(streams))}, and nothing else",
            SEND_SCOPES.source,
            SEND_SCOPES.value,
            (ANY_SENDER, IP_ACCESS),
            (f"api-key {credential.id}",),
        )
        for credential, streams in sorted(sending_keys(setup, account).items(), key=lambda each: each[0].id)
    ]
    whose = "a key of the parent account, which acts for the subuser" if settings.subuser else "a key of the account"
    parent = (
        ("a key of the parent account acts for all of its subusers: SendGrid cannot limit it to one",)
        if settings.subuser
        else ()
    )
    looking = tuple(each for each in APPLY_SCOPES.value if each.endswith(".read"))
    managers = [
        Grantee(
            "plan, drift, pull and check",
            f"reads and changes nothing: {whose}",
            APPLY_SCOPES.source,
            tuple(sorted({*looking, *CHECK_SCOPES})),
            parent,
        )
    ]
    if account.managed == "apply":
        may = f"makes, changes and removes what the spec says: {whose}"
        managers.append(Grantee("apply", may, APPLY_SCOPES.source, APPLY_SCOPES.value, (*parent, MAKING)))
    if senders:
        may = f"makes keys for sending and deletes the old ones: {whose}"
        managers.append(Grantee("rotate", may, APPLY_SCOPES.source, ROTATE_SCOPES, (*parent, MAKING)))
    return AccessSheet(tuple(senders), tuple(managers))
