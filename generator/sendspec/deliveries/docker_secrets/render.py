"""`compose.secrets.yaml`: to lay over the Compose file that has the app's service."""

from collections.abc import Iterator

from sendspec.deliveries.references import carried, not_set
from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, kept_at
from sendspec.targets.compose_text import compose_value
from sendspec.targets.quoted_text import double_quoted

FILE = "compose.secrets.yaml"
SCHEMES = ("env", "file")


def render(app: App) -> Iterator[OutputFile]:
    """Give the file of an app that has credentials; those kept elsewhere stand in a comment."""
    ours, others = carried(app, SCHEMES)
    if not app.credentials():
        return
    reason = "Compose takes a secret from a file or a variable of its own environment"
    lines = [*_head(app), *(hash_comment(not_set(each, reason)) for each in others)]
    if ours:
        lines += _document(app, ours)
    yield OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join(lines) + "\n",
        origins(app),
        f"Credentials of {app.title} as secrets of Docker Compose",
    )


def _head(app: App) -> Iterator[str]:
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Credentials of the app {app.title}, each a file below /run/secrets that NAME_FILE names. Few programs read NAME_FILE by"
        " themselves; an entrypoint can set NAME for the others:"
    )
    yield hash_command('sh -c \'export NAME="$(cat "$NAME_FILE")"; exec "$@"\' sh the command')
    yield hash_command(f"docker compose -f compose.yaml -f {FILE} up -d")


def _document(app: App, credentials: tuple[Credential, ...]) -> Iterator[str]:
    yield "services:"
    yield f"  {double_quoted(app.id)}:"
    yield "    environment:"
    for credential in credentials:
        yield f"      {double_quoted(credential.env + '_FILE')}: {double_quoted(f'/run/secrets/{credential.env}')}"
    yield "    secrets:"
    for credential in credentials:
        yield f"      - {double_quoted(credential.env)}"
    yield "secrets:"
    for credential in credentials:
        yield f"  {hash_comment(f'{credential.id}, {kept_at(credential)}')}"
        yield f"  {double_quoted(credential.env)}:"
        where = "file" if credential.scheme == "file" else "environment"
        yield f"    {where}: {compose_value(credential.place)}"
