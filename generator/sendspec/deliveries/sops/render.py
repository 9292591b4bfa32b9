"""`sops.creation-rules.yaml` and `sops.secrets.env`: what to copy, fill and encrypt."""

from collections.abc import Iterator

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, kept_at

RULES, SKELETON = "sops.creation-rules.yaml", "sops.secrets.env"
RECIPIENT = "AGE-RECIPIENT"
"""In place of the public key of whoever may read."""


def render(app: App) -> Iterator[OutputFile]:
    """Give both files of an app that has credentials."""
    if not app.credentials():
        return
    yield _file(app, RULES, _rules(app), "the rule by which SOPS encrypts its credentials")
    yield _file(app, SKELETON, _skeleton(app), "names of its credentials, to copy, fill and encrypt with SOPS")


def _file(app: App, name: str, lines: Iterator[str], why: str) -> OutputFile:
    return OutputFile(f"{app.folder}/{name}", "\n".join(lines) + "\n", origins(app), f"{app.title}: {why}")


def _name(app: App) -> str:
    """Give the name of the encrypted file."""
    return f"{app.id}-{app.environment}.secrets.env" if app.environment else f"{app.id}.secrets.env"


def _rules(app: App) -> Iterator[str]:
    yield hash_comment(GENERATED)
    yield hash_comment(
        "Into .sops.yaml at the root of your repository. SOPS takes the first rule whose path_regex fits."
    )
    yield "creation_rules:"
    yield f"  - path_regex: '(^|/){_name(app).replace('.', '[.]')}$'"
    yield "    # public keys of whoever may read, with a comma between them; kms, gcp_kms, hc_vault_transit_uri likewise"
    yield f"    age: {RECIPIENT}"


def _skeleton(app: App) -> Iterator[str]:
    name = _name(app)
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Names of the credentials of the app {app.title}. Copy it out of this folder, write each value behind its =, as it is and"
        " without quotes, and encrypt before the first commit:"
    )
    yield hash_command(f"cp {SKELETON} {name}  # then fill it")
    yield hash_command(f"sops encrypt --in-place {name}")
    yield hash_command(f"sops exec-env {name} 'the command that starts the app'")
    for credential in app.credentials():
        yield hash_comment(f"{credential.id}, {kept_at(credential)}")
        yield f"{credential.env}="
