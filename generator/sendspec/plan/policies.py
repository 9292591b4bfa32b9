"""What receivers take from a set before and after a change: its DMARC policy, and who may send by its SPF record."""

from collections.abc import Iterator, Mapping

from sendspec.model.plan import Change
from sendspec.records import dmarc, spf
from sendspec.records.error import RecordError


def values_of(state: Mapping[str, object] | None) -> tuple[str, ...]:
    """Give the values of a set as a change holds it."""
    values = (state or {}).get("values")
    return tuple(str(value) for value in values) if isinstance(values, (list, tuple)) else ()


def policy_of(state: Mapping[str, object] | None) -> dmarc.DmarcRecord:
    """Give the policy that receivers take from a set: none where there is no record, several, or one they cannot read."""
    found = [text for text in values_of(state) if dmarc.is_dmarc(text)]
    try:
        return dmarc.parse(found[0]) if len(found) == 1 else dmarc.DmarcRecord()
    except RecordError:
        return dmarc.DmarcRecord()


def scopes(
    name: str, old: dmarc.DmarcRecord, new: dmarc.DmarcRecord
) -> Iterator[tuple[str, dmarc.Policy, dmarc.Policy]]:
    """Give whose mail, the policy before, and the policy after: of a domain, and of what is below it."""
    before, after = (each.policy or dmarc.Policy.NONE for each in (old, new))
    below = [each.subdomain_policy or each.policy or dmarc.Policy.NONE for each in (old, new)]
    if below == [before, after]:
        yield f"{name} and below", before, after
    else:
        yield name, before, after
        yield f"names below {name}", below[0], below[1]


def is_stricter(old: dmarc.DmarcRecord, new: dmarc.DmarcRecord) -> bool:
    """Tell whether a policy makes receivers reject or quarantine anything that they delivered before."""
    order = list(dmarc.Policy)
    return (
        any(order.index(after) > order.index(before) for _, before, after in scopes("", old, new))
        or old.strict_dkim < new.strict_dkim
        or old.strict_spf < new.strict_spf
        or old.testing > new.testing
    )


def senders_lost(change: Change) -> Iterator[str]:
    """Say who may no longer send with a name as envelope sender: terms of SPF that go."""
    before, after = (_spf_terms(state) for state in (change.before, change.after))
    lost = [term for term in before if term not in after]
    if before and not any(map(_is_spf, values_of(change.after))):
        yield "removes the SPF record: mail with this envelope sender passes SPF nowhere any more"
    elif lost:
        yield f"no longer allows {', '.join(lost)}: mail from there with this envelope sender fails SPF"


def _spf_terms(state: Mapping[str, object] | None) -> tuple[str, ...]:
    found = (text.split()[1:] for text in values_of(state) if _is_spf(text))
    return tuple(term for terms in found for term in terms if not term.lower().endswith("all"))


def _is_spf(text: str) -> bool:
    try:
        spf.parse(text)
    except RecordError:
        return False
    return True
