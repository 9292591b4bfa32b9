"""Target cannot express what a route of the app needs.

Why it matters: the rendered settings leave the route out, or cannot require TLS or name the message stream, so mail leaves another way than the spec says, or not at all.
Do instead: choose a target that can (beside a library's, `dotenv` for an API that your own code calls), hand the mail to a relay (`through:`), or change the route's `via`.
Source: what each target declares about its format
"""

from collections.abc import Iterator, Mapping

from sendspec.esp.interface import load_esp
from sendspec.model.account import Account
from sendspec.model.app import App, Binding
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
    """Give each app, target and route with what the target cannot express."""
    for app in setup.apps:
        for each in app.expanded():
            if each is app or each.targets != app.targets:  # an environment with the same targets is said once
                yield from _lacking(each)


def _lacking(app: App) -> Iterator[Problem]:
    at = app.origin.key("environments", app.environment, "targets") if app.environment else app.origin.key("targets")
    left_out = {target: _left_out(app, target) for target in app.targets}
    for binding in app.bindings:
        for target in () if binding.problem else app.targets:
            missing = _missing(app, binding, target)
            if missing and binding.route.id not in left_out[target]:
                wanted = " and ".join(WORDS[feature] for feature in missing).format(esp=binding.account.title)
                yield Problem(
                    at=at,
                    message=f"{app.title}: {target} cannot {wanted}, as the {binding.route.role} of {binding.stream.id} asks",
                    related=((binding.route.origin, f"the {binding.route.role} route"),),
                )


def _missing(app: App, binding: Binding, target_id: str) -> list[Feature]:
    """Give what a target lacks and nothing makes good. A catcher shows mail of every stream, so no header matters there.

    A target without the API leaves the route out. Code of the app's own can take it from the files of another target; a
    finished system loads its own and no other.
    """
    needed = needed_features(app, binding.route)
    missing = needed - expressed_for(target_id, binding.account)
    if not binding.account.is_esp:
        missing -= {Feature.HEADERS}
    if Feature.API in missing and not load_target(target_id).is_system:
        others = [other for other in app.targets if not load_target(other).is_system]
        if any(Feature.API in expressed_for(other, binding.account) for other in others):
            missing -= {Feature.API}
    return sorted(missing)


def _left_out(app: App, target_id: str) -> set[str]:
    """Give the routes that are not in a target's files at all, which is a finding of its own."""
    return {
        binding.route.id
        for left in load_target(target_id).leaves_out(app)
        if left.is_whole
        for binding in left.bindings
    }


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
