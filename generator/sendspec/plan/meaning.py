"""What a change means for the mail of which stream, in words; and whether it stops any."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sendspec.esp.managing import ResourceKind
from sendspec.model.alignment import Proof
from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.dns_record import DnsRecord, Purpose, RRset
from sendspec.model.plan import ESP, Action, Change, PropertyChange
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.plan.differences import lies_in
from sendspec.plan.ownership import Owned, OwnedSet
from sendspec.plan.policies import is_stricter, policy_of, scopes, senders_lost, values_of
from sendspec.plan.records import record_key
from sendspec.records import dmarc

KindsOfAccounts = Mapping[str, Mapping[str, ResourceKind]]
LOSSES = {
    Purpose.DKIM: "unsigned",
    Purpose.RETURN_PATH: "without its own return-path, so that SPF no longer aligns",
    Purpose.SPF: "failing SPF at its return-path",
    Purpose.TRACKING: "with links that lead nowhere, also in mail already delivered",
    Purpose.VERIFICATION: "at an ESP that cannot see any more that the name is yours",
}
"""What becomes of mail when a record of an ESP account goes."""


@dataclass
class Meanings:
    """Says what changes mean. Built once for a plan: look-ups stay look-ups with 10,000 domains."""

    setup: Setup
    kinds: KindsOfAccounts
    owned: Owned

    @cached_property
    def _sets(self) -> Mapping[str, RRset]:
        return {record_key(zone.name, rrset.name, str(rrset.type)): rrset for zone, rrset in self.setup.rrsets()}

    @cached_property
    def _roles(self) -> Mapping[tuple[str, str], Role]:
        """Give stream and account -> the weightier role."""
        found: dict[tuple[str, str], Role] = {}
        for stream, route in self.setup.routes():
            if found.get((stream.id, route.account)) is not Role.PRIMARY:
                found[stream.id, route.account] = route.role
        return found

    @cached_property
    def _keys_left(self) -> set[tuple[str, str, str]]:
        """Give account, stream and signing domain of every DKIM record that the spec wants."""
        return {
            (record.account, stream, _domain_of_key(record.name))
            for _, value in self.setup.index.values.get(Purpose.DKIM, ())
            for record in value.records
            for stream in record.streams
        }

    @cached_property
    def _proofs(self) -> Mapping[tuple[str, str], Sequence[Proof]]:
        """Give stream and account -> the proofs of its senders there."""
        found: dict[tuple[str, str], list[Proof]] = {}
        for proof in self.setup.proofs:
            found.setdefault((proof.stream, proof.account), []).append(proof)
        return found

    def of(self, change: Change) -> Change:
        """Give the change with its meaning."""
        if change.action is Action.ADOPT:
            return replace(change, means=("nothing changes; from now on sendspec keeps it as the spec says",))
        if change.action is Action.VERIFY:
            return change
        means, stops = self._resource(change) if change.layer == ESP else self._record(change)
        return replace(change, means=tuple(dict.fromkeys(means)), stops=tuple(sorted(set(stops))))

    # Resources at an ESP

    def _resource(self, change: Change) -> tuple[list[str], list[str]]:
        kind = self.kinds[change.place].get(change.subject.partition("/")[0])
        if kind is None:
            return [change.why], []
        streams = named(change.streams)
        if change.action is Action.CREATE:
            if change.is_owned and kind.without:
                return [f"it was there and is gone: {_filled(kind.without, streams)}"], []
            return [change.why], []
        if change.action in {Action.DELETE, Action.REPLACE}:
            return self._resource_goes(change, kind)
        means, stops = [], []
        for each in change.differences:
            means.append(_meaning(kind, each, streams))
            place = lies_in(each.path, kind.stopping.keys())
            if place is None:
                continue
            if each.after in kind.stopping[place] and each.before not in kind.stopping[place]:
                stops += self._alive(change.streams)
            elif each.before in kind.stopping[place]:
                means.append(f"mail of {streams} is stopped now; this lets it go again")
        return means, stops

    def _resource_goes(self, change: Change, kind: ResourceKind) -> tuple[list[str], list[str]]:
        alive = self._alive(change.streams)
        means = [_filled(kind.without, named(change.streams))] if kind.without else ["no mail depends on it"]
        means += self._departed(change.streams, change.place)
        if change.action is Action.REPLACE:
            paths = ", ".join(each.path for each in change.differences if lies_in(each.path, kind.create_only))
            means.insert(
                0, f"{paths} cannot be changed: it is removed and made anew, with new values for DNS where it has any"
            )
        return means, alive if kind.stops_mail else []

    def _alive(self, streams: Iterable[str]) -> list[str]:
        return [stream for stream in streams if stream in self.setup.index.streams]

    def _departed(self, streams: Iterable[str], account: str) -> Iterator[str]:
        for stream in streams:
            if stream not in self.setup.index.streams:
                yield f"`{stream}` is no longer in the spec; an app that still sends it is cut off"
            elif (stream, account) not in self._roles:
                yield f"`{stream}` no longer leaves through {account} by the spec; an app that has not been deployed since does"

    # RRsets

    def _record(self, change: Change) -> tuple[list[str], list[str]]:
        rrset = self._sets.get(change.key)
        if rrset is None:
            owned = self._owned(change)
            return self._set_goes(change, owned) if owned else ([change.why], [])
        if [each.path for each in change.differences] == ["ttl"]:
            each = change.differences[0]
            return [f"only its TTL changes, from {each.before} s to {each.after} s"], []
        means: list[str] = []
        stops: list[str] = []
        for record in _reasons(rrset):
            if record.purpose is Purpose.DMARC:
                more, stopped = self._policy(change, record)
                means += more
                stops += stopped
            elif record.purpose is not Purpose.FOREIGN:
                means.append(self._repair(change, record))
        means += senders_lost(change)
        means += self._replaced(change)
        return means or [change.why], stops

    def _repair(self, change: Change, record: DnsRecord) -> str:
        who = self._who(record.streams, record.account)
        if change.action is Action.CREATE and not change.is_owned:
            return f"{who}{record.why}"
        state = "it was there and is gone" if change.action is Action.CREATE else "as it stands"
        return f"{who}{state}: {record.breaks}"

    def _who(self, streams: Iterable[str], account: str) -> str:
        parts = []
        for stream in streams:
            role = self._roles.get((stream, account))
            parts.append(f"`{stream}` on {account} ({role})" if role else f"`{stream}` on {account}")
        return f"{', '.join(parts)}: " if parts else ""

    def _replaced(self, change: Change) -> Iterator[str]:
        """Say what goes that was somebody else's: it stood where ours has to."""
        mine = self._owned(change)
        if change.is_owned or change.before is None or mine is not None:
            return
        lost = [value for value in values_of(change.before) if value not in values_of(change.after)]
        if lost:
            yield f"replaces what others put there: {', '.join(lost)}"

    def _owned(self, change: Change) -> OwnedSet | None:
        name, _, record_type = change.subject.rpartition(" ")
        return self.owned.of_zone(change.place).get((name, record_type))

    def _policy(self, change: Change, record: DnsRecord) -> tuple[list[str], list[str]]:
        """Say what a DMARC policy changes, and whose mail it would have rejected."""
        old, new = policy_of(change.before), policy_of(change.after)
        name = record.name.removeprefix("_dmarc.")
        if not is_stricter(old, new):
            same = (old.policy or dmarc.Policy.NONE) is (new.policy or dmarc.Policy.NONE)
            words = (
                record.why if same else f"receivers are asked for {new.policy} where they were asked for {old.policy}"
            )
            return [words], []
        failing = self._failing(lambda at: at == name)
        asked = [
            f"receivers are asked to {_asked(after)} mail of {what} that fails DMARC, where they were asked for {before}"
            for what, before, after in scopes(name, old, new)
            if after is not before
        ]
        if old.strict_dkim < new.strict_dkim or old.strict_spf < new.strict_spf:
            asked.append(f"only the very domain of the From counts as aligned now, for mail of {name} and below")
        if failing:
            asked.append(f"mail of {named(failing)} has no aligned leg: it is what fails")
        return asked, failing

    def _failing(self, holds: Callable[[str], bool]) -> list[str]:
        """Give the streams whose mail fails under an enforced policy that stands at one of these names."""
        return sorted({
            proof.stream
            for proof in self.setup.proofs
            for policy in (proof.walk, proof.suffix)
            if policy and holds(policy.found_at) and policy.policy is not DmarcPolicy.NONE and not proof.aligns
        })  # fmt: skip

    def _set_goes(self, change: Change, owned: OwnedSet) -> tuple[list[str], list[str]]:
        ttl, name = (change.before or {}).get("ttl"), change.subject.partition(" ")[0]
        alive = self._alive(owned.streams)
        try:
            purpose = Purpose(owned.purpose)
        except ValueError:
            return [change.why], []
        if not owned.account:
            return self._domains_own_goes(name, purpose)
        means, stops = [], []
        for stream in owned.streams:
            if purpose is Purpose.DKIM and (owned.account, stream, _domain_of_key(name)) in self._keys_left:
                means.append(f"removes a DKIM key of `{stream}` on {owned.account}; another key of it stays")
                continue
            share = "100 % of" if self._roles.get((stream, owned.account)) is not Role.FALLBACK else "all failed-over"
            loss = LOSSES.get(purpose, f"without {purpose}")
            means.append(
                f"removes {purpose} for `{stream}` on {owned.account}: {share} its mail there {loss} after {ttl} s"
            )
            if stream in alive and self._depends(stream, owned.account, purpose, name):
                stops.append(stream)
        means += self._departed(owned.streams, owned.account)
        return means, stops

    def _domains_own_goes(self, name: str, purpose: Purpose) -> tuple[list[str], list[str]]:
        means = [f"removes {purpose} of {name}"]
        if purpose is not Purpose.DMARC:
            return means, []
        below = name.removeprefix("_dmarc.")
        failing = sorted({
            proof.stream
            for proof in self.setup.proofs
            if _is_below(proof.author, below) and proof.is_enforced and not proof.aligns
        })  # fmt: skip
        if failing:
            means.append(f"the policy above it holds then: mail of {named(failing)} has no aligned leg, and fails")
        return means, failing

    def _depends(self, stream: str, account: str, purpose: Purpose, name: str) -> bool:
        """Tell whether mail of a stream stops without a record: rejected by receivers, or refused by the ESP."""
        if purpose not in {Purpose.DKIM, Purpose.RETURN_PATH, Purpose.SPF}:
            return False
        if (stream, account) not in self._roles:
            return True  # an app that is not deployed yet still leaves there
        proofs = [proof for proof in self._proofs.get((stream, account), ()) if _is_below(name, proof.subdomain)]
        for proof in proofs:
            identity = self.setup.identity(account, proof.subdomain)
            if purpose is Purpose.RETURN_PATH and identity is not None and identity.stops_without_return_path:
                return True
            other = proof.spf if purpose is Purpose.DKIM else proof.dkim
            if proof.is_enforced and not (other.walk.aligns and other.suffix.aligns):
                return True
        return not proofs  # a sender that the spec has no more, and an app that is not deployed yet may still have


