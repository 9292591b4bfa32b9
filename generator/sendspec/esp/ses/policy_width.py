"""In what policies of IAM allow more than the ones that sendspec writes for whoever sends.

Only what is allowed is weighed: a Deny, a permissions boundary or an organisation's policy may take some of it away again.
Grammar and matching: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html, read 2026-11-26.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendspec.model.account_state import Excess, Surplus
from sendspec.model.request import PLACEHOLDER

FROM_ADDRESS = "ses:fromaddress"
EXACT = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
"""Operators that leave nothing but the named addresses; with `IfExists`, or negated, they would not."""
WILDCARD = re.compile(r"[*?]")
PLACEHOLDER_MARK = "\0"
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Grant:
    """One Allow of a policy. `addresses` is None where any From address will do."""

    actions: frozenset[str]
    resources: tuple[str, ...]
    addresses: frozenset[str] | None
    inverted: tuple[str, ...] = ()


def grants(document: object) -> Iterator[Grant]:
    """Give what a policy allows, statement by statement. What is no policy allows nothing."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for each in statements if isinstance(statements, list | tuple) else [statements]:
        if isinstance(each, Mapping) and each.get("Effect") == "Allow":
            inverted = tuple(
                f"{name} {_few(_texts(each[name]))}" for name in ("NotAction", "NotResource") if name in each
            )
            yield Grant(
                frozenset(text.lower() for text in _texts(each.get("Action"))),
                _texts(each.get("Resource")),
                _addresses(each.get("Condition")),
                inverted,
            )


def wider(live: Iterable[tuple[str, object]], wanted: Iterable[object]) -> Iterator[Surplus]:
    """Give in what live policies, each with its name, allow more than the wanted ones; each thing once, in order."""
    needed = [grant for document in wanted for grant in grants(document)]
    actions = sorted({action for grant in needed for action in grant.actions})
    told: set[Surplus] = set()
    for name, document in live:
        for grant in grants(document):
            for surplus in _of_grant(name, grant, needed, actions):
                if surplus not in told:
                    told.add(surplus)
                    yield surplus


def _of_grant(name: str, grant: Grant, needed: Sequence[Grant], actions: Sequence[str]) -> Iterator[Surplus]:
    if grant.inverted:
        yield Surplus(Excess.ACTIONS, _few(actions), _shown(f"everything but {'; '.join(grant.inverted)}", name))
        return
    beyond = sorted(grant.actions - set(actions))
    if beyond:
        yield Surplus(Excess.ACTIONS, _few(actions), _shown(f"{_few(beyond)} on {_few(grant.resources)}", name))
    for action in sorted(grant.actions & set(actions)):
        allowing = [each for each in needed if action in each.actions]
        for resource in grant.resources:
            covering = [each for each in allowing if any(_covers(pattern, resource) for pattern in each.resources)]
            if not covering:
                expected = _few([pattern for each in allowing for pattern in each.resources])
                yield Surplus(Excess.PLACES, expected, _shown(f"{action} on {resource}", name))
        yield from _of_addresses(name, action, grant, allowing)


def _of_addresses(name: str, action: str, grant: Grant, allowing: Sequence[Grant]) -> Iterator[Surplus]:
    """Compare the From addresses: those of each resource, and all of them where the resource is wider anyway."""
    for resource in grant.resources:
        covering = [
            each for each in allowing if any(_covers(pattern, resource) for pattern in each.resources)
        ] or allowing
        if any(each.addresses is None for each in covering):
            continue
        needed = frozenset(address for each in covering for address in each.addresses or ())
        expected = f"ses:FromAddress {_few(sorted(needed))}"
        if grant.addresses is None:
            yield Surplus(Excess.ADDRESSES, expected, _shown(f"{action} without a condition on ses:FromAddress", name))
        elif beyond := sorted(grant.addresses - needed):
            yield Surplus(Excess.ADDRESSES, expected, _shown(f"{action} as {_few(beyond)}", name))


def _addresses(condition: object) -> frozenset[str] | None:
    """Give the From addresses that a condition leaves; None where it leaves all. Several operators all have to hold."""
    found: frozenset[str] | None = None
    for operator, tests in condition.items() if isinstance(condition, Mapping) else ():
        for key, values in tests.items() if isinstance(tests, Mapping) else ():
            if str(key).lower() == FROM_ADDRESS and str(operator).lower() in EXACT:
                these = frozenset(text.lower().replace("${$}", "$") for text in _texts(values))
                found = these if found is None else found & these
    return found


def _covers(pattern: str, resource: str) -> bool:
    """Tell whether all that a live pattern names is in a wanted one, which may have a placeholder for the account."""
    if pattern == resource:
        return True
    marked = PLACEHOLDER.sub(PLACEHOLDER_MARK, pattern)
    parts = (
        "[0-9]{12}" if part == PLACEHOLDER_MARK else "[^*?]*" if part == "*" else re.escape(part)
        for part in re.split(r"([*\0])", marked)
    )
    # `identity/*` covers each name without a wildcard, and itself
    whole = "".join(parts)
    return re.fullmatch(whole, resource) is not None or (
        pattern.endswith("*") and re.fullmatch(f"{whole}[*]", resource) is not None
    )


def _texts(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else () if value is None else (value,)
    return tuple(str(each) for each in listed)


def _few(texts: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(texts))
    more = f" and {len(distinct) - 3} more" if len(distinct) > 3 else ""  # noqa: PLR2004 - as many as are shown
    return f"{', '.join(distinct[:3])}{more}" or "nothing"


def _shown(text: str, policy: str) -> str:
    cut = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return f"{cut} ({policy})"
