"""Addresses in generated pages."""

import re

from sendspec.markdown import escape_prose

ADDRESS = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:)]")


def with_links(text: str) -> str:
    """Give a sentence with its addresses as links: a backslash before an underscore would lead somewhere else."""
    shown, end = "", 0
    for match in ADDRESS.finditer(text):
        shown += f"{escape_prose(text[end : match.start()])}<{match[0]}>"
        end = match.end()
    return shown + escape_prose(text[end:])
