"""No target of the app can express what its route needs.

Why it matters: the rendered settings leave the route out, or cannot require TLS or name the message stream, so mail leaves another way than the spec says, or not at all.
Do instead: add a target that can (`dotenv` for your own code), hand the mail to a relay (`through:`), or change the route's `via`.
Source: what each target declares about its format
"""

from collections.abc import Iterator, Mapping

from sendspec.esp.interface import load_esp
from sendspec.model.account import Account
from sendspec.model.app import App
from sendspec.model.finding import Severity
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Support, Tls, Via
from sendspec.rules.interface import Problem, Rule
from sendspec.targets.interface import Feature, load_target

WORDS = {
    Feature.API: "send over the API of {esp}",
    Feature.STARTTLS: "require STARTTLS",
    Feature.IMPLICIT_TLS: "use implicit TLS",
    Feature.HEADERS: "set the headers that pick the message stream",
    Feature.ENVELOPE_SENDER: "set the envelope sender that the relay tells streams apart by",
}

TLS_FEATURES: Mapping[Tls, frozenset[Feature]] = {
    Tls.STARTTLS: frozenset({Feature.STARTTLS}),
    Tls.IMPLICIT: frozenset({Feature.IMPLICIT_TLS}),
    Tls.NONE: frozenset(),
}


def find(setup: Setup) -> Iterator[Problem]:
    """Give each app and route with what none of the app's targets can express."""
    for app in setup.apps:
        for each in app.expanded():
            if each is app or each.targets != app.targets:  # an environment with the same targets is said once
                yield from _lacking(each)


def _lacking(app: App) -> Iterator[Problem]:
    at = app.origin.key("environments", app.environment, "targets") if app.environment else app.origin.key("targets")
    for binding in app.bindings:
        if not binding.problem:
            expressed = frozenset().union(*(expressed_for(target, binding.account) for target in app.targets))
            missing = sorted(needed_features(app, binding.route) - expressed)
            if missing:
                wanted = " and ".join(WORDS[feature] for feature in missing).format(esp=binding.account.title)
                targets = " nor ".join(app.targets)
                yield Problem(
                    at=at,
                    message=f"{app.title}: {targets} cannot {wanted}, as the {binding.route.role} of {binding.stream.id} asks",
                    related=((binding.route.origin, f"the {binding.route.role} route"),),
                )


def expressed_for(target_id: str, account: Account) -> frozenset[Feature]:
    """Give what a target can express at one account: an API only where its library knows the ESP."""
    target = load_target(target_id)
    if not target.api_library or not account.is_esp:
        return target.expresses
    client = load_esp(account.kind).clients.get(target.api_library)
    is_known = client is not None and client.supported is not Support.NO
    return target.expresses if is_known else target.expresses - {Feature.API}


def needed_features(app: App, route: Route) -> frozenset[Feature]:
    """Give what a target must express for one route. Nothing for a route that the app does not speak: a rule says so."""
    if route.via not in app.speaks:
        return frozenset()
    if route.via is Via.API:
        return frozenset({Feature.API})
    needed = TLS_FEATURES[route.endpoint.tls]
    if app.through:
        needed |= {Feature.ENVELOPE_SENDER}
    return needed | {Feature.HEADERS} if route.endpoint.headers else needed


RULE = Rule(id="apps-target-lacks-feature", severity=Severity.WARNING, find=find)
