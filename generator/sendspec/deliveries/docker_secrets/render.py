"""`compose.secrets.yaml`: to lay over the Compose file that has the app's service; and the script that starts it."""

from collections.abc import Iterator

from sendspec.deliveries.references import carried, not_set
from sendspec.deliveries.with_secrets import FILE as SCRIPT
from sendspec.deliveries.with_secrets import with_secrets
from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, kept_at
from sendspec.targets.compose_text import compose_value
from sendspec.targets.quoted_text import double_quoted

FILE = "compose.secrets.yaml"
PLACE = f"/{SCRIPT}"
"""Of the script in the container."""
SCHEMES = ("env", "file")


def render(app: App) -> Iterator[OutputFile]:
    """Give the file of an app that has credentials; those kept elsewhere stand in a comment."""
    ours, others = carried(app, SCHEMES)
    if not app.credentials():
        return
    reason = "Compose takes a secret from a file or a variable of its own environment"
    lines = [*_head(app, has_script=bool(ours)), *(hash_comment(not_set(each, reason)) for each in others)]
    if ours:
        lines += _document(app, ours)
    yield OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join(lines) + "\n",
        origins(app),
        f"Credentials of {app.title} as secrets of Docker Compose",
    )
    if ours:
        yield with_secrets(app, ours)


def _head(app: App, *, has_script: bool) -> Iterator[str]:
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Credentials of the app {app.title}, each a file below /run/secrets that NAME_FILE names. Its settings read NAME."
    )
    if not has_script:
        return
    yield hash_comment(
        f"{SCRIPT} sets it, and starts the app: say so in compose.yaml, behind the script's name Entrypoint and Cmd of the image"
        " (`docker image inspect`), which has to have sh and cat. Without it the app has no credentials."
    )
    yield hash_command(f'entrypoint: ["sh", "{PLACE}", "the-program", "its arguments"]')
    yield hash_comment(f"Put {FILE} and {SCRIPT} beside compose.yaml, then:")
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
    yield "    volumes:"
    yield f"      - {double_quoted(f'./{SCRIPT}:{PLACE}:ro')}"
    yield "secrets:"
    for credential in credentials:
        yield f"  {hash_comment(f'{credential.id}, {kept_at(credential)}')}"
        yield f"  {double_quoted(credential.env)}:"
        where = "file" if credential.scheme == "file" else "environment"
        yield f"    {where}: {compose_value(credential.place)}"
