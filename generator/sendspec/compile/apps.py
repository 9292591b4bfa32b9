"""Apps become bindings: each route of each stream as this app uses it in each environment, with the variables it reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sendspec.capacity import Surroundings
from sendspec.compile.app_variables import route_variables, stream_variables, upper
from sendspec.compile.app_ways import Way, as_declared, caught, in_sandbox, through_relay, unusable
from sendspec.compile.secrets import read_credentials
from sendspec.compile.streams import Context
from sendspec.model.app import App, Binding, Listener
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Mail, Via
from sendspec.spec.references import PRODUCTION
from sendspec.spec.schema import AppSpec, EnvironmentSpec


@dataclass(frozen=True, slots=True)
class Place:
    """An app in one environment. `name` is empty for production that is not declared as an environment."""

    app_id: str
    app: AppSpec
    name: str
    environment: EnvironmentSpec

    @property
    def app_origin(self) -> Origin:
        """Give where the app is said."""
        return Origin(("apps", self.app_id))

    @property
    def origin(self) -> Origin:
        """Give where this environment is said: the app itself for production that is not declared as one."""
        return self.app_origin.key("environments", self.name) if self.name else self.app_origin

    @property
    def mail(self) -> Mail:
        """Give what becomes of the mail; the schema refuses an environment but production that does not say."""
        return self.environment.mail or Mail.REAL

    def own_credentials(self, account: str) -> dict[str, Credential]:
        """Give the credentials that only this environment has for an account, by name."""
        declared = self.environment.credentials.get(account, {})
        owner = f"{self.app_id}.{self.name}.{account}"
        return read_credentials(owner, account, declared, self.origin.key("credentials", account))

    def credentials(self, account: str) -> dict[str, Credential]:
        """Give the credentials of its own that the app uses for an account here, by name."""
        declared = self.app.credentials.get(account, {})
        origin = self.app_origin.key("credentials", account)
        return read_credentials(f"{self.app_id}.{account}", account, declared, origin) | self.own_credentials(account)


def compile_app(
    app_id: str, spec: AppSpec, apps: Mapping[str, AppSpec], streams: Mapping[str, Stream], context: Context
) -> App:
    """Resolve one app: its streams in declared order, their routes primary first; other environments in its `variants`."""
    environments = dict(sorted(spec.environments.items()))
    production = environments.pop(PRODUCTION, None)
    first = Place(app_id, spec, PRODUCTION if production else "", production or EnvironmentSpec())
    others = [Place(app_id, spec, name, environment) for name, environment in environments.items()]
    variants = tuple(_compile(place, apps, streams, context) for place in others)
    return replace(_compile(first, apps, streams, context), variants=variants)


def _compile(place: Place, apps: Mapping[str, AppSpec], streams: Mapping[str, Stream], context: Context) -> App:
    spec, environment = place.app, place.environment
    bindings: list[Binding] = []
    for stream in (streams[stream_id] for stream_id in dict.fromkeys(spec.streams)):
        bindings += (_binding(stream, way) for way in _ways(place, stream, apps, context))
    targets = spec.targets if environment.targets is None else environment.targets
    return App(
        id=place.app_id,
        speaks=tuple(sorted(set(spec.speaks))),
        targets=tuple(sorted(set(targets))),
        bindings=tuple(bindings),
        through=spec.through or "",
        smoke_test=spec.smoke_test,
        origin=place.app_origin,
        rtt_ms=spec.rtt_ms,
        is_cold=None if spec.process is None else spec.process == "cold",
        blocked_ports=tuple(sorted(set(spec.blocked_ports))),
        environments=tuple(sorted(spec.environments)),
        listens=listener_of(place.app_id, spec, place.name),
        secrets=environment.secrets or spec.secrets,
        environment=place.name,
        mail=place.mail,
    )


def listener_of(app_id: str, spec: AppSpec, environment: str) -> Listener:
    """Give where an app takes mail of others in an environment; an empty name is production."""
    origin = Origin(("apps", app_id))
    name = environment or PRODUCTION
    said, place = spec.listens, origin.key("listens")
    if name in spec.environments and (own := spec.environments[name].listens):
        said, place = own, origin.key("environments", name, "listens")
    if said is None:
        return Listener(origin=place)
    return Listener(said.host, said.port, said.tls, said.clients, is_said=True, origin=place)


def _binding(stream: Stream, way: Way) -> Binding:
    route = way.route
    prefix = f"MAIL_{upper(stream.id)}_{upper(route.role)}" + (f"_{route.number}" if route.number > 1 else "")
    of_route = () if way.problem else route_variables(route, prefix)
    return Binding(stream, route, way.account, prefix, (*stream_variables(stream), *of_route), way.problem)


def _ways(place: Place, stream: Stream, apps: Mapping[str, AppSpec], context: Context) -> Iterator[Way]:
    relay_id = place.app.through
    if place.mail is Mail.CATCHER:
        for route in stream.routes[:1] if relay_id else stream.routes:
            yield _caught(place, stream, route, context)
    elif relay_id:
        relay = apps[relay_id]
        origin = place.app_origin.key("through")
        way = through_relay(context, stream, relay_id, listener_of(relay_id, relay, place.name), origin)
        has_own = place.name in relay.environments
        yield (
            way
            if place.mail is Mail.REAL or has_own
            else unusable(
                way, f"the relay {relay_id} has no environment {place.name}, so mail handed to it reaches people"
            )
        )
    else:
        for route in stream.routes:
            own = place.credentials(route.account)
            surroundings = Surroundings(place.app.rtt_ms, place.app.process == "cold")
            way = as_declared(context, stream, route, own, surroundings)
            in_sandboxes = place.mail is Mail.SANDBOX
            yield in_sandbox(context, way, place.own_credentials(route.account)) if in_sandboxes else way


def _caught(place: Place, stream: Stream, route: Route, context: Context) -> Way:
    catcher = place.environment.catcher
    way = caught(context, stream, route, catcher.host, catcher.port, place.origin.key("catcher"))
    if Via.SMTP in place.app.speaks:
        return way
    return unusable(way, "a catcher takes SMTP, and this app speaks no SMTP")
