"""Which credential may do what: what is handed out for it, and what cannot be narrowed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grantee:
    """One credential and what it is to be able to do.

    Attributes:
        name: As people know it: `ses-eu.smtp_username`, `plan, drift, pull and check`.
        may: One sentence.
        rights: In the words of whoever gives them: actions, scopes, permissions; sorted. Empty: it has no such thing.
        limits: What they allow beyond what is needed, because nothing narrower can be had; sentences.
        policies: Where exactly these rights are, for machines: the name of a policy or of a file beside.
    """

    name: str
    may: str
    source: str
    rights: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessSheet:
    """Everybody who needs rights at one account or DNS host.

    Attributes:
        senders: Those of apps. managers: Those that sendspec itself works with.
        documents: File name -> policy, to hand to whoever gives the rights.
    """

    senders: tuple[Grantee, ...] = ()
    managers: tuple[Grantee, ...] = ()
    documents: Mapping[str, Mapping[str, object]] | None = None
