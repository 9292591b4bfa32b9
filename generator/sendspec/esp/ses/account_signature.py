"""The key that signs read calls to AWS, and the headers that it makes of a call."""

from sendspec.esp.interface import AccountQuestion
from sendspec.esp.ses.account_answers import AmbientKey
from sendspec.esp.ses.endpoint import API_CREDENTIALS
from sendspec.net.json_reply import read_json

AMBIENT = "aws_ambient"
"""The credential that stands for what the machine itself has."""


def signing_key(question: AccountQuestion) -> AmbientKey | None:
    """Give the key to sign with; None where what the machine has is none."""
    if AMBIENT in question.values:
        return read_json(question.values[AMBIENT].reveal().encode(), AmbientKey)
    key_id, secret = (question.values[name].reveal() for name in API_CREDENTIALS)
    return AmbientKey(access_key_id=key_id, secret_access_key=secret)


def signature(key: AmbientKey, url: str, region: str, service: str = "ses") -> list[tuple[str, str]]:
    """Give the headers that sign a read call."""
    from botocore.auth import SigV4Auth  # takes a tenth of a second to load
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method="GET", url=url)
    SigV4Auth(Credentials(key.access_key_id, key.secret_access_key, key.session_token), service, region).add_auth(
        request
    )
    return [(str(name), str(value)) for name, value in request.headers.items()]
