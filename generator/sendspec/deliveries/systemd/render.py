"""`systemd.credentials.conf`: a drop-in of the unit; and the script that starts its program."""

import re
from collections.abc import Iterator

from sendspec.deliveries.with_secrets import FILE as SCRIPT
from sendspec.deliveries.with_secrets import with_secrets
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
    yield with_secrets(app, app.credentials())


def _head(app: App) -> Iterator[str]:
    place = f"/usr/local/lib/{app.id}/{SCRIPT}"
    yield systemd_comment(GENERATED)
    yield systemd_comment(
        f"Credentials of the app {app.title}, each a file that only this service can read and NAME_FILE names (systemd 250 or"
        f" later). Its settings read NAME: {SCRIPT} sets it, and starts the program. Say so in the unit; without it the app has no"
        " credentials:"
    )
    yield hash_command(f"ExecStart=/bin/sh {place} /path/of/the-program its arguments")
    yield systemd_comment("Once and after a change:")
    yield hash_command(f"install -D -m 644 {SCRIPT} {place}")
    yield hash_command(f"install -D -m 644 {FILE} /etc/systemd/system/{app.id}.service.d/{FILE}")
    yield hash_command("systemctl daemon-reload")


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
