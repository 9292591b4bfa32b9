"""What `docker --env-file` and `kubectl --from-env-file` read: a line is `NAME=value`, without quotes and escapes."""


def unsayable(value: str) -> str | None:
    """Say why a value cannot stand in such a file; None when it can.

    Seen by running docker 28.2 and kubectl 1.32 on 2026-11-26: both keep everything behind the `=`, quotes, `#`, `$` and
    backslashes too.
    """
    if not value:
        return "it is empty"
    if any(not character.isprintable() for character in value):
        return "it holds a line end or another control character"
    if value != value.strip():
        return "it begins or ends with a blank, which nobody sees and editors take away"
    return None


def as_it_is(value: str) -> str:
    """Give a value as it stands behind the `=`. Only for values that `unsayable` lets through."""
    return value
