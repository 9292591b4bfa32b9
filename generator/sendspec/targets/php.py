"""What the PHP targets share: source for values, comments that cannot end PHP, and which stream comes first."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sendspec.model.app import App
from sendspec.model.credential import Credential, Literal, Login
from sendspec.targets.app_bindings import StreamBindings, by_stream, fixed_sender
from sendspec.targets.app_notes import comment, one_line
from sendspec.targets.interface import LeftOut

Value: TypeAlias = "str | int | float | bool | Credential | Mapping[str, Value] | tuple[Value, ...] | None"
"""What a PHP file holds. A credential is written as an expression that reads the environment."""


def php(value: Value, secret: Callable[[Credential], str], columns: int = 0) -> str:
    """Give a PHP expression. Arrays with keys take a line an entry, indented by four more than `columns`; lists take one."""
    if isinstance(value, str):
        return php_string(value)
    if isinstance(value, Credential):
        return secret(value)
    if isinstance(value, Mapping):
        inner = " " * (columns + 4)
        lines = [f"{inner}{php_string(key)} => {php(item, secret, columns + 4)},\n" for key, item in value.items()]
        return "[\n" + "".join(lines) + " " * columns + "]" if lines else "[]"
    if isinstance(value, tuple):
        return "[" + ", ".join(php(item, secret, columns) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else repr(value)


def php_string(text: str) -> str:
    r"""Give a string literal: single quotes, where only `\` and `'` mean something; else double ones with codes.

    What is not printable is written as its code (PHP 7.0), so that nobody is shown a lie.
    """
    if text.isprintable():
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\$':
        return "\\" + character
    return character if character.isprintable() else f"\\u{{{ord(character):X}}}"


def slash_comment(text: object) -> str:
    """Give text as PHP comment lines."""
    return comment(_inside_php(text), "//")


def slash_command(text: object) -> str:
    """Give a command as one comment line, never wrapped, so that it can be copied."""
    return f"// {one_line(_inside_php(text))}"


def _inside_php(text: object) -> str:
    """Take `?>` apart: it ends PHP in a one-line comment too, and what is behind it would be sent to the browser."""
    return str(text).replace("?>", "? >")


def login_value(login: Login | None) -> Value:
    """Give what stands where a user name or a password goes."""
    return login.value if isinstance(login, Literal) else login


def lost_names(app: App) -> tuple[str, ...]:
    """Give a sentence for each stream whose display name PHP loses (seen with Symfony Mime 5.4 and PHPMailer 6.6)."""
    return tuple(f"{each.bindings[0].stream.id}: {each.reason}; {each.fix}" for each in names_left_out(app))


def names_left_out(app: App) -> tuple[LeftOut, ...]:
    """Give the streams whose display name PHP loses: what `Target.leaves_out` of PHP targets gives."""
    return tuple(
        LeftOut(
            group.bindings,
            "its mail has no display name, because PHP takes the name 0 for none",
            "choose another one",
            is_whole=False,
            at=group.stream.senders[0].origin,
        )
        for group in by_stream(app)
        if (sender := fixed_sender(group.stream)) is not None and sender.display_name == "0"
    )


def default_first(app: App) -> tuple[StreamBindings, ...]:
    """Give an app's streams, first the one whose mailer takes mail that names none (password resets, error reports).

    That is the first that is not bulk, because a password reset that leaves with the newsletter shares its reputation,
    and of those one with a From of our own rather than customers'; the others follow as declared.
    """
    streams = by_stream(app)
    first = min(streams, key=lambda each: (each.stream.kind.is_bulk, fixed_sender(each.stream) is None), default=None)
    return (first, *(each for each in streams if each is not first)) if first else ()