def named(streams: Iterable[str]) -> str:
    """Give ids of streams for a sentence."""
    return ", ".join(f"`{stream}`" for stream in streams) or "no stream"


def _filled(text: str, streams: str, each: PropertyChange | None = None) -> str:
    """Fill in a sentence of an ESP. `str.format` would read braces that a value holds."""
    text = text.replace("{streams}", streams)
    if each is not None:
        text = text.replace("{before}", _shown(each.before)).replace("{after}", _shown(each.after))
    return text


def _shown(value: object) -> str:
    return "nothing" if value is None or value == [] else str(value)


def _meaning(kind: ResourceKind, each: PropertyChange, streams: str) -> str:
    place = lies_in(each.path, kind.meanings.keys())
    if place is not None:
        return _filled(kind.meanings[place], streams, each)
    return f"{each.path} of the {kind.title} of {streams}: {_shown(each.after)} instead of {_shown(each.before)}"


def _reasons(rrset: RRset) -> Iterator[DnsRecord]:
    """Give the records of a set, one for each account and purpose."""
    seen: set[tuple[str, Purpose]] = set()
    for value in rrset.values:
        for record in value.records:
            if (record.account, record.purpose) not in seen:
                seen.add((record.account, record.purpose))
                yield record


def _domain_of_key(name: str) -> str:
    return name.partition("._domainkey.")[2]


def _is_below(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _asked(policy: dmarc.Policy) -> str:
    return {"none": "deliver", "quarantine": "quarantine", "reject": "reject"}[policy]
