"""What exists in the spelling of what is wanted: placeholders where a value is what they stand for, never a secret."""

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from sendspec.esp.postmark.manage_calls import Api, CallError
from sendspec.model.live import Failure
from sendspec.model.request import PLACEHOLDER
from sendspec.model.secret import Secret, Unresolved

ANOTHER = "‹another value›"
INPUT, SECRET = "input:", "secret:"
LONGEST = 500
"""Of a text that is shown: what Postmark takes for any of them is shorter."""
Values = Mapping[str, Secret | Unresolved]


async def values_of(api: Api, properties: object) -> Values:
    """Give what the placeholders of some properties stand for, by placeholder name (`secret:op://...`)."""
    keeper = api.desk.keeper
    found: dict[str, Secret | Unresolved] = {}
    for name in sorted(set(PLACEHOLDER.findall(json.dumps(properties, ensure_ascii=False)))):
        if name.startswith(SECRET):
            found[name] = await keeper.value(name.removeprefix(SECRET))
        elif name.startswith(INPUT):
            found[name] = await keeper.input(name.removeprefix(INPUT))
    return found


def filled(value: object, values: Values) -> object:
    """Give properties with the placeholders filled in, for the wire. Raises CallError where a value is missing."""
    if isinstance(value, Mapping):
        return {name: filled(part, values) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [filled(part, values) for part in value]
    return _expanded(value, values) if isinstance(value, str) else value


def missing(values: Values) -> Iterator[tuple[str, Unresolved]]:
    """Give the secrets that cannot be had, by reference. What a person gives is asked for when it is needed."""
    for name, value in values.items():
        if isinstance(value, Unresolved) and name.startswith(SECRET):
            yield name.removeprefix(SECRET), value


def spelled(live: object, wanted: object, values: Values) -> object:
    """Give a value that exists, as the spec spells the same; what may be secret and is otherwise is not shown."""
    if isinstance(live, SecretStr):
        return wanted if _is_same(live.get_secret_value(), wanted, values) else ANOTHER
    if isinstance(live, Mapping):
        below = wanted if isinstance(wanted, Mapping) else {}
        return {name: spelled(part, below.get(name), values) for name, part in live.items()}
    if isinstance(live, list):
        beside = list(wanted) if isinstance(wanted, Sequence) and not isinstance(wanted, str) else []
        beside += [None] * (len(live) - len(beside))
        return [spelled(part, other, values) for part, other in zip(live, beside, strict=False)]
    if live is None and wanted == "":  # an empty text comes back as none
        return wanted
    if isinstance(live, str):
        return wanted if _is_same(live, wanted, values) else _shown(live, wanted)
    return live


def differing(live: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """Give the names of members that are not as wanted, sorted. Members that nobody wants do not count."""
    return sorted(name for name in wanted if not _holds(live.get(name), wanted[name]))


def without_login(url: str) -> str:
    """Give a URL without the user name and password in it; none of what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ANOTHER
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _holds(live: object, wanted: object) -> bool:
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        return all(_holds(live.get(name), part) for name, part in wanted.items())
    return live == wanted


def _shown(live: str, wanted: object) -> str:
    """Give text that differs. Where a placeholder was wanted it may be a secret, and so may be the login in a URL."""
    if isinstance(wanted, str) and PLACEHOLDER.search(wanted):
        return ANOTHER
    bare = without_login(live) if "@" in live and "://" in live else live
    text = bare if bare == live else bare.replace("://", f"://{ANOTHER}@", 1)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _is_same(live: str, wanted: object, values: Values) -> bool:
    """Tell whether a value is the one wanted. What only a person can give, and has not given, cannot be told apart."""
    if not isinstance(wanted, str):
        return False
    names = PLACEHOLDER.findall(wanted)
    unknown = [name for name in names if isinstance(values.get(name), Unresolved)]
    if unknown:
        return all(name.startswith(INPUT) for name in unknown) and live != ""
    return live == _expanded(wanted, values)


def _expanded(text: str, values: Values) -> str:
    for name in PLACEHOLDER.findall(text):
        value = values.get(name)
        if isinstance(value, Unresolved):
            raise CallError(Failure.NEEDS, value.reason, value.fix)
        if isinstance(value, Secret):
            text = text.replace(f"${{{name}}}", value.reveal())
    return text
