"""Stacks: which resources share one, and what each is called in it."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sendspec.esp.ses import resources as kinds
from sendspec.esp.ses.facts import MAX_STACK_OUTPUTS, MAX_STACK_RESOURCES
from sendspec.esp.ses.template_text import Node
from sendspec.model.resource import Resource

MAX_LOGICAL_ID = 200
"""CloudFormation takes 255 characters; a suffix may follow."""

PREFIXES = {
    kinds.CONFIGURATION_SET: "ConfigurationSet",
    kinds.TOPIC: "Topic",
    kinds.SUBSCRIPTION: "Webhook",
    kinds.EVENT_DESTINATION: "Events",
    kinds.IDENTITY: "Identity",
    kinds.POLICY: "Policy",
}
PARTS = re.compile(r"[A-Za-z0-9]+")


@dataclass(slots=True)
class Stack:
    """One template as it grows. `ids` gives the logical id of every resource in it by `kind/id`."""

    ids: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Node] = field(default_factory=dict)
    resources: list[tuple[str, str, Node]] = field(default_factory=list)
    outputs: dict[str, Node] = field(default_factory=dict)

    def add(self, logical_id: str, why: str, body: Node) -> None:
        """Add a resource with the comment above it."""
        self.resources.append((logical_id, why, body))


def packed_in_stacks(resources: Iterable[Resource]) -> Iterator[list[Resource]]:
    """Split into groups that fit one stack: a webhook's parts stay with their configuration set."""
    group: list[Resource] = []
    count = slots = 0
    # what follows a configuration set counts too late: ten webhooks of four resources at most
    room = MAX_STACK_RESOURCES.value - 1 - 10 * 4
    for resource in resources:
        starts_bundle = resource.kind in {kinds.CONFIGURATION_SET, kinds.IDENTITY, kinds.POLICY}
        if starts_bundle and (count >= room or slots >= MAX_STACK_OUTPUTS.value - 10):
            yield group
            group, count, slots = [], 0, 0
        group.append(resource)
        count += 2 if resource.kind == kinds.TOPIC else 1  # its policy is a resource of its own
        slots += resource.kind in {kinds.IDENTITY, kinds.POLICY, kinds.SUBSCRIPTION}  # an output or a parameter
    if group:
        yield group


def logical_ids(resources: Iterable[Resource]) -> dict[str, str]:
    """Give each resource an id of letters and digits; those that would share one get a hash of their own."""
    wanted: dict[str, list[Resource]] = {}
    for resource in resources:
        words = "".join(part[0].upper() + part[1:] for part in PARTS.findall(resource.id))
        wanted.setdefault(f"{PREFIXES[resource.kind]}{words}"[:MAX_LOGICAL_ID], []).append(resource)
    ids = {}
    for logical_id, sharing in wanted.items():
        for resource in sharing:
            digest = hashlib.sha256(resource.key.encode()).hexdigest()[:8]
            ids[resource.key] = (
                logical_id if len(sharing) == 1 and len(logical_id) < MAX_LOGICAL_ID else (f"{logical_id}{digest}")
            )
    return ids
