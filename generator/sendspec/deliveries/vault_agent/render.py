"""`vault-agent.hcl`: an `env_template` for each variable, so that no value goes through quotes of an env file."""

import json
import re
from collections.abc import Iterator

from sendspec.deliveries.references import carried, not_set, path_and_key
from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, kept_at

SCHEME = "vault"
FILE = "vault-agent.hcl"
FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
"""What may stand behind a dot in Go's templates; any other key needs `index`."""


def render(app: App) -> Iterator[OutputFile]:
    """Give the configuration of an app that has credentials; those kept elsewhere stand in a comment."""
    ours, others = carried(app, {SCHEME})
    if not app.credentials():
        return
    lines = [*_head(app), *(hash_comment(not_set(each, "Vault has no part in it")) for each in others)]
    for credential in ours:
        lines += _template(credential)
    yield OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join(lines) + "\n",
        origins(app),
        f"Credentials of {app.title} for Vault Agent, which starts the app with them",
    )


def _head(app: App) -> Iterator[str]:
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Credentials of the app {app.title} from Vault's key-value engine, version 2. Needs Vault Agent 1.14 or later, and beside"
        " this file one of yours with vault, auto_auth and what starts the app:"
    )
    yield "#   exec {"
    yield '#     command                   = ["/path/to/app"]'
    yield '#     restart_on_secret_changes = "always"'
    yield "#   }"
    yield hash_command(f"vault agent -config=yours.hcl -config={FILE}")
    yield hash_comment(
        "The first part of each path is taken for the engine's mount; if yours has a / in it, move data/ behind it."
    )


def _template(credential: Credential) -> Iterator[str]:
    yield ""
    yield hash_comment(f"{credential.id}, {kept_at(credential)}")
    yield f"env_template {json.dumps(credential.env)} {{"
    yield f"  contents             = {json.dumps(template_text(credential))}"
    yield "  error_on_missing_key = true"
    yield "}"


def template_text(credential: Credential) -> str:
    """Give the template that reads one key: the API's path has `data/` behind the mount, and the answer `.Data.data`."""
    path, key = path_and_key(credential)
    mount, _, rest = path.strip("/").partition("/")
    inside = rest if rest.startswith("data/") else f"data/{rest}"
    value = f".Data.data.{key}" if FIELD.match(key) else f'index .Data.data "{key}"'
    return f'{{{{ with secret "{mount}/{inside}" }}}}{{{{ {value} }}}}{{{{ end }}}}'
