"""How an SES login is replaced: by a new access key of the same IAM user, with the SMTP password that belongs to it.

AWS's own order: make a second key, use it everywhere, make the first one inactive, delete it when nothing misses it
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html, read 2026-11-26).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from sendspec.esp.managing import Desk
from sendspec.esp.rotating import KeyRotator, LiveKey, Made, Making, Rotator, SpecKey, Standing
from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.endpoint import API_CREDENTIALS, SMTP_CREDENTIALS
from sendspec.esp.ses.manage_calls import Answer, Calls, Refused, Trouble
from sendspec.esp.ses.rotate_dkim import DKIM
from sendspec.esp.ses.smtp_password import smtp_password
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.credential_use import logins_in_use
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup

PAIRS = (SMTP_CREDENTIALS, API_CREDENTIALS)
NAMES = frozenset(pair[0] for pair in PAIRS)
"""The credentials that hold an access key id."""
SECRET_KEY = API_CREDENTIALS[1]
MOST_KEYS = 2
"""Of one user: "You can have a maximum of two access keys per user"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html, read 2026-11-26)."""
KEY_ID = re.compile(r"[A-Z0-9]{16,128}\Z")
"""Shape accessKeyIdType of botocore 1.44.5 iam is `[\\w]+`, 16 to 128; AWS makes capitals and digits only."""
SKEW, LONGEST_MAKING = timedelta(minutes=5), timedelta(minutes=10)
"""By how much AWS's clock may differ (a signature that is further off is refused), and what a call with all its
repetitions takes at most: a key that was made outside of this is not from this making."""


def keys(setup: Setup, account: Account) -> tuple[SpecKey, ...]:
    """Give every login of an account: those in use, and those it declares."""
    found: dict[str, SpecKey] = {}
    declared = {each.name: each for each in account.credentials}
    logins = [*logins_in_use(setup, account), *(_pair(declared, pair) for pair in PAIRS)]
    for login in logins:
        if tuple(each.name for each in login) in PAIRS:
            key = SpecKey(tuple(login))
            found.setdefault(key.id, key)
    return tuple(sorted(found.values(), key=lambda each: each.id))


def _pair(declared: Mapping[str, Credential], names: Sequence[str]) -> tuple[Credential, ...]:
    return tuple(declared[name] for name in names if name in declared)


def mark(key_id: str) -> str:
    """Give the name of a key: its last four characters, as the console shows them, and a digest.

    The id itself is half of a login and has the shape of a secret, so the lock file does not keep it.
    """
    return f"{key_id[-4:]}-{hashlib.sha256(key_id.encode()).hexdigest()[:8]}"


async def look(desk: Desk, key: SpecKey) -> Standing | Unread:
    """Find the IAM user by the key that the store holds, its keys, and who else of the spec holds them."""
    where = key.id
    held: dict[str, str] = {}
    current = ""
    pairs = _all_pairs(desk)
    for name, _secret in pairs:
        value = await desk.keeper.value(name.reference)
        is_asked = name.id == key.credentials[0].id
        if isinstance(value, Unresolved):
            if is_asked:
                return Unread(where, f"{name.id}: {value.reason}", value.fix)
            continue
        held[name.id] = mark(value.reveal())
        if is_asked:
            current = value.reveal()
    if not KEY_ID.match(current):
        fix = "put the access key id of the IAM user there, and its secret beside it; AWS's console makes the first key"
        return Unread(where, f"what {key.credentials[0].reference} holds is no access key id", fix)
    calls = _calls(desk)
    found = await calls.ask("iam", "get_access_key_last_used", {"AccessKeyId": current})
    if isinstance(found, Refused):
        return found.unread(where)
    user = str(found.get("UserName") or "")
    if not user:
        return Unread(where, "AWS names no IAM user for the access key in the store", "give it a user of its own")
    every = await _keys_of(calls, user)
    if isinstance(every, Refused):
        return every.unread(where)
    native = {mark(key_id): key_id for key_id, _ in every}
    held = {each: name for each, name in held.items() if name in native or each == key.credentials[0].id}
    sharing = tuple(each for pair in pairs if held.get(pair[0].id) == mark(current) for each in pair)
    live = tuple(each for _, each in every)
    full, fix = _full(user, live, held)
    return Standing(f"IAM user {user}", live, held, sharing, {**native, OWNER: user}, full, fix)


OWNER = "user"
"""Beside the names of keys, which all have a hyphen in them."""


def _all_pairs(desk: Desk) -> list[tuple[Credential, Credential]]:
    """Give every login of every account of this kind: several accounts and regions may share one user."""
    accounts = (each for each in desk.setup.accounts if each.kind == desk.account.kind)
    found = (key.credentials for account in accounts for key in keys(desk.setup, account))
    return list(dict.fromkeys(cast("tuple[Credential, Credential]", pair) for pair in found))


async def _keys_of(calls: Calls, user: str) -> list[tuple[str, LiveKey]] | Refused:
    listed = await calls.pages("iam", "list_access_keys", {"UserName": user}, "AccessKeyMetadata")
    if isinstance(listed, Refused):
        return listed
    found = []
    for each in listed:
        key_id = str(each.get("AccessKeyId") or "")
        used = await calls.ask("iam", "get_access_key_last_used", {"AccessKeyId": key_id})
        if isinstance(used, Refused) and used.trouble is not Trouble.MISSING:
            return used
        last = None if isinstance(used, Refused) else (used.get("AccessKeyLastUsed") or {}).get("LastUsedDate")
        found.append((key_id, _live(key_id, each, last)))
    return found


def _live(key_id: str, listed: Answer, last_used: object) -> LiveKey:
    made = listed.get("CreateDate")
    return LiveKey(
        mark(key_id),
        made=made if isinstance(made, datetime) else None,
        is_active=listed.get("Status") == "Active",
        last_used=last_used if isinstance(last_used, datetime) else None,
    )


def _full(user: str, live: Sequence[LiveKey], held: Mapping[str, str]) -> tuple[str, str]:
    """Say why no further key can be made: which of the two the spec holds, and what is known of the other."""
    if len(live) < MOST_KEYS:
        return "", ""
    others = [each for each in live if each.name not in held.values()]
    told = " and ".join(_told(each) for each in others) or "both are in stores of the spec"
    said = f"IAM user {user} has {len(live)} access keys already, and AWS allows {MOST_KEYS}: {told}"
    if not others:
        return said, "give each account of the spec an IAM user of its own, then rotate"
    tails = ", ".join(f"…{each.name.partition('-')[0]}" for each in others)
    fix = (
        f"see what uses {tails}; if nothing does, make it inactive, and delete it later: `aws iam update-access-key "
        f"--user-name {user} --status Inactive --access-key-id ID`, `aws iam delete-access-key --user-name {user} "
        "--access-key-id ID`; sendspec deletes no key that it did not find in a store of the spec or make itself"
    )
    return said, fix


def _told(key: LiveKey) -> str:
    made = f", made {key.made:%Y-%m-%d}" if key.made else ""
    used = f"last used {key.last_used:%Y-%m-%d}" if key.last_used else "never used as far as AWS knows"
    return f"…{key.name.partition('-')[0]} is in no store of the spec ({used}{made}{'' if key.is_active else ', inactive'})"


def is_ours(key: LiveKey, making: Making) -> bool:
    """Tell by the time: AWS lets nobody name a key."""
    if key.name in making.before or key.made is None:
        return False
    return making.begun - SKEW <= key.made <= making.begun + LONGEST_MAKING


async def make(desk: Desk, _key: SpecKey, standing: Standing, _making: Making) -> Made | Outcome:
    """Make a second key of the user."""
    answer = await _calls(desk).ask("iam", "create_access_key", {"UserName": standing.native[OWNER]})
    if isinstance(answer, Refused):
        return answer.outcome()
    made = answer.get("AccessKey") or {}
    key_id, secret = str(made.get("AccessKeyId") or ""), Secret(str(made.get("SecretAccessKey") or ""))
    if not key_id or not secret.reveal():
        return Outcome(Failure.UNKNOWN, "iam:CreateAccessKey answers otherwise than described", "run it again")
    desk.keeper.cover(Secret(key_id))
    desk.keeper.cover(secret)
    return Made(mark(key_id), _values(desk, standing.sharing, key_id, secret), key_id)


def _values(desk: Desk, credentials: Sequence[Credential], key_id: str, secret: Secret) -> dict[str, Secret]:
    """Give what belongs into each store: secrets first, so that whoever finds the new id finds its secret."""
    ordered = sorted(credentials, key=lambda each: each.name in NAMES)
    return {each.id: _value(desk, each, key_id, secret) for each in ordered}


def _value(desk: Desk, credential: Credential, key_id: str, secret: Secret) -> Secret:
    if credential.name in NAMES:
        return Secret(key_id)
    if credential.name == SECRET_KEY:
        return secret
    return smtp_password(secret, settings_of(desk.setup.account(credential.account)).region)


async def recover(
    desk: Desk, credentials: Sequence[Credential], standing: Standing, name: str
) -> Mapping[str, Secret] | None:
    """Take what the stores hold for the secrets of the new key. With a secret access key among them all follow from it."""
    key_id = standing.native.get(name)
    if key_id is None:
        return None
    kept: dict[str, Secret] = {}
    for credential in credentials:
        if credential.name not in NAMES:
            value = await desk.keeper.value(credential.reference)
            if isinstance(value, Unresolved):
                return None
            kept[credential.id] = value
    whole = next((each for each in _secret_keys(desk, credentials, standing, name)), None)
    if whole is not None:
        return _values(desk, credentials, key_id, kept[whole.id])
    return {**kept, **{each.id: Secret(key_id) for each in credentials if each.name in NAMES}}


def _secret_keys(desk: Desk, credentials: Sequence[Credential], standing: Standing, name: str) -> Iterator[Credential]:
    """Give secret access keys of the new key: those whose other half is in its store."""
    of_name = {each.id for each in credentials if standing.held.get(each.id) == name}
    for first, secret in _all_pairs(desk):
        if first.id in of_name and secret.name == SECRET_KEY and secret in credentials:
            yield secret


async def settle(_desk: Desk, _key: SpecKey, _name: str) -> Outcome:
    """Nothing is left to do."""
    return Outcome()


async def disable(desk: Desk, standing: Standing, name: str) -> Outcome:
    """Make a key inactive: AWS refuses it, and it can be switched on again."""
    parameters = {**_named(standing, name), "Status": "Inactive"}
    return _ended(await _calls(desk).ask("iam", "update_access_key", parameters))


async def delete(desk: Desk, standing: Standing, name: str) -> Outcome:
    """Delete a key for good."""
    if name not in standing.native:
        return Outcome()
    return _ended(await _calls(desk).ask("iam", "delete_access_key", _named(standing, name)))


def again(standing: Standing, name: str) -> str:
    """Give the command that makes an inactive key active."""
    return (
        f"`aws iam update-access-key --user-name {standing.native.get(OWNER, 'USER')} --status Active --access-key-id "
        f"ID` (the one that ends in {name.partition('-')[0]}) switches it on again at once"
    )


def _named(standing: Standing, name: str) -> dict[str, object]:
    return {"UserName": standing.native[OWNER], "AccessKeyId": standing.native[name]}


def _ended(answer: Answer | Refused) -> Outcome:
    if isinstance(answer, Refused) and answer.trouble is not Trouble.MISSING:
        return answer.outcome()
    return Outcome()


def _calls(desk: Desk) -> Calls:
    return Calls(desk.aws, desk.keeper, settings_of(desk.account).region)


ROTATOR = Rotator(
    keys=KeyRotator(
        title="access key",
        keys=keys,
        look=look,
        is_ours=is_ours,
        make=make,
        recover=recover,
        settle=settle,
        delete=delete,
        resource=lambda _key: "",
        disable=disable,
        again=again,
    ),
    dkim=DKIM,
)
