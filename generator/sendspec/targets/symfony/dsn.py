"""DSNs as Symfony's YAML holds them: RFC 3986 in the parts, secrets read and encoded by Symfony itself."""

from collections.abc import Mapping
from urllib.parse import quote

from sendspec.model.credential import Credential, Login


def dsn(scheme: str, place: str, user: Login | None, password: Login | None, query: Mapping[str, str]) -> str:
    """Give a DSN for a YAML file below `config/`; `place` is the host, with `:port` where there is one.

    Everything is percent-encoded (`rawurlencode`, not form encoding: Symfony leaves a `+` a `+`), so that no part holds
    a blank or a parenthesis, at which `failover(...)` is split.
    """
    login = _part(user) + (f":{_part(password)}" if password is not None else "")
    options = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in query.items())
    return f"{scheme}://" + (f"{login}@" if login else "") + place + (f"?{options}" if options else "")


def in_yaml(text: str) -> str:
    """Give text as Symfony's configuration must hold it: `%` is doubled, for single ones name a parameter."""
    return text.replace("%", "%%")


def _part(login: Login | None) -> str:
    if isinstance(login, Credential):
        return f"%env(urlencode:{login.env})%"
    return _encoded(login.value) if login is not None else ""


def _encoded(text: str) -> str:
    return in_yaml(quote(text, safe=""))
