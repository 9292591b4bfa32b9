"""How values are written in Exim's configuration, and in the script that writes its secrets."""

import ipaddress
import re
import shlex

from sendspec.model.credential import Credential, Literal, Login

PLAIN = re.compile(r"[A-Za-z0-9 ._@/<>=,;*&?!-]")
SIMPLE_LOCAL_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=-]*")
LOOPBACK = "127.0.0.1"


def expanded(text: str) -> str:
    """Give text that comes out of an expansion as it is: what may mean something there is written as its octet's code."""
    return "".join(
        character if PLAIN.fullmatch(character) else "".join(f"\\x{octet:02x}" for octet in character.encode())
        for character in text
    )


def sender_item(sender: str) -> str:
    """Give an item of an address list; `@shop.example` is every address of the domain."""
    local_part, _, domain = sender.rpartition("@")
    if not local_part or SIMPLE_LOCAL_PART.fullmatch(local_part):
        return f"{local_part or '*'}@{domain}"
    pattern = "".join(found if found.isalnum() else f"\\{found}" for found in sender).replace(":", "::")
    return rf"\N^(?i){pattern}$\N"


def login_part(login: Login) -> str:
    """Give one part of a PLAIN login. `^` stands for NUL there, so it is doubled; a colon ends an item of the list."""
    if isinstance(login, Literal):
        return expanded(login.value.replace("^", "^^"))
    return rf"${{sg{{${{readfile{{SENDSPEC_FOLDER/{login.env}}}{{}}}}}}{{\N\^\N}}{{^^}}}}"


def interface(host: str) -> str:
    """Give where to listen; every address for a name, because Exim takes addresses only."""
    if host == "localhost":
        return LOOPBACK
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "::0 ; 0.0.0.0"


def shell_check(credential: Credential) -> str:
    """Give the arguments by which the script checks a variable: name, value, where it is kept."""
    return f'{credential.env} "${{{credential.env}-}}" {shlex.quote(credential.reference)}'
