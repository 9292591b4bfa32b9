"""The `secrets` of an ECS task definition: the agent reads Secrets Manager and Parameter Store when a task starts."""

from sendspec.deliveries.ecs.render import SCHEMES, render
from sendspec.deliveries.interface import Delivery, Proof

DELIVERY = Delivery(
    id="ecs",
    title="secrets of an ECS task definition",
    render=render,
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html,"
    " https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html",
    schemes=frozenset(SCHEMES),
    proof=Proof.PARSED,
    proved_with="the API description of botocore 1.44, moto 5.2, cfn-lint 1.58",
)
