"""`systemd.credentials.conf`: a drop-in of the unit."""

import re
from collections.abc import Iterator

from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, kept_at
from sendspec.targets.systemd_text import systemd_comment

FILE = "systemd.credentials.conf"
PATH = re.compile(r"/[A-Za-z0-9._+@/-]+\Z")
"""Absolute paths without specifiers and escapes."""
STORE = "/etc/credstore.encrypted"


def render(app: App) -> Iterator[OutputFile]:
    """Give the drop-in of an app that has credentials."""
    if not app.credentials():
        return
    lines = [*_head(app), "[Service]"]
    for credential in app.credentials():
        lines += _credential(credential)
    yield OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join(lines) + "\n",
        origins(app),
        f"Credentials of {app.title} as a drop-in of its systemd unit",
    )


def _head(app: App) -> Iterator[str]:
    yield systemd_comment(GENERATED)
    yield systemd_comment(
        f"Credentials of the app {app.title}, each a file that only this service can read and NAME_FILE names (systemd 250 or"
        " later). A program that wants the variable itself is started by a shell:"
    )
    yield hash_command("ExecStart=/bin/sh -c 'NAME=$(cat $NAME_FILE) exec the-command'")
    yield hash_command(f"As /etc/systemd/system/{app.id}.service.d/{FILE}, then: systemctl daemon-reload")


def _credential(credential: Credential) -> Iterator[str]:
    name = credential.env
    yield systemd_comment(f"{credential.id}, {kept_at(credential)}")
    if credential.scheme == "file" and PATH.match(credential.place):
        yield f"LoadCredential={name}:{credential.place}"
    else:
        yield systemd_comment("put its value there once:")
        yield hash_command(f"systemd-creds encrypt --name={name} - {STORE}/{name}")
        yield f"LoadCredentialEncrypted={name}:{STORE}/{name}"
    yield f"Environment={name}_FILE=%d/{name}"
