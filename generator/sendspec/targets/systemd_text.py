"""Comments in files of systemd, and values behind the `=` of an env file."""

import re

from sendspec.targets.app_notes import hash_comment

SAFE = re.compile(r"[A-Za-z0-9._+/=:@,-]+\Z")
"""Characters that mean nothing to the reader, so they need no quotes."""
NEED_ESCAPE = re.compile(r'["\\`$]')


def unsayable(value: str) -> str | None:
    """Say why a value cannot stand in such a file; None when it can. It can always, as long as it can be seen."""
    if not value:
        return "it is empty"
    if any(not character.isprintable() for character in value):
        return "it holds a line end or another control character"
    return None


def quote(value: str) -> str:
    """Give a value as it stands behind the `=`. Only for values that `unsayable` lets through.

    In double quotes a backslash escapes what a shell wants escaped there, so a shell reads the same; in single quotes
    there is no way to write one. Source: systemd.exec(5), EnvironmentFile=; seen with systemd 252 on 2026-11-26.
    """
    if SAFE.match(value):
        return value
    return '"' + NEED_ESCAPE.sub(lambda found: f"\\{found[0]}", value) + '"'


def systemd_comment(text: object) -> str:
    """Give text as comment lines. None ends with a backslash: before systemd 254 that made the next line a comment.

    Source: https://github.com/systemd/systemd/issues/27975.
    """
    return "\n".join(f"{line} #" if line.endswith("\\") else line for line in hash_comment(text).split("\n"))
