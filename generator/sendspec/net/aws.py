"""boto3 clients for managing an account: with the keys that the spec names, else as every AWS tool finds them."""

import logging
import os
from collections.abc import Mapping
from threading import Lock
from typing import Any

from sendspec.model.keeper import MissingKeyError
from sendspec.model.secret import Secret, Unresolved

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 20, 5
"""SES takes about one call a second for most of what is managed, and says so with an error that is worth a retry."""


class AwsClients:
    """Makes each client once. `AWS_ENDPOINT_URL` and its kind lead elsewhere, as for every AWS tool."""

    def __init__(self, key: Mapping[str, Secret | Unresolved] | None = None) -> None:
        """Take `access_key_id` and `secret_access_key`; None: the chain of the AWS SDKs."""
        self._key = key or {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = Lock()
        self._session: Any = None

    def __call__(self, service: str, region: str) -> Any:
        """Give the client of a service in a region; its methods block and may be called from any thread."""
        for name, value in self._key.items():
            if isinstance(value, Unresolved):
                raise MissingKeyError(name, value)
        with self._making:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._make(service, region)
            return self._clients[service, region]

    def _make(self, service: str, region: str) -> Any:
        import boto3  # takes 0.2 s to load
        from botocore.config import Config

        if self._session is None:
            # At level DEBUG, botocore logs every call as it is, with the secrets in it.
            logging.getLogger("botocore").setLevel(logging.INFO)
            names = {"access_key_id": "aws_access_key_id", "secret_access_key": "aws_secret_access_key"}
            key = {
                names[name]: secret.reveal()
                for name, secret in self._key.items()
                if name in names and isinstance(secret, Secret)
            }
            self._session = boto3.Session(**key)
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        return self._session.client(service, region_name=region or os.environ.get("AWS_REGION"), config=config)
