"""BIND zone files: an include fragment for each zone."""

from sendspec.targets.bind.render import render
from sendspec.targets.interface import Layer, Proof, Target

TARGET = Target(
    id="bind",
    title="BIND zone file",
    layer=Layer.DNS,
    render=render,
    source="RFC 1035 section 5",
    proof=Proof.PARSED,
    proved_with="named-checkzone 9.18, nsd-checkzone 4.6, kzonecheck 3.2",
)
