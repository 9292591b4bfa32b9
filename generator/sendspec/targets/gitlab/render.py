"""`apps/<app>/gitlab.rb`: what goes into /etc/gitlab/gitlab.rb."""

import re
from collections.abc import Iterable, Iterator, Mapping

from sendspec.model.app import App
from sendspec.model.credential import Credential, Literal
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_bindings import apps_asking_for, by_stream, credentials_of, fixed_sender, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    smoke_test_note,
    way_notes,
)
from sendspec.targets.first_stream import ServerRoute, first_stream, headers_note, starttls_note
from sendspec.targets.interface import LeftOut
from sendspec.targets.ruby_text import RubyValue, ruby
from sendspec.templating import environment

SYSTEM = "GitLab"
PLAIN_YAML = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/=~-]*@[A-Za-z0-9.-]+\Z")
"""An address that is a string in YAML without quotes."""
SMOKE_TEST = (
    'sudo gitlab-rails runner \'Notify.test_email("YOU@EXAMPLE.ORG", "smoke test", "sent by hand").deliver_now\''
)


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the file for every app that asks for it."""
    filters = {"comment": hash_comment, "command": hash_command, "ruby": gitlab_ruby}
    template = environment("sendspec.targets.gitlab", filters).get_template("gitlab.rb.j2")
    for app in apps_asking_for(setup, "gitlab"):
        yield OutputFile(
            f"{app.folder}/gitlab.rb",
            template.render(_context(app)),
            origins(app),
            f"Mail settings of {app.title} for GitLab's gitlab.rb; secrets come from the environment of gitlab-ctl",
        )


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the streams that GitLab's one server keeps out."""
    return first_stream(app, SYSTEM).other_streams


def _context(app: App) -> Mapping[str, object]:
    server = first_stream(app, SYSTEM)
    first = server.routes[0] if server.routes else None
    stream = first.binding.stream if first else None
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "smoke_test": smoke_test_note(app, SMOKE_TEST),
        "first": first,
        "routes": [(route, tuple(_notes(route)), tuple(_settings(route))) for route in server.routes],
        "left_out": server.left_out,
        "senders": tuple(_sender(first)) if first else (),
        "of_customers": f"{stream.id} has {CUSTOMERS_SEND}" if stream and fixed_sender(stream) is None else "",
        "unsubscribe": stream.unsubscribe_headers if stream else (),
        "uses_secrets": any(credentials_of(route.binding.route.endpoint) for route in server.routes),
        "failover": failover_notes(by_stream(app)),
        "answers": answers_of_esps(app),
    }


def _notes(route: ServerRoute) -> Iterator[str]:
    yield from filter(None, (starttls_note(route, SYSTEM), headers_note(route, SYSTEM)))


def _settings(route: ServerRoute) -> Iterator[tuple[str, RubyValue]]:
    """Give `smtp_*` settings. Both TLS switches always: together they stop GitLab, and one alone is not off by default."""
    endpoint, delivery = route.binding.route.endpoint, route.binding.route.delivery
    yield "smtp_address", endpoint.host
    yield "smtp_port", endpoint.port
    sender = fixed_sender(route.binding.stream)
    if sender is not None:
        yield "smtp_domain", sender.domain
    if endpoint.username is not None and endpoint.password is not None:
        yield "smtp_authentication", "plain"
        for name, login in (("smtp_user_name", endpoint.username), ("smtp_password", endpoint.password)):
            yield name, login.value if isinstance(login, Literal) else login
    yield "smtp_enable_starttls_auto", endpoint.tls is Tls.STARTTLS
    yield "smtp_tls", endpoint.tls is Tls.IMPLICIT
    yield "smtp_openssl_verify_mode", "none" if endpoint.tls is Tls.NONE else "peer"
    yield "smtp_open_timeout", delivery.connect_timeout_seconds
    yield "smtp_read_timeout", delivery.read_timeout_seconds


def _sender(route: ServerRoute) -> Iterator[tuple[str, RubyValue]]:
    """Give From. GitLab writes both values into gitlab.yml as they are, so a name brings its YAML quotes along."""
    sender = fixed_sender(route.binding.stream)
    if sender is None:
        return
    plain = PLAIN_YAML.match(sender.address)
    yield "gitlab_email_from", sender.address if plain else yaml_string(sender.address)
    if sender.display_name:
        yield "gitlab_email_display_name", yaml_string(sender.display_name)


def gitlab_ruby(value: RubyValue) -> str:
    """Give a Ruby expression. `secret` is a local lambda: a method would become one of GitLab's own settings object."""
    if isinstance(value, Credential):
        return f"secret.call({ruby(value.env)}, {ruby(value.reference)})"
    return ruby(value)


def yaml_string(text: str) -> str:
    """Give a YAML string in double quotes (YAML 1.2 section 5.7), and no `<%`, which GitLab runs as ERB in gitlab.yml."""
    return '"' + "".join(map(_yaml_escaped, text)).replace("<%", r"\x3c%") + '"'


def _yaml_escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
