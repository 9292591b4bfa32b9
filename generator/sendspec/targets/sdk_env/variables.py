"""The variables that SDKs read by themselves, in front of those that every app has."""

from collections.abc import Iterator

from sendspec.esp.interface import load_esp
from sendspec.model.app import App, Binding, Variable
from sendspec.model.credential import Credential
from sendspec.model.vocabulary import Via
from sendspec.targets.app_bindings import by_stream, obstacle
from sendspec.targets.env_file import Group, route_comments

LIBRARY = "sdk"


def groups_of(app: App) -> Iterator[Group]:
    """Give each route of an app with the variables of its ESP's SDKs, then its own."""
    taken: dict[str, Variable] = {}
    for routes in by_stream(app):
        for binding in routes.bindings:
            named, notes = [], list(route_comments(binding))
            for variable in _sdk_variables(binding):
                first = taken.setdefault(variable.name, variable)
                named.append(variable)
                if _meaning(first) != _meaning(variable):
                    notes.append(
                        f"{variable.name} is taken already, {first.because}: a process has one of them, so let the module's"
                        f" client bring what {binding.account.id} wants"
                    )
            if named:
                client = load_esp(binding.account.kind).clients[LIBRARY]
                notes += [client.note, *_other_names(named)]
            yield binding, tuple(notes), (*named, *binding.variables)


def _sdk_variables(binding: Binding) -> Iterator[Variable]:
    if binding.route.via is not Via.API or not binding.account.is_esp or obstacle(binding):
        return
    client = load_esp(binding.account.kind).clients.get(LIBRARY)
    if client is None:
        return
    because = f"for the SDKs of {binding.account.title}, account {binding.account.id}"
    for option in client.options(binding.route.endpoint, binding.route.delivery):
        origin = binding.route.origin
        if isinstance(option.value, Credential):
            yield Variable(option.name, None, option.value, because, origin)
        else:
            yield Variable(option.name, str(option.value), None, because, origin)


def _meaning(variable: Variable) -> str:
    return variable.credential.reference if variable.credential else variable.value or ""


def _other_names(variables: list[Variable]) -> Iterator[str]:
    for variable in variables:
        if variable.credential and variable.credential.env != variable.name:
            yield f"{variable.name} takes the value of {variable.credential.env}, which is the spec's name for it"
