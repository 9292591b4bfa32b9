"""Env files for readers that take everything behind the `=` as it stands: `docker --env-file`, `kubectl --from-env-file`."""

from sendspec.targets.docker_env.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="docker-env",
    title="Env file for docker and kubectl",
    layer=Layer.APP,
    render=render,
    source="https://docs.docker.com/reference/cli/docker/container/run/#env, docker/cli pkg/kvfile/kvfile.go,"
    " kubernetes/kubectl pkg/cmd/util/env_file.go",
    proof=Proof.RUN,
    proved_with="docker 28.2 (client), kubectl 1.32",
    # It names what a client is given for each route. What a client does over time, with the numbers it names, is the app's.
    expresses=frozenset(
        {Feature.API, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
    leaves_out=leaves_out,
)
