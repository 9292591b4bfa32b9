"""What a line of `discourse.conf` and of an env file can hold.

discourse.conf is ERB, then lines `name = value` by the pattern of FileProvider#read: a value in double or in single quotes
ends at the next such quote, there is no escape, and blanks at its ends are dropped. The image makes a discourse.conf of
its variables by putting single quotes around each value (copy-env).
"""

import re

from sendspec.targets.ruby_text import ruby_string

SAFE = re.compile(r"[A-Za-z0-9._+/=:@,~-]*\Z")
"""What every env file reader takes as it is, and copy-env too."""


def conf_value(text: str) -> str | None:
    """Give a value as it stands behind `name =`; None where there is no way to write it."""
    if SAFE.match(text):
        return text
    quote = "'" if '"' in text else '"'
    if quote in text or text != text.strip() or not text.isprintable():
        return None
    return quote + conf_text(text) + quote


def conf_text(text: str) -> str:
    """Give text so that ERB leaves it alone."""
    return text.replace("<%", "<%%")


def ruby_in_erb(text: str) -> str:
    """Give a Ruby string as it stands inside an ERB tag, which ends at the first `%>` wherever it is."""
    return ruby_string(text).replace("%>", r"%\u{3e}")


def env_value(text: str) -> str | None:
    """Give a value as it stands behind `NAME=`; None where readers would not agree on it."""
    return text if SAFE.match(text) else None
