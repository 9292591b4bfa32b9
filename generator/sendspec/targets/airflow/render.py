"""`apps/<app>/airflow/mail_connections.py`: connections for Airflow's environment, and arguments for EmailOperator."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential, Login
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import (
    apps_asking_for,
    by_stream,
    credentials_of,
    fixed_sender,
    obstacle,
    origins,
    route_names,
)
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    smoke_test_note,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.interface import LeftOut
from sendspec.targets.mail_text import ascii_mailbox
from sendspec.templating import environment

MODULE = "mail_connections.py"
SMOKE_TEST = (
    'eval "$(python mail_connections.py)" && python -c \'from mail_connections import email;'
    " from airflow.providers.smtp.operators.smtp import EmailOperator;"
    ' EmailOperator(task_id="smoke_test", to="YOU@EXAMPLE.ORG", subject="smoke test", html_content="sent by hand",'
    " **email({name})).execute({{}})'"
)


@dataclass(frozen=True, slots=True)
class Connection:
    """One route. `problem` says why it cannot be written; then it has no settings."""

    name: str
    binding: Binding
    problem: str

    @property
    def conn_id(self) -> str:
        """Give the connection's id: letters, digits and underscores, for it is the end of a variable's name too."""
        return "mail_" + self.name.replace(".", "__").replace("-", "_")

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"

    @property
    def sender(self) -> str:
        """Give From in ASCII, as Airflow puts it into header and envelope; empty where each customer has its own."""
        mailbox = fixed_sender(self.binding.stream)
        return ascii_mailbox(mailbox) if mailbox else ""

    @property
    def is_starttls(self) -> bool:
        """Tell whether the connection changes to TLS."""
        return self.binding.route.endpoint.tls is Tls.STARTTLS

    @property
    def is_implicit_tls(self) -> bool:
        """Tell whether TLS starts with the connection."""
        return self.binding.route.endpoint.tls is Tls.IMPLICIT


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the module for every app that asks for it."""
    filters = {"comment": hash_comment, "command": hash_command, "python": repr, "login": _login}
    template = environment("sendspec.targets.airflow", filters).get_template(f"{MODULE}.j2")
    for app in apps_asking_for(setup, "airflow"):
        yield OutputFile(
            f"{app.folder}/airflow/{MODULE}",
            template.render(_context(app)),
            origins(app),
            f"Mail connections of {app.title} for Airflow; secrets come from the environment",
        )


def leaves_out(app: App) -> Iterator[LeftOut]:
    """Give what Airflow does otherwise than the spec's retries say."""
    tried_again = tuple(
        binding
        for binding in app.bindings
        if not _problem(binding) and binding.account.is_esp and binding.route.delivery.retry.attempts > 1
    )
    if tried_again:
        yield LeftOut(
            tried_again,
            "a refused recipient (550) is tried again too: Airflow's tasks try again after any error",
            "send from a task of your own that raises AirflowFailException for smtplib.SMTPRecipientsRefused, or write"
            " `through:` a relay, which tries again as it should",
            is_whole=False,
            is_left_to_app=True,
        )


def _context(app: App) -> Mapping[str, object]:
    names = route_names(app)
    connections = [Connection(names[each.route.id], each, _problem(each)) for each in app.bindings]
    written = [each for each in connections if not each.problem]
    example = next((each for each in written if each.sender), None)
    groups = by_stream(app)
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "smoke_test": smoke_test_note(app, SMOKE_TEST.format(name=f'"{example.binding.stream.id}"')) if example else "",
        "connections": connections,
        "routes": [
            (group.stream.id, [each.name for each in written if each.binding.stream is group.stream])
            for group in groups
        ],
        "credentials": dict.fromkeys(
            credential for each in written for credential in credentials_of(each.binding.route.endpoint)
        ),
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "unsubscribe_why": UNSUBSCRIBE,
        "unsubscribe": {
            group.stream.id: dict(group.stream.unsubscribe_headers)
            for group in groups
            if group.stream.unsubscribe_headers
        },
        "failover": failover_notes(groups),
        "ways_out": without_failover_notes(app, [each.name for each in written]),
        "answers": answers_of_esps(app),
    }


def _problem(binding: Binding) -> str:
    missing = obstacle(binding)
    if missing:
        return f"pending: {missing}"
    if binding.route.via is Via.API:
        return "it goes over the ESP's API, and Airflow's SMTP provider speaks SMTP only; say `via: smtp`"
    return ""


def _login(login: Login | None) -> str:
    """Give the Python expression of a user name or a password."""
    if isinstance(login, Credential):
        return f"_secret({login.env!r}, {login.reference!r})"
    return repr(login.value if login else "")
