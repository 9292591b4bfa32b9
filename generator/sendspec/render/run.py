"""Every file of a setup: asks each target and each ESP that the spec names, and adds what is ours."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sendspec.deliveries.interface import delivery_ids, load_delivery
from sendspec.esp.interface import esp_ids, load_esp
from sendspec.model.decision import Decision
from sendspec.model.output_file import OutputFile
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup
from sendspec.render.access import access_files
from sendspec.render.manifest import manifest_file
from sendspec.render.monitoring.run import monitoring_files
from sendspec.render.mta_sts import policy_files
from sendspec.render.paths import check_paths
from sendspec.render.places import Places, Positions
from sendspec.render.readme import readme_file
from sendspec.targets.interface import load_target, target_ids

HEADER = "sendspec from @SPEC@"
"""In a file's header `@SPEC@` stands for the names of the spec files it comes from: only here they are known.

Only the whole phrase counts: `@SPEC@` alone may be somebody's display name.
"""


def render_files(setup: Setup, positions: Positions, decisions: Sequence[Decision] = ()) -> tuple[OutputFile, ...]:
    """Give every file of the output folder, sorted by path; the same setup gives the same bytes.

    `decisions` are what README shows of the advice; without them it has no such section. A target or an ESP that does not exist is passed over: rules report it.

    Raises:
        OutputError: a path leads outside, or two files want one place.
    """
    places = Places(positions)
    made = (
        *_target_files(setup),
        *_esp_files(setup),
        *access_files(setup, places),
        *policy_files(setup),
        *monitoring_files(setup),
    )
    files = [_named(file, places) for file in made]
    files.append(_named(readme_file(setup, files, places, decisions), places))
    files.append(manifest_file(setup, files, places))
    check_paths((file.path, _owner(file, places)) for file in files)
    return tuple(sorted(files, key=lambda file: file.path))


def _target_files(setup: Setup) -> Iterator[OutputFile]:
    """Give the files of every target. To a target, an app in another environment is one more app."""
    expanded = tuple(each for app in setup.apps for each in app.expanded())
    formats = {target for domain in setup.domains for target in domain.zone.formats}
    wanted = formats | {target for app in expanded for target in app.targets}
    for target_id in sorted(wanted & set(target_ids())):
        yield from load_target(target_id).render(replace(setup, apps=expanded))
    for app in expanded:
        if app.secrets in delivery_ids():
            yield from load_delivery(app.secrets).render(app)


def _esp_files(setup: Setup) -> Iterator[OutputFile]:
    resources: dict[str, list[Resource]] = {account.id: [] for account in setup.accounts}
    for resource in setup.resources:
        resources[resource.account].append(resource)
    known = set(esp_ids())
    for account in setup.accounts:
        if account.kind in known:
            yield from load_esp(account.kind).files(setup, account, resources[account.id])


def _named(file: OutputFile, places: Places) -> OutputFile:
    if HEADER not in file.content:
        return file
    return replace(file, content=file.content.replace(HEADER, f"sendspec from {places.files(file.origins)}"))


def _owner(file: OutputFile, places: Places) -> str:
    return ", ".join((*places.lines(file.origins[:1]), file.why))
