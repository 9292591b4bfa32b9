"""How values are written in Postfix's tables and in the script that completes them."""

import re
import shlex

from sendspec.model.credential import Credential, Literal, Login


def header_pattern(name: str) -> str:
    """Give the regular expression that finds a header in a regexp table: POSIX, extended, any case."""
    return f"/^{re.sub(r'[^A-Za-z0-9_-]', lambda found: chr(92) + found[0], name)}:/"


def header_text(name: str, value: str) -> str:
    """Give a header as the text of an action. A `$` would start a substitution, so it is doubled."""
    return f"{name}: {value}".replace("$", "$$")


def network(text: str) -> str:
    """Give an address or a network as `mynetworks` takes it: those of IPv6 in brackets, the length behind them."""
    address, slash, length = text.partition("/")
    return f"[{address}]{slash}{length}" if ":" in address else text


def shell_word(login: Login) -> str:
    """Give a login as one word of a shell script: a literal in single quotes, a credential as its variable in double ones."""
    if isinstance(login, Literal):
        return shlex.quote(login.value)
    return f'"${{{login.env}}}"'


def shell_check(credential: Credential) -> str:
    """Give the arguments by which the script checks a variable: name, value, where it is kept."""
    return f'{credential.env} "${{{credential.env}-}}" {shlex.quote(credential.reference)}'
