"""Env files for the units of systemd (`EnvironmentFile=`)."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.systemd_env.render import leaves_out, render

TARGET = Target(
    id="systemd-env",
    title="Env file for systemd",
    layer=Layer.APP,
    render=render,
    source="https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=,"
    " systemd/systemd src/basic/env-file.c",
    proof=Proof.PARSED,
    proved_with="load_env_file of systemd 252, which reads EnvironmentFile=",
    # It names what a client is given for each route. What a client does over time, with the numbers it names, is the app's.
    expresses=frozenset(
        {Feature.API, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
    leaves_out=leaves_out,
)
