"""Who may do what with which token of Postmark: there are three kinds, and none can be narrowed."""

from sendspec.esp.postmark.endpoint import SMTP_TOKEN
from sendspec.model.access import AccessSheet, Grantee
from sendspec.model.account import Account
from sendspec.model.credential_use import logins_in_use
from sendspec.model.setup import Setup

TOKENS = "https://postmarkapp.com/support/article/1008-what-are-the-account-and-server-api-tokens"
SERVER_LIMITS = (
    (
        "a server token cannot be narrowed: it sends through every message stream of its server, from every verified domain of "
        "the account, reads the messages sent and who got them, and changes the server's settings, webhooks and suppressions"
    ),
    "keep a server of its own for what must not share this; over SMTP an SMTP token of one message stream only sends",
)
SMTP_LIMITS = ("it sends from every verified domain of the account; to anybody else than SMTP it is of no use",)
ACCOUNT_LIMITS = (
    (
        "Postmark has no token that only reads: this one also makes and deletes servers and domains, and reads the server "
        "tokens of all servers. Give it to jobs that are reviewed, never to an app"
    ),
)


def access(setup: Setup, account: Account) -> AccessSheet:
    """Give the sheet of an account."""
    senders = []
    for login, streams in logins_in_use(setup, account).items():
        is_smtp = login[0].name == SMTP_TOKEN[0]
        may = f"sends {', '.join(streams)}"
        if is_smtp:
            may += ", through the message stream that it belongs to"
        senders.append(Grantee(login[0].id, may, TOKENS, (), SMTP_LIMITS if is_smtp else SERVER_LIMITS))
    managers = (
        Grantee(
            "plan, drift, pull, check and apply",
            "work with `manage.account_token` for servers and domains, and with the server token for message streams and webhooks",
            TOKENS,
            (),
            ACCOUNT_LIMITS,
        ),
        Grantee("rotate", "makes no call that changes a token: Postmark has none; people do it, step by step", TOKENS),
    )
    return AccessSheet(tuple(senders), managers)
