"""`external-secret.yaml`: one ExternalSecret with an entry for each variable."""

from collections.abc import Iterator

from sendspec.deliveries.references import carried, not_set, path_and_key
from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, kept_at
from sendspec.targets.kubernetes_names import secret_name
from sendspec.targets.quoted_text import double_quoted

FILE = "external-secret.yaml"
STORES = {
    "aws-sm": "aws-secrets-manager",
    "aws-ssm": "aws-parameter-store",
    "gcp-sm": "gcp-secret-manager",
    "vault": "vault",
}
"""The name of the ClusterSecretStore that each scheme is read from; whoever runs the cluster makes it."""


def render(app: App) -> Iterator[OutputFile]:
    """Give the manifest of an app that has credentials in a store; those kept elsewhere stand in a comment."""
    ours, others = carried(app, STORES)
    if not app.credentials():
        return
    lines = [*_head(app, ours), *(hash_comment(not_set(each, "no store of this operator has it")) for each in others)]
    if ours:
        lines += _manifest(app, ours)
    yield OutputFile(
        f"{app.folder}/{FILE}",
        "\n".join(lines) + "\n",
        origins(app),
        f"Credentials of {app.title} as an ExternalSecret, which fills a Kubernetes Secret",
    )


def _head(app: App, credentials: tuple[Credential, ...]) -> Iterator[str]:
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Credentials of the app {app.title}: the External Secrets Operator reads them where they are kept, every hour, into the"
        f" Secret {secret_name(app)}. A running pod keeps the values it started with."
    )
    yield hash_command(f"kubectl apply -f {FILE}")
    for store in dict.fromkeys(_store(credential) for credential in credentials):
        yield hash_comment(f"- needs a ClusterSecretStore called {store}")
    if any(credential.scheme == "vault" for credential in credentials):
        yield hash_comment(
            "- the path of a key in Vault starts with its mount; the operator puts data/ behind it by itself"
        )


def _manifest(app: App, credentials: tuple[Credential, ...]) -> Iterator[str]:
    name, default = double_quoted(secret_name(app)), _store(credentials[0])
    yield "apiVersion: external-secrets.io/v1"
    yield "kind: ExternalSecret"
    yield "metadata:"
    yield f"  name: {name}"
    yield "spec:"
    yield '  refreshInterval: "1h"'
    yield "  secretStoreRef:"
    yield "    kind: ClusterSecretStore"
    yield f"    name: {double_quoted(default)}"
    yield "  target:"
    yield f"    name: {name}"
    yield "    creationPolicy: Owner"
    yield "  data:"
    for credential in credentials:
        yield f"    {hash_comment(f'{credential.id}, {kept_at(credential)}')}"
        yield f"    - secretKey: {double_quoted(credential.env)}"
        yield "      remoteRef:"
        key, property_ = _remote(credential)
        yield f"        key: {double_quoted(key)}"
        if property_:
            yield f"        property: {double_quoted(property_)}"
        if _store(credential) != default:
            yield "      sourceRef:"
            yield "        storeRef:"
            yield "          kind: ClusterSecretStore"
            yield f"          name: {double_quoted(_store(credential))}"


def _store(credential: Credential) -> str:
    """Give the store's name; in Google's cloud a store reads one project."""
    name = STORES[credential.scheme]
    return f"{name}-{credential.place.partition('/')[0]}" if credential.scheme == "gcp-sm" else name


def _remote(credential: Credential) -> tuple[str, str]:
    if credential.scheme == "gcp-sm":
        return credential.place.partition("/")[2], ""
    return path_and_key(credential)
