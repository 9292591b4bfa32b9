"""Variables of an app into `apps/<app>/mail.systemd.env`."""

from collections.abc import Iterable

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, origins
from sendspec.targets.env_file import Dialect, env_file, groups_of, values_left_out
from sendspec.targets.interface import LeftOut
from sendspec.targets.systemd_text import quote, systemd_comment, unsayable

FILE = "mail.systemd.env"
SYSTEMD = Dialect(
    name="an env file of systemd",
    head=(
        f"# For systemd: EnvironmentFile=/path/to/{FILE} in the [Service] section of a unit. Shells read it alike.",
        "# Not for Environment= of the unit itself: there every % must be doubled.",
        "# No secret is in this file: a unit hands its environment down to every process. A comment names each one and where",
        "# its value is kept.",
    ),
    quote=quote,
    unsayable=unsayable,
    secrets="left unset here; bring it as a credential (LoadCredential=) or from a file that root alone can read",
    way_out="write it in the spec without that, or give the app `kubernetes`, which holds any text",
    comment=systemd_comment,
)


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give `apps/<app>/mail.systemd.env` for every app that asks for it."""
    for app in apps_asking_for(setup, "systemd-env"):
        yield OutputFile(
            f"{app.folder}/{FILE}",
            env_file(app, SYSTEMD, groups_of(app)),
            origins(app),
            f"Mail settings of {app.title} for a systemd unit: everything but the secrets, which it names",
        )


def leaves_out(app: App) -> Iterable[LeftOut]:
    """Give the values that no line of such a file can hold."""
    return values_left_out(SYSTEMD, groups_of(app))
