"""What the spec says about DMARC."""

from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.origin import Origin


class DmarcPolicy(StrEnum):
    """RFC 9989 section 4.7. `rank` orders them: the higher, the stricter."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def rank(self) -> int:
        """Give 0 for none, 1 for quarantine, 2 for reject."""
        return ("none", "quarantine", "reject").index(self.value)


@dataclass(frozen=True, slots=True)
class DmarcIntent:
    """What a domain or subdomain says about DMARC. `target` is where the policy is to lead; equal to `policy` if unsaid.

    `subdomains` is `sp`, None: `policy` holds below it too; `nonexistent` is `np`, None: the policy for subdomains holds.
    `testing` is `t=y`, `psd` is `y`, `n` or empty, `failure_reports` is `ruf`.
    """

    name: str
    policy: DmarcPolicy
    target: DmarcPolicy
    strict_spf: bool
    strict_dkim: bool
    reports: tuple[str, ...]
    origin: Origin
    subdomains: DmarcPolicy | None = None
    testing: bool = False
    psd: str = ""
    nonexistent: DmarcPolicy | None = None
    failure_reports: tuple[str, ...] = ()
