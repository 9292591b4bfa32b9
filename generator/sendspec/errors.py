"""Broken environments, as exceptions. What the user wrote wrong is a `Finding`, never one of these alone.

```
SendspecError               caught once, in cli.py; message and what to try next; exit code 4
    SpecError               carries findings; nothing can be compiled; exit code 1
    OutputError             path collision, link in the way, unwritable folder; exit code 4
    UsageError              the command line asks for something that is not there; exit code 64
    RefusedError            it could be done and would not be safe; exit code 3
```
"""

from collections.abc import Sequence

from sendspec.model.finding import Finding


class SendspecError(Exception):
    """Something about the environment stops us. `hint` says what to try next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SpecError(SendspecError):
    """The spec cannot be compiled. `findings` holds every problem found, never just the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} problem(s) in the spec")
        self.findings = tuple(findings)


class OutputError(SendspecError):
    """The output folder cannot be written as a whole, so nothing was written."""


class UsageError(SendspecError):
    """The command line names something that does not exist."""


class RefusedError(SendspecError):
    """It would not be safe, so nothing was done."""
