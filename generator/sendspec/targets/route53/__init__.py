"""Change batches for the Route 53 API."""

from sendspec.targets.interface import Layer, Proof, Target
from sendspec.targets.route53.render import render

TARGET = Target(
    id="route53",
    title="Route 53 change batch",
    layer=Layer.DNS,
    render=render,
    source="https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html",
    proof=Proof.PARSED,
    proved_with="the service model of botocore 1.44.5",
)
