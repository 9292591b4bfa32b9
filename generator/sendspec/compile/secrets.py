"""Which credential each route uses: names and references, never values."""

from collections.abc import Mapping

from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.spec.schema import CredentialSpec


def read_credentials(
    owner: str, account: str, declared: Mapping[str, CredentialSpec], origin: Origin
) -> dict[str, Credential]:
    """Give credentials by name. Without `env:` the variable is named after account and credential: `SES_EU_SMTP_PASSWORD`."""
    return {
        name: Credential(
            id=f"{owner}.{name}",
            account=account,
            name=name,
            reference=spec.from_,
            env=spec.env or f"{account}_{name}".upper().replace("-", "_"),
            rotate_every_seconds=spec.rotate_every,
            origin=origin.key(name),
            overlap_seconds=spec.overlap,
        )
        for name, spec in declared.items()
    }
