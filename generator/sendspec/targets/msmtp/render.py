"""`apps/<app>/msmtprc`: an account a route, and the one that is taken when none is named."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, by_stream, fixed_sender, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    failover_notes,
    hash_command,
    kept_at,
    smoke_test_note,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.msmtp.accounts import Account, accounts_of
from sendspec.targets.msmtp.quoting import fits, short_comment
from sendspec.templating import environment


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give msmtprc for every app that asks for it."""
    template = environment("sendspec.targets.msmtp", {"comment": short_comment, "command": _command}).get_template(
        "msmtprc.j2"
    )
    for app in apps_asking_for(setup, "msmtp"):
        yield OutputFile(
            f"{app.folder}/msmtprc",
            template.render(_context(app)),
            origins(app),
            f"msmtp accounts of {app.title}; secrets come from the environment",
        )


def _command(text: object) -> str:
    """Give a command on one line, so that it can be copied, while msmtp can read past it."""
    line = hash_command(text)
    return line if fits(line) else short_comment(text)


def _context(app: App) -> Mapping[str, object]:
    accounts = accounts_of(app)
    written = [account for account in accounts if account.lines]
    groups = by_stream(app)
    secrets = dict.fromkeys(credential for account in written for credential in account.credentials)
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "accounts": accounts,
        "default": written[0] if written else None,
        "smoke_test": _smoke_test(app, written),
        "secrets": [f"{credential.env}: {kept_at(credential)}" for credential in secrets],
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "unsubscribe": UNSUBSCRIBE if any(group.stream.unsubscribe_headers for group in groups) else "",
        "failover": failover_notes(groups),
        "ways_out": without_failover_notes(app, ()),  # its first way speaks of a setting of the app's own
        "switches": tuple(_switches(written)),
        "answers": answers_of_esps(app),
    }


def _switches(written: Sequence[Account]) -> Iterator[tuple[str, str]]:
    """Give the account of each stream's first route and that of its second."""
    for stream in dict.fromkeys(account.binding.stream.id for account in written):
        names = [account.name for account in written if account.binding.stream.id == stream]
        if len(names) > 1:
            yield names[0], names[1]


def _smoke_test(app: App, written: Sequence[Account]) -> str:
    """Give the command for the first account whose From is known; empty without one."""
    account = next((each for each in written if each.sender), None)
    if account is None:
        return ""
    headers = [header for header in account.headers if not header.startswith("List-Unsubscribe")]
    lines = (*headers, "To: YOU@EXAMPLE.ORG", "Subject: smoke test", "", "sent by hand")
    message = " ".join(shlex.quote(line) for line in lines)
    return smoke_test_note(app, f"printf '%s\\n' {message} | msmtp -a {account.name} YOU@EXAMPLE.ORG")
