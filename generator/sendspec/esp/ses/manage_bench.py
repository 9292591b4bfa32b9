"""What every part of managing an SES account works with: calls, placeholders both ways, and what the spec wants."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sendspec.esp.managing import Desk
from sendspec.esp.ses.facts import partition
from sendspec.esp.ses.manage_calls import Answer, Calls, Refused, Trouble
from sendspec.esp.ses.names import CALLER
from sendspec.esp.ses.resources import TOPIC
from sendspec.esp.ses.settings import Settings
from sendspec.model.live import Failure, LiveResource, Outcome, Unread
from sendspec.model.request import answer
from sendspec.model.resource import Resource
from sendspec.model.secret import Secret, Unresolved

AT_ONCE = 4
"""Reads at the same time: enough to hide the network, few enough for SES's limit of about one a second to be met by waiting."""
ACCOUNT = answer(CALLER, "Account")
Issued = Mapping[str, Mapping[str, Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a read of one kind found: resources, why the kind could not be read, issued values, notes."""

    found: tuple[LiveResource, ...] = ()
    unread: Unread | None = None
    issued: Issued = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """One account while it is managed. `number` is the AWS account's, `wanted` the spec's resources by `kind/id`."""

    desk: Desk
    settings: Settings
    calls: Calls
    number: str
    wanted: Mapping[str, Resource]

    def properties(self, key: str) -> Mapping[str, object]:
        """Give what the spec wants of a resource; nothing for one it does not want."""
        resource = self.wanted.get(key)
        return resource.properties if resource else {}

    def where(self, kind: str) -> str:
        """Name a kind in this account, for people."""
        return f"{self.desk.account.id}: {kind}"

    def arn(self, service: str, name: str) -> str:
        """Give the ARN of something in this account and region; IAM has no regions."""
        region = "" if service == "iam" else self.settings.region
        return f"arn:{partition(self.settings.region)}:{service}:{region}:{self.number}:{name}"

    def topic_arn(self, name: str) -> str:
        """Give the ARN of a topic: it follows from its name."""
        return self.arn("sns", name)

    def topic_placeholder(self, arn: str) -> str:
        """Give what the spec says in place of a topic's ARN; one of another account or region stays as it is."""
        start = self.topic_arn("")
        return answer(f"{TOPIC}/{arn.removeprefix(start)}", "TopicArn") if arn.startswith(start) else arn

    def as_in_spec(self, value: object) -> object:
        """Put the placeholder in the place of the account's number, unless the spec says the number itself."""
        if isinstance(value, Mapping):
            return {str(name): self.as_in_spec(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.as_in_spec(part) for part in value]
        if not isinstance(value, str) or self.settings.aws_account is not None:
            return value
        return ACCOUNT if value == self.number else value.replace(f":{self.number}:", f":{ACCOUNT}:")

    async def as_at_aws(self, value: object) -> object | Outcome:
        """Put values in the place of placeholders; an Outcome where one cannot be had."""
        if isinstance(value, Mapping):
            filled = {str(name): await self.as_at_aws(part) for name, part in value.items()}
            return next((part for part in filled.values() if isinstance(part, Outcome)), filled)
        if isinstance(value, list | tuple):
            parts = [await self.as_at_aws(part) for part in value]
            return next((part for part in parts if isinstance(part, Outcome)), parts)
        if not isinstance(value, str) or "${" not in value:
            return value
        return await self._text_at_aws(value)

    async def _text_at_aws(self, text: str) -> str | Outcome:
        start, end = f"${{{TOPIC}/", "#TopicArn}"
        if text.startswith(start) and text.endswith(end):
            return self.topic_arn(text[len(start) : -len(end)])
        secret: Secret | Unresolved | None = None
        if text.startswith("${secret:") and text.endswith("}"):
            secret = await self.desk.keeper.value(text[len("${secret:") : -1])
        elif text.startswith("${input:") and text.endswith("}"):
            secret = await self.desk.keeper.input(text[len("${input:") : -1])
        if isinstance(secret, Unresolved):
            return Outcome(Failure.NEEDS, f"{text}: {secret.reason}", secret.fix)
        if secret is not None:
            return secret.reveal()
        return text.replace(ACCOUNT, self.number)


def ended(answer: Answer | Refused, *fine: Trouble, native_id: str = "") -> Outcome:
    """Give what came of a change by the answer to its last call; `fine` is trouble that means it was done before."""
    if isinstance(answer, Refused) and answer.trouble not in fine:
        return answer.outcome()
    return Outcome(native_id=native_id)


async def look_at(
    ids: Collection[str], look: Callable[[str], Awaitable[LiveResource | Refused | None]]
) -> list[LiveResource] | Refused:
    """Look at several resources, a few at once, sorted by id; the first refusal ends it: nothing is known then."""
    room = asyncio.Semaphore(AT_ONCE)
    refusals: list[Refused] = []

    async def one(resource_id: str) -> LiveResource | None:
        async with room:
            seen = None if refusals else await look(resource_id)
        if isinstance(seen, Refused):
            refusals.append(seen)
            return None
        return seen

    found = await asyncio.gather(*(one(each) for each in sorted(ids)))
    return refusals[0] if refusals else [each for each in found if each is not None]


def spelled(live: object, wanted: object) -> object:
    """Give what is live in the spelling of what is wanted: lists of the same members in the wanted order."""
    if isinstance(live, Mapping) and isinstance(wanted, Mapping):
        return {str(name): spelled(part, wanted.get(name)) for name, part in live.items()}
    if isinstance(live, list) and isinstance(wanted, list | tuple) and _members(live) == _members(wanted):
        return list(wanted)
    return live


def _members(values: Iterable[object]) -> list[str]:
    return sorted(json.dumps(value, sort_keys=True, default=str) for value in values)


def covers(live: object, wanted: object, leave_out: Collection[str] = ()) -> bool:
    """Tell whether what is live is as wanted in everything that is stated."""
    if isinstance(wanted, Mapping):
        have = live if isinstance(live, Mapping) else {}
        return all(covers(have.get(name), part) for name, part in wanted.items() if name not in leave_out)
    return spelled(live, wanted) == (list(wanted) if isinstance(wanted, tuple) else wanted)


def mapping(value: object) -> dict[str, object]:
    """Give a mapping as it is, and an empty one for anything else."""
    return dict(value) if isinstance(value, Mapping) else {}
