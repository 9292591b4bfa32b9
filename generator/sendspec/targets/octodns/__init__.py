"""octoDNS zones for its YamlProvider."""

from sendspec.targets.interface import Layer, Proof, Target
from sendspec.targets.octodns.render import render

TARGET = Target(
    id="octodns",
    title="octoDNS YAML",
    layer=Layer.DNS,
    render=render,
    source="https://octodns.readthedocs.io/en/latest/records.html",
    proof=Proof.RUN,
    proved_with="octoDNS 1.22.0",
)
