"""The one error that parsers of record values raise."""


class RecordError(ValueError):
    """A text that is not the record it claims to be.

    `reason` is one sentence without the record's name; `part` is the term or tag at fault, empty for the whole record.
    """

    def __init__(self, reason: str, part: str = "") -> None:
        super().__init__(f"{part}: {reason}" if part else reason)
        self.reason = reason
        self.part = part
