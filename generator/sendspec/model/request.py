"""One call to a provider's API as data: people read it, and run it by hand or with any HTTP client.

Text in braces stands for what is not known when the call is written down, in three forms:
`${input:NAME}` a person decides, `${secret:REFERENCE}` is read from the secret store, `${KIND/ID#FIELD}` was kept from
the answer of an earlier call.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NONE_KEPT: Mapping[str, str] = {}
PLACEHOLDER = re.compile(r"\$\{([^${}]+)\}")
ANSWER = re.compile(r"(?!input:|secret:)(?P<resource>.+)#(?P<field>[A-Za-z_]+)\Z")


@dataclass(frozen=True, slots=True)
class Request:
    """A call that brings one resource about.

    Attributes:
        resource: `kind/id` of the resource it belongs to.
        headers: In the order to show; a secret is always a placeholder.
        body: JSON-able; None for a call without one.
        unless: One sentence: what to look up first, and when to leave the call out. Makes a second run harmless.
        after: One sentence: what must be true in the world first; empty when the calls before are enough.
        keep: Placeholder name (`KIND/ID#FIELD`) -> JSON pointer (RFC 6901) into the answer.
        store: Secret reference -> JSON pointer into the answer: a secret that the provider shows once.
    """

    resource: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: object
    why: str
    source: str
    unless: str = ""
    after: str = ""
    keep: Mapping[str, str] = field(default_factory=lambda: NONE_KEPT)
    store: Mapping[str, str] = field(default_factory=lambda: NONE_KEPT)

    def to_data(self, step: int) -> dict[str, object]:
        """Give the JSON-able form in reading order, without what is empty."""
        parts: dict[str, object] = {
            "step": step,
            "resource": self.resource,
            "why": self.why,
            "after": self.after,
            "unless": self.unless,
            "method": self.method,
            "url": self.url,
            "headers": dict(self.headers),
            "body": self.body,
            "keep": dict(self.keep),
            "store": dict(self.store),
            "source": self.source,
        }
        return {name: value for name, value in parts.items() if value not in ("", None, {})}


def secret(reference: str) -> str:
    """Give the placeholder of a secret kept at a reference."""
    return f"${{secret:{reference}}}"


def asked(name: str) -> str:
    """Give the placeholder of something only a person can decide."""
    return f"${{input:{name}}}"


def answer(resource: str, name: str) -> str:
    """Give the placeholder of a field kept from the answer that made a resource."""
    return f"${{{resource}#{name}}}"
