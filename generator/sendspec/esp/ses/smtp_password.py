"""The SMTP password that belongs to a secret access key in a region.

AWS's published algorithm, as its script calculates it: https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
("Obtaining Amazon SES SMTP credentials by converting existing AWS credentials"), read 2026-11-26. The older one, without
the region and with the version 2, is obsolete.
"""

import base64
import hashlib
import hmac

from sendspec.model.secret import Secret

DATE, SERVICE, TERMINAL, MESSAGE = "11111111", "ses", "aws4_request", "SendRawEmail"
VERSION = b"\x04"


def smtp_password(secret_access_key: Secret, region: str) -> Secret:
    """Derive the password. It is good in this region only."""
    key = f"AWS4{secret_access_key.reveal()}".encode()
    for part in (DATE, region, SERVICE, TERMINAL, MESSAGE):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return Secret(base64.b64encode(VERSION + key).decode())
