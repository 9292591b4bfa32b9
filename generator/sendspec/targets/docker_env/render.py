"""Variables of an app into `apps/<app>/mail.docker.env`."""

from collections.abc import Iterable, Iterator

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, origins
from sendspec.targets.app_notes import hash_command
from sendspec.targets.docker_env.quoting import as_it_is, unsayable
from sendspec.targets.env_file import Dialect, env_file, groups_of, values_left_out
from sendspec.targets.interface import LeftOut

FILE = "mail.docker.env"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give `apps/<app>/mail.docker.env` for every app that asks for it."""
    for app in apps_asking_for(setup, "docker-env"):
        yield OutputFile(
            f"{app.folder}/{FILE}",
            env_file(app, _dialect(app), groups_of(app)),
            origins(app),
            f"Mail settings of {app.title} for docker and kubectl: everything but the secrets, which it names",
        )


def leaves_out(app: App) -> Iterable[LeftOut]:
    """Give the values that no line of such a file can hold."""
    return values_left_out(_dialect(app), groups_of(app))


def _dialect(app: App) -> Dialect:
    return Dialect(
        name="an env file of docker",
        head=tuple(_head(app)),
        quote=as_it_is,
        unsayable=unsayable,
        secrets="left unset here",
        way_out="write it in the spec without that, or give the app `kubernetes`, which holds any text",
    )


def _head(app: App) -> Iterator[str]:
    secrets = "".join(f" -e {credential.env}" for credential in app.credentials())
    yield "# For docker and kubectl, which take everything behind the = as it stands: no quotes, no comment behind a value."
    yield "# Not for dotenv readers and shells: they would cut values at # and take $ for their own."
    yield "# No secret is in this file. A comment names each one and where its value is kept; -e NAME without a value brings it"
    yield "# from the environment of the docker command:"
    yield hash_command(f"docker run --env-file {FILE}{secrets} IMAGE")
    yield "# Compose: env_file: [{path: ./mail.docker.env, format: raw}], version 2.30 or later; without `raw` it expands $."
    yield hash_command(f"Kubernetes: kubectl create configmap {app.id}-mail --from-env-file={FILE}")
