"""`kubernetes.configmap.yaml` and `kubernetes.deployment-patch.yaml` of an app."""

import hashlib
import textwrap
from collections.abc import Iterable, Iterator

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, kept_at, way_notes
from sendspec.targets.env_file import LIMITS, Dialect, groups_of, settings_lines
from sendspec.targets.kubernetes_names import config_map_name, secret_name
from sendspec.targets.quoted_text import double_quoted

CONFIG_MAP, PATCH = "kubernetes.configmap.yaml", "kubernetes.deployment-patch.yaml"
ANNOTATION = "sendspec/mail-settings"


def _unsayable(value: str) -> str | None:
    return None if value else "it is empty"


def _comment(text: object) -> str:
    return textwrap.indent(hash_comment(text), "  ")


DATA = Dialect(
    name="a ConfigMap",
    head=(),
    quote=double_quoted,
    unsayable=_unsayable,
    secrets="in the Secret, not here",
    comment=_comment,
    line="  {}: {}".format,
)


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give both files for every app that asks for them."""
    for app in apps_asking_for(setup, "kubernetes"):
        data = "\n".join(settings_lines(app, DATA, groups_of(app)))
        yield OutputFile(
            f"{app.folder}/{CONFIG_MAP}",
            "\n".join((*_config_map_head(app), data, "")).replace("\n\n\n", "\n\n"),
            origins(app),
            f"Mail settings of {app.title} as a ConfigMap: everything but the secrets, which it names",
        )
        digest = hashlib.sha256("\n".join(_settings(app)).encode()).hexdigest()[:16]
        yield OutputFile(
            f"{app.folder}/{PATCH}",
            "\n".join((*_patch(app, digest), "")),
            origins(app),
            f"brings the mail settings and secrets of {app.title} into its Deployment",
        )


def _settings(app: App) -> Iterator[str]:
    """Give what a running pod keeps until it is replaced."""
    for variable in app.variables():
        yield f"{variable.name}={variable.value or ''}"


def _config_map_head(app: App) -> Iterator[str]:
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Mail settings of the app {app.title}, each value a string as Kubernetes wants it. No secret is here."
    )
    yield from (hash_comment(note) for note in way_notes(app))
    if any(app.esp_bindings()):
        yield hash_comment(LIMITS)
    yield hash_command(f"kubectl apply -f {CONFIG_MAP}")
    yield "apiVersion: v1"
    yield "kind: ConfigMap"
    yield "metadata:"
    yield f"  name: {double_quoted(config_map_name(app))}"
    yield "data:"


def _patch(app: App, digest: str) -> Iterator[str]:
    name, credentials = double_quoted(app.id), app.credentials()
    yield hash_comment(GENERATED)
    yield hash_comment(
        f"Brings the mail settings of the app {app.title} into its Deployment, by kustomize (`patches:`) or by kubectl. If the"
        f" Deployment or its container is not called {app.id}, change the names here by a patch of your own."
    )
    yield hash_command(f"kubectl patch deployment {app.id} --patch-file {PATCH}")
    yield hash_comment("A patch replaces the whole list envFrom of a container: add here what yours has already.")
    yield hash_comment(
        "The annotation changes with the settings, so that pods are replaced: a running one keeps what it started with."
    )
    yield "apiVersion: apps/v1"
    yield "kind: Deployment"
    yield "metadata:"
    yield f"  name: {name}"
    yield "spec:"
    yield "  template:"
    yield "    metadata:"
    yield "      annotations:"
    yield f"        {ANNOTATION}: {double_quoted(digest)}"
    yield "    spec:"
    yield "      containers:"
    yield f"        - name: {name}"
    yield "          envFrom:"
    yield "            - configMapRef:"
    yield f"                name: {double_quoted(config_map_name(app))}"
    if credentials:
        yield "            # A pod does not start without this Secret. It has a key for each of:"
        for credential in credentials:
            yield textwrap.indent(hash_comment(f"- {credential.env}: {kept_at(credential)}"), " " * 12)
        yield "            # By `secrets: external-secret` in the spec, or by hand from lines NAME=value, nothing quoted:"
        yield f"            {hash_command(f'kubectl create secret generic {secret_name(app)} --from-env-file=FILE')}"
        yield "            - secretRef:"
        yield f"                name: {double_quoted(secret_name(app))}"
