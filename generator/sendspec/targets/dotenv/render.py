"""Variables of an app, grouped by stream and route, into `apps/<app>/mail.env`."""

from collections.abc import Iterable

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, origins
from sendspec.targets.dotenv_text import WAY_OUT, quote, unsayable
from sendspec.targets.dotenv_text import comment as dotenv_comment
from sendspec.targets.env_file import Dialect, env_file, groups_of, values_left_out
from sendspec.targets.interface import LeftOut

DOTENV = Dialect(
    name="a dotenv file",
    head=(
        "# For dotenv readers, `node --env-file` and shells (set -a; . ./mail.env; set +a).",
        "# Not for docker --env-file and kubectl --from-env-file: they take quotes for a part of the value.",
        "# No secret is in this file. A comment names each one and where its value is kept, and leaves the variable unset.",
    ),
    quote=quote,
    unsayable=unsayable,
    secrets="left unset here so that the real environment counts",
    way_out=WAY_OUT,
    comment=dotenv_comment,
)


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give `apps/<app>/mail.env` for every app that asks for it."""
    for app in apps_asking_for(setup, "dotenv"):
        yield OutputFile(
            f"{app.folder}/mail.env",
            env_file(app, DOTENV, groups_of(app)),
            origins(app),
            f"Mail settings of {app.title} as environment variables: everything but the secrets, which it names",
        )


def leaves_out(app: App) -> Iterable[LeftOut]:
    """Give the values that some reader of dotenv files would misread."""
    return values_left_out(DOTENV, groups_of(app))
