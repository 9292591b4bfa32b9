"""What can keep the answer to a call away."""

from enum import StrEnum


class Trouble(StrEnum):
    """What kept an answer away."""

    NO_ADDRESS = "its name has no address"
    UNRESOLVED = "its name cannot be looked up"
    NOT_PUBLIC = "its address is not public"
    UNREACHABLE = "it cannot be reached"
    TIMEOUT = "no answer in time"
    RESET = "the connection was closed without an answer"
    CERTIFICATE_EXPIRED = "its certificate has expired"
    CERTIFICATE_NAME = "its certificate is for another name"
    CERTIFICATE_CHAIN = "its certificate comes from nobody we trust"
    TLS = "TLS cannot be agreed on"
    MALFORMED = "something that is no HTTP answer"
    TOO_LARGE = "an answer without end"
    UNSENDABLE = "a call that cannot be sent"
    """Ours to cure: an address that is no https, a key with a line break in it."""
    STOPPED = "not asked"
