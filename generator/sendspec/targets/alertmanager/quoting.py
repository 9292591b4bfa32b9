"""How values are written in alertmanager.yml and in the script that completes it."""

from sendspec.model.credential import Credential, Literal, Login
from sendspec.targets.quoted_text import double_quoted


def templated(text: str) -> str:
    """Give text as a quoted value that Alertmanager runs as a Go template: braces that would start one stand for themselves."""
    return double_quoted(text.replace("{{", '{{ "{{" }}'))


def user(login: Login) -> str:
    """Give a user name as a quoted value; that of a credential is a placeholder, which the script replaces."""
    return double_quoted(login.value) if isinstance(login, Literal) else placeholder(login.env)


def placeholder(name: str) -> str:
    """Give what stands where the value of a variable goes, quotes included; the names of variables have no `@`."""
    return f'"@{name}@"'


def password(login: Login) -> tuple[str, str]:
    """Give the key and the quoted value of a password: a file that the script writes, or the public value itself.

    The script makes the path absolute: a receiver's path is taken from where Alertmanager was started (0.25).
    """
    if isinstance(login, Credential):
        return "auth_password_file", placeholder(f"secrets/{login.env}")
    return "auth_password", double_quoted(login.value)
