"""Why something exists, as `explain` answers it."""

from dataclasses import dataclass

from sendspec.model.finding import SourceSpan


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer about one thing.

    Attributes:
        kind: rule, record, pending record, variable or file.
        name: What it is called: `pm-bounces.mail.northwind.example CNAME`.
        summary: One sentence: what it is.
        details: (label, text) in reading order: why, what breaks without it, the standard.
        places: Where in the spec or the lock file it comes from.
        paste: Text to put into the lock file, with marks for what is missing; empty where nothing is.
    """

    kind: str
    name: str
    summary: str
    details: tuple[tuple[str, str], ...]
    places: tuple[SourceSpan, ...] = ()
    paste: str = ""
