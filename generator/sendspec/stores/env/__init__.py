"""Variables of the process's environment: `env://SES_SMTP_PASSWORD`."""

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.interface import Store, Surroundings


def read(name: str, surroundings: Surroundings) -> Secret | Unresolved:
    """Give the value of a variable. One that is set to nothing is not one that is not set: CI sets what it does not have."""
    value = surroundings.environment.get(name)
    if value is None:
        return Unresolved(f"the environment variable {name} is not set", f"set {name} where sendspec runs")
    if not value:
        return Unresolved(
            f"the environment variable {name} is empty",
            f"give {name} its value; CI leaves a variable empty when its secret is missing or withheld",
        )
    return Secret(value)


STORE = Store(id="env", title="environment variables", read=read)
