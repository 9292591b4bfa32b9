"""Plans made by hand, for tests of what is said about them."""

from sendspec.model.finding import SourceSpan
from sendspec.model.live import Unread
from sendspec.model.origin import Origin
from sendspec.model.plan import Action, Change, Held, Hold, PropertyChange, Stage
from sendspec.report.page import Page
from sendspec.report.terminal import Paint

ORIGIN = Origin(("esps", "ses"))
PIPED = Page(Paint(is_on=False))


def places(_origin: Origin) -> SourceSpan:
    """Say that everything comes from one line."""
    return SourceSpan("specs/spec.yaml", 7, 3, 6)


def identity(number: int = 1, action: Action = Action.CREATE, **more: object) -> Change:
    """Give a change of an identity at SES."""
    subject = f"identity/c{number}.example"
    facts: dict[str, object] = {
        "key": f"esp/ses/{subject}",
        "place": "ses",
        "subject": subject,
        "action": action,
        "stage": Stage.ISSUE,
        "before": None if action is Action.CREATE else {"A": True},
        "after": None if action is Action.DELETE else {"A": False},
        "origin": ORIGIN,
        "means": ("SES signs for it",),
    }
    return Change(**{**facts, **more})  # type: ignore[arg-type]


def record(values: tuple[str, ...], **more: object) -> Change:
    """Give a TXT set that is made."""
    facts: dict[str, object] = {
        "key": "dns/shop.example/_dmarc.shop.example/TXT",
        "place": "shop.example",
        "subject": "_dmarc.shop.example TXT",
        "action": Action.CREATE,
        "stage": Stage.DNS,
        "before": None,
        "after": {"ttl": 300, "values": list(values)},
        "origin": ORIGIN,
        "means": ("receivers are asked for reject",),
    }
    return Change(**{**facts, **more})  # type: ignore[arg-type]


def switched(before: object = True, after: object = False, **more: object) -> Change:
    """Give an update of one property."""
    return identity(action=Action.UPDATE, differences=(PropertyChange("Tracking.Open", before, after),), **more)


def reported(number: int = 1) -> Held:
    """Give something that is for somebody else to do."""
    return Held(identity(number), Hold.REPORTED, "somebody else applies output/esps/ses/", "apply those files")


def unread(part: str, account: str = "postmark") -> Unread:
    """Give a part of an account that cannot be read for lack of its token."""
    return Unread(f"{account}: {part}", "the token was invalid", "renew it")
