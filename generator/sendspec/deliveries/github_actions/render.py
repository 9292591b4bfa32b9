"""`github-actions.job.yaml`: the part of a job that brings the credentials."""

from collections.abc import Iterator

from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, kept_at
from sendspec.targets.quoted_text import double_quoted

FILE = "github-actions.job.yaml"
PRODUCTION = "production"
RESERVED = "GITHUB_"
"""No secret's name may start so."""


def render(app: App) -> Iterator[OutputFile]:
    """Give the part of a job of an app that has credentials."""
    if not app.credentials():
        return
    yield OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join(_lines(app)) + "\n",
        origins(app),
        f"Credentials of {app.title} from the secrets of GitHub Actions",
    )


def _lines(app: App) -> Iterator[str]:
    environment = app.environment or PRODUCTION
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Credentials of the app {app.title}, for the job that runs or deploys it. They reach a step by its environment: never"
        " write ${{ secrets.NAME }} into `run:`, where the value would be shell text. GitHub hides a value in logs by its exact"
        " text: one that a DSN or base64 changes is not hidden. Forks' pull requests get empty values."
    )
    yield hash_comment("Put each value there once; gh asks for it:")
    for credential in app.credentials():
        yield hash_comment(f"- {credential.id}, {kept_at(credential)}")
        yield hash_command(f"gh secret set {_secret(credential)} --env {environment}")
    yield "jobs:"
    yield f"  {double_quoted(app.id)}:"
    yield f"    environment: {double_quoted(environment)}"
    yield "    env:"
    for credential in app.credentials():
        yield f"      {double_quoted(credential.env)}: ${{{{ secrets.{_secret(credential)} }}}}"


def _secret(credential: Credential) -> str:
    name = credential.env
    return f"MAIL_{name}" if name.upper().startswith(RESERVED) else name
