"""A string in double quotes as YAML 1.1, YAML 1.2 and TOML 1.0 read it alike."""


def double_quoted(text: str) -> str:
    """Give the text in double quotes. What is not printable is written as its code, so that nobody is shown a lie."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the end of the basic plane
