"""Age of credentials is not known.

Why it matters: `rotate_every` says how old they may get, and without a date nothing notices that they are older.
Do instead: run `sendspec rotate --due`; it notes when each key was made, or first seen, and replaces those that are due.
Only for accounts with `managed: apply`: the keys of others are somebody else's to date.
Source: CIS AWS Foundations Benchmark 1.14 (access keys: 90 days)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.logins import LoginUse, logins_in_use

FILES = "files"


def find(setup: Setup) -> Iterator[Problem]:
    """Give one problem for all of them, at the first."""
    known = {age.credential for age in setup.key_ages}
    undated = [login.secret for login in logins_in_use(setup) if _is_undated(setup, login, known)]
    if undated:
        names = ", ".join(dict.fromkeys(secret.id for secret in undated))
        yield Problem(at=undated[0].origin, message=f"nobody has noted since when there is {names}")


def _is_undated(setup: Setup, login: LoginUse, known: set[str]) -> bool:
    if known.intersection(part.id for part in login.parts):
        return False
    account = setup.index.accounts.get(login.secret.account)
    is_managed = account is not None and account.is_esp and account.managed != FILES
    return is_managed and any(part.rotate_every_seconds for part in login.parts)


RULE = Rule(id="credentials-age-unknown", severity=Severity.INFO, find=find)
