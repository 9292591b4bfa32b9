"""Which needs of a stream a protocol and an ESP can meet."""

from collections.abc import Collection, Mapping

from sendspec.model.account import Account
from sendspec.model.vocabulary import Capability, Need, Via

BY_API: Mapping[Need, Capability] = {
    Need.TEMPLATES: Capability.TEMPLATES_API,
    Need.BATCHING: Capability.BATCHING,
    Need.SCHEDULING: Capability.SCHEDULING,
    Need.IDEMPOTENCY: Capability.IDEMPOTENCY,
    Need.METADATA: Capability.METADATA,
    Need.WEBHOOKS: Capability.EVENTS,
}
BY_SMTP: Mapping[Need, Capability | None] = {
    Need.TEMPLATES: Capability.TEMPLATES_SMTP,
    Need.BATCHING: None,  # one message a transaction
    Need.SCHEDULING: Capability.SCHEDULING_SMTP,
    Need.IDEMPOTENCY: None,  # RFC 1047: a drop after the final dot cannot be told from success
    Need.METADATA: Capability.METADATA,
    Need.WEBHOOKS: Capability.EVENTS,
}
"""Attachments are in neither table: a MIME message carries them on every way."""


def unmet_needs(needs: Collection[Need], via: Via, account: Account) -> tuple[Need, ...]:
    """Give the needs that a route through this account cannot meet, sorted."""
    return tuple(sorted(need for need in needs if not _is_met(need, needs, via, account)))


def _is_met(need: Need, needs: Collection[Need], via: Via, account: Account) -> bool:
    table: Mapping[Need, Capability | None] = BY_API if via is Via.API else BY_SMTP
    if need not in table:
        return True
    capability = table[need]
    if capability not in account.capabilities:
        return False
    return not (need is Need.BATCHING and account.limits.batch_needs_template and Need.TEMPLATES not in needs)
