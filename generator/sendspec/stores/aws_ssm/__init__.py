"""AWS Systems Manager Parameter Store: `aws-ssm:///prod/mail/ses-password`.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html and .../API_PutParameter.html,
read 2026-11-26
"""

from collections.abc import Mapping

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.aws import ask
from sendspec.stores.confirm import confirm
from sendspec.stores.interface import Store, Surroundings

SECURE = "SecureString"
KEPT = ("KeyId", "AllowedPattern", "Description", "DataType")
"""What PutParameter would set anew where it is not said: without KeyId "the system uses the default key". Tags and policies
stay by themselves."""


def read(path: str, _surroundings: Surroundings) -> Secret | Unresolved:
    """Give a parameter's value, decrypted."""
    answer = ask("ssm", "get_parameter", "ssm:GetParameter", Name=path, WithDecryption=True)
    if isinstance(answer, Unresolved):
        return answer
    parameter = answer.get("Parameter")
    if not isinstance(parameter, dict) or not isinstance(parameter.get("Value"), str):
        return Unresolved("AWS answered without a value", "put a value into the parameter")
    if parameter.get("Type") == "StringList":
        return Unresolved("the parameter is a list", "store the credential as a SecureString")
    return Secret(parameter["Value"])


def write(path: str, secret: Secret, surroundings: Surroundings) -> Unresolved | None:
    """Put a value into a parameter, encrypted with the key that it has had. One that does not exist is made.

    The last one to write holds: Parameter Store has no condition on a version.
    """
    kept = _kept(path)
    if isinstance(kept, Unresolved):
        return kept
    answer = ask(
        "ssm",
        "put_parameter",
        "ssm:PutParameter",
        Name=path,
        Value=secret.reveal(),
        Type=SECURE,
        Overwrite=kept is not None,
        **(kept or {}),
    )
    return answer if isinstance(answer, Unresolved) else confirm(read, path, secret, surroundings)


def _kept(path: str) -> Mapping[str, object] | Unresolved | None:
    """Give what is to stay as it is; None for a parameter that does not exist."""
    name = {"Key": "Name", "Option": "Equals", "Values": [path]}
    answer = ask("ssm", "describe_parameters", "ssm:DescribeParameters", ParameterFilters=[name])
    if isinstance(answer, Unresolved):
        return answer
    found = answer.get("Parameters")
    if not isinstance(found, list) or not found:
        return None
    if found[0].get("Type") != SECURE:
        return Unresolved(
            f"the parameter is of the type {found[0].get('Type')}, in plain text, and AWS cannot change the type",
            "delete the parameter, so that it can be made anew as a SecureString",
        )
    kept = {name: found[0][name] for name in KEPT if found[0].get(name)}
    if found[0].get("Tier") == "Advanced":
        kept["Tier"] = "Advanced"
    return kept


STORE = Store(id="aws-ssm", title="AWS Systems Manager Parameter Store", read=read, write=write)
