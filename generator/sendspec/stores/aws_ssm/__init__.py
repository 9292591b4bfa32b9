"""AWS Systems Manager Parameter Store: `aws-ssm:///prod/mail/ses-password`.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html, read 2026-11-26
"""

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.aws import ask
from sendspec.stores.interface import Store, Surroundings


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


STORE = Store(id="aws-ssm", title="AWS Systems Manager Parameter Store", read=read)
