"""A file that render writes."""

from dataclasses import dataclass

from sendspec.model.origin import Origin


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file below the output folder.

    Attributes:
        path: Relative, with forward slashes; never absolute, never with `..`.
        content: The whole text, ending in a newline.
        origins: The spec entries it is made from, in reading order; never empty.
        why: One sentence for `explain` and the manifest: what it is and who reads it.
    """

    path: str
    content: str
    origins: tuple[Origin, ...]
    why: str
