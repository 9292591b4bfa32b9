"""Where something was said: a key path in the spec or in the lock file."""

from dataclasses import dataclass
from enum import StrEnum


class Document(StrEnum):
    """The two documents people and ESPs speak in."""

    SPEC = "spec"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Origin:
    """A key path such as `streams.receipts.routes.1`, resolved to line and column only when something is reported.

    `path` is relative to the merged spec (all files of the folder are one mapping) or to the lock file.
    """

    path: tuple[str | int, ...] = ()
    document: Document = Document.SPEC

    def key(self, *parts: str | int) -> "Origin":
        """Give the origin of something below this one."""
        return Origin((*self.path, *parts), self.document)

    def to_text(self) -> str:
        """Give the dotted form people read: `streams.receipts.routes[1].esp`."""
        text = ""
        for part in self.path:
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                text += f".{part}" if text else part
        return text if self.document is Document.SPEC else f"lock:{text}"
