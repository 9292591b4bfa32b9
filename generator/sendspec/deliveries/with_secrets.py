"""`with-secrets.sh`: starts an app with its credentials as variables, where they reach it as files."""

from collections.abc import Iterator, Sequence

from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment

FILE = "with-secrets.sh"
SCRIPT = r"""set -eu
sendspec_line_end='
'

refuse() {
  echo "with-secrets.sh: $1" >&2
  exit 1
}

# name, file: its text without the last line end, as it is
read_secret() {
  [ -n "$2" ] || refuse "$1_FILE is not set"
  [ -r "$2" ] || refuse "$1: there is no file $2 that can be read"
  sendspec_secret=$(cat "$2" && printf x) || refuse "$1: $2 cannot be read"
  sendspec_secret=${sendspec_secret%x}
  sendspec_secret=${sendspec_secret%"$sendspec_line_end"}
  [ -n "$sendspec_secret" ] || refuse "$1: $2 is empty"
}

[ "$#" -gt 0 ] || refuse "name the command that starts the app"
"""


def with_secrets(app: App, credentials: Sequence[Credential]) -> OutputFile:
    """Give the script for credentials whose files `NAME_FILE` names. It needs `sh` and `cat`, and is run by `sh`."""
    return OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join([*_head(app), SCRIPT + "\n".join(_each(credentials))]) + "\n",
        origins(app),
        f"Starts {app.title} with its credentials as variables, read from files",
    )


def _head(app: App) -> Iterator[str]:
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Starts the app {app.title} with the variables that its settings read: NAME from the file that NAME_FILE names. A file that"
        " is missing or empty stops it. No secret is an argument of a program, and none is printed."
    )
    yield hash_command(f"sh {FILE} the command that starts the app")


def _each(credentials: Sequence[Credential]) -> Iterator[str]:
    for credential in credentials:
        name = credential.env
        yield f'read_secret {name} "${{{name}_FILE-}}"'
        yield f'export {name}="$sendspec_secret"'
    yield "unset sendspec_secret sendspec_line_end"
    yield 'exec "$@"'
