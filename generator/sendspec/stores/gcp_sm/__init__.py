"""Google Cloud Secret Manager: `gcp-sm://project/secret`, by the Google Cloud CLI; always the latest version.

Source: https://cloud.google.com/sdk/gcloud/reference/secrets/versions/add and .../access, read 2026-11-26: its plain output is "formatted
as UTF-8 which can corrupt binary secrets", so the octets are asked for in URL-safe Base64, as that page says.
"""

import base64
from dataclasses import replace

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.command import Program, Symptom, run
from sendspec.stores.confirm import confirm
from sendspec.stores.interface import Store, Surroundings
from sendspec.stores.value import text_of

GCLOUD = Program(
    name="gcloud",
    title="the Google Cloud CLI",
    page="https://cloud.google.com/sdk/docs/install",
    symptoms=(
        Symptom(
            (
                "active account selected",
                "gcloud auth login",
                "gcloud auth application-default",
                "reauthentication",
                "invalid_grant",
                "unauthenticated",
            ),
            "gcloud is not signed in",
            "sign in with `gcloud auth login`, or activate a service account with `gcloud auth activate-service-account`",
        ),
        Symptom(
            ("has not been used in project", "service_disabled", "api [secretmanager.googleapis.com] not enabled"),
            "the Secret Manager API is not enabled in this project",
            "enable it with `gcloud services enable secretmanager.googleapis.com`, or correct the project",
        ),
        Symptom(
            ("permission_denied", "permission denied", "does not have permission"),
            "Google Cloud denies access to it, or it does not exist",
            "correct the reference, or give the account the role roles/secretmanager.secretAccessor on it",
        ),
        Symptom(
            ("not_found", "not found"),
            "Google Cloud has no such secret, or no version of it",
            "create it, or correct the reference",
        ),
        Symptom(
            ("failed_precondition", "disabled state", "destroyed state"),
            "the latest version of the secret is disabled or destroyed",
            "enable it, or add a version",
        ),
        Symptom(
            ("resource_exhausted", "quota exceeded"),
            "Google Cloud limits how often it may be asked",
            "ask again in a minute",
        ),
    ),
)

WRITING = {
    "Google Cloud denies access to it, or it does not exist": (
        "correct the reference, or give the account the role roles/secretmanager.secretVersionAdder on it"
    ),
    "Google Cloud has no such secret, or no version of it": (
        "create it with `gcloud secrets create`, in the regions where it may be kept, or correct the reference"
    ),
}
"""Other cures for the same symptoms: which regions a secret is kept in is no choice of ours."""
GCLOUD_ADD = replace(
    GCLOUD,
    symptoms=tuple(
        replace(symptom, fix=WRITING.get(symptom.reason, symptom.fix))
        for symptom in GCLOUD.symptoms
        if symptom.reason != "the latest version of the secret is disabled or destroyed"
    ),
)


def read(rest: str, surroundings: Surroundings) -> Secret | Unresolved:
    """Give the latest version of a secret."""
    project, _, secret = rest.partition("/")
    arguments = ("secrets", "versions", "access", "latest", f"--secret={secret}", f"--project={project}")
    output = run(GCLOUD, (*arguments, "--format=get(payload.data)", "--quiet"), surroundings)
    if isinstance(output, Unresolved):
        return output
    try:
        octets = base64.b64decode(output.strip(), altchars=b"-_", validate=True)
    except ValueError:
        return Unresolved("`gcloud` wrote what is no Base64", "update the Google Cloud CLI")
    return text_of(octets, "the secret in Google Cloud")


def write(rest: str, secret: Secret, surroundings: Surroundings) -> Unresolved | None:
    """Add a version that holds the value; it is the latest one from then on, and the older ones stay."""
    project, _, name = rest.partition("/")
    arguments = ("secrets", "versions", "add", name, "--data-file=-", f"--project={project}", "--quiet")
    output = run(GCLOUD_ADD, arguments, surroundings, given=secret.reveal().encode())
    return output if isinstance(output, Unresolved) else confirm(read, rest, secret, surroundings)


STORE = Store(id="gcp-sm", title="Google Cloud Secret Manager", read=read, write=write)
