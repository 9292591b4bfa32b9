"""`secrets.op.env`: each variable with its `op://` reference."""

from collections.abc import Iterator

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, NOT_RUN, hash_command, hash_comment, kept_at

SCHEME = "op"
FILE = "secrets.op.env"


def render(app: App) -> Iterator[OutputFile]:
    """Give the file of an app that has credentials; those kept elsewhere stand in a comment."""
    credentials = app.credentials()
    if not credentials:
        return
    lines = [
        hash_comment(GENERATED),
        hash_comment(NOT_RUN),
        hash_comment(f"Credentials of the app {app.title} as references that 1Password's command line resolves:"),
        hash_command(f"  op run --env-file {FILE} -- the command that starts the app"),
    ]
    for credential in credentials:
        if credential.scheme == SCHEME and "'" not in credential.reference:
            lines += ["", hash_comment(credential.id), f"{credential.env}='{credential.reference}'"]
        else:
            reason = (
                "a single quote has no spelling here" if credential.scheme == SCHEME else "1Password has no part in it"
            )
            lines += ["", hash_comment(f"{credential.env} is not set here: {kept_at(credential)}; {reason}")]
    yield OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join(lines) + "\n",
        origins(app),
        f"Credentials of {app.title} as 1Password references, for `op run`",
    )
