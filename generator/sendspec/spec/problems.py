"""Problems become findings: with a place, an excerpt, a cure, and no secret in any of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.origin import Document, Origin
from sendspec.model.spec_rule import SpecRule
from sendspec.spec import secret_shapes
from sendspec.spec.positions import Positions
from sendspec.spec.wording import Context, describe
from sendspec.yaml_source import Flaw

M = TypeVar("M", bound=BaseModel)
MAX_TEXT = 500
"""A message quotes values; a value can have megabytes."""
ROOT_NAMES = {Document.SPEC: "the spec", Document.LOCK: "the lock file"}


class FindingCollector:
    """Takes problems as they are found. Each is kept once, however many entries inherit the value at fault."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._findings: dict[tuple[str, str, int, int, str], Finding] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give what was found so far, sorted by place."""
        return tuple(sorted(self._findings.values(), key=Finding.sort_key))

    def validate(self, model: type[M], value: object, origin: Origin, *, partial: bool = False) -> M | None:
        """Validate a raw value, reporting what is wrong with it; None when something is.

        `partial` says that the value may be only a part of what the model describes.
        """
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                if not (partial and details["type"] == "missing") and not _counts_wrong(details):
                    self._describe(model, details, origin)
        return None

    def _describe(self, model: type[BaseModel], details: ErrorDetails, origin: Origin) -> None:
        path = details["loc"]
        is_key = bool(path) and path[-1] == "[key]"
        if is_key:
            path = path[:-1]
        at = origin.key(*path)
        root = f"`{origin.to_text()}`" if origin.path else ROOT_NAMES[origin.document]
        hides, hides_key = (self._positions.is_hidden(at, key=key) for key in (False, True))
        wording = describe(details, Context(model, root, path, hides, hides_key))
        if self._positions.has_secret(at, key=is_key or wording.at_key):
            return  # the finding about the secret says all; any other could quote a part of it
        where = self._positions.span(at, key=is_key or wording.at_key)
        finding = Finding(wording.rule, Severity.ERROR, wording.message, where, fix=wording.fix)
        self._keep(finding, subject=f"{details['type']} {at.path[-1:]}")

    def unknown(self, origin: Origin, message: str, fix: str) -> None:
        """Report a name that nothing answers to."""
        self.add(SpecRule.UNKNOWN_REFERENCE, origin, message, fix)

    def add(
        self,
        rule: SpecRule,
        origin: Origin,
        message: str,
        fix: str,
        *,
        key: bool = False,
        severity: Severity = Severity.ERROR,
        related: Sequence[SourceSpan] = (),
    ) -> None:
        """Report a problem at an origin, unless its value holds a secret: that has a finding of its own."""
        if not self._positions.has_secret(origin, key=key):
            self._keep(Finding(rule, severity, message, self._positions.span(origin, key=key), tuple(related), fix))

    def add_flaw(self, flaw: Flaw, severity: Severity = Severity.ERROR) -> None:
        """Report a problem of a file; without a name of a file, of none."""
        related = tuple(self._positions.span_at(place) for place in flaw.related)
        where = self._positions.span_at(flaw.place) if flaw.place.file else None
        self._keep(Finding(flaw.rule, severity, flaw.message, where, related, flaw.fix))

    def _keep(self, finding: Finding, subject: str = "") -> None:
        """Keep a finding unless there is one of the same rule and subject (else: message) at the same place."""
        where = finding.where
        place = (where.file, where.line, where.column) if where else ("", 0, 0)
        cleaned = replace(finding, message=clean(finding.message), fix=clean(finding.fix))
        self._findings.setdefault((finding.rule, *place, subject or cleaned.message), cleaned)


def _counts_wrong(details: ErrorDetails) -> bool:
    """Tell whether pydantic calls a list too short only because it did not count the entries that are wrong."""
    return details["type"] == "too_short" and len(details["input"]) >= details["ctx"]["min_length"]


def clean(text: str) -> str:
    """Give text fit for a terminal: secrets masked, control characters replaced, of bounded length."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in secret_shapes.mask(text))
    return shown if len(shown) <= MAX_TEXT else f"{shown[:MAX_TEXT]}…"
