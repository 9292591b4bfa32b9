"""What we say when we ourselves have failed."""

import traceback
from collections.abc import Mapping

DEBUG_VARIABLE = "SENDSPEC_DEBUG"


def own_failure(error: BaseException, environment: Mapping[str, str]) -> tuple[str, str]:
    """Give (message, hint) about a bug of ours.

    Only the kind of exception and the line of code are said: its text could hold anything that was being worked on.
    With SENDSPEC_DEBUG=1 the whole traceback is, with everything masked that has the shape of a secret.
    """
    from sendspec.spec.secret_shapes import mask

    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    message = f"internal error: {type(error).__name__}{place}; this is a fault of sendspec, not of your spec"
    if environment.get(DEBUG_VARIABLE) == "1":
        return message, mask("".join(traceback.format_exception(error)))
    return message, (
        f"run the same command with {DEBUG_VARIABLE}=1 and send what it prints to the maintainers\n"
        "(secrets of known shapes are masked; look it over all the same)"
    )
