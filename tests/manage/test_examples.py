"""Every spec that the project shows is carried out whole, and so is its undoing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from aws_world import AwsWorld, aws_world, make_empty
from ses_stand_in import SesStandIn
from whole_world import SPECS, WholeWorld, managed, whole_world

from sendspec import manage
from sendspec.model.plan import Plan
from sendspec.plan.apply import Applied
from sendspec.plan.approval import Approval
from sendspec.spec.files import read_files

FOLDERS = (
    "specs",
    "examples/many-apps/specs",
    "examples/saas/specs",
    "examples/small-shop/specs",
    "examples/two-regions/specs",
)


@pytest.fixture(scope="module")
def amazon() -> Iterator[AwsWorld]:
    with aws_world() as found:
        yield found


def plan(world: WholeWorld) -> Plan:
    return manage.plan(read_files(world.folder), world.terms, lambda _text: None)


def apply(world: WholeWorld, *allowed: str) -> Applied:
    terms = world.terms_with(allowed=allowed)
    applied = manage.apply(read_files(world.folder), terms, Approval, lambda _done: None, lambda _text: None)
    assert applied is not None
    assert [(done.change.key, done.outcome) for done in applied.failed] == []
    assert (applied.unseen, applied.stopping) == ((), ())
    return applied


def settled(world: WholeWorld) -> Plan:
    """Give the plan, without what is handed over to customers."""
    found = plan(world)
    left = [each for each in found.held if "a customer's" not in each.reason]
    assert [(each.change.key, each.reason) for each in left] == []
    assert [(str(each.action), each.key) for each in found.changes if each.place != "postmark-customers"] == []
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_spec_that_the_project_shows_is_built_and_one_stream_less_is_as_well(
    repository: Path, tmp_path: Path, amazon: AwsWorld, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    make_empty(amazon)
    amazon.elsewhere["eu-central-1"] = SesStandIn()
    with whole_world(tmp_path, amazon, monkeypatch, spec=managed(repository / folder)) as world:
        apply(world)
        world.look_at_dns()
        apply(world)
        settled(world)
        spec = world.folder / "spec.yaml"
        data = yaml.safe_load(spec.read_text())
        gone = next(iter(data["streams"]))
        del data["streams"][gone]
        for app in data.get("apps", {}).values():
            app["streams"] = [each for each in app.get("streams", []) if each != gone]
        data["apps"] = {name: app for name, app in data.get("apps", {}).items() if app["streams"]}
        spec.write_text(yaml.safe_dump(data, sort_keys=False))
        before = plan(world)
        assert before.changes
        apply(world, *data["streams"])
        settled(world)


def test_keys_of_our_own_and_records_that_sendgrid_lists_one_by_one_are_built_and_undone(
    tmp_path: Path, amazon: AwsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_empty(amazon)
    text = SPECS["all"]
    for old, new in (
        (
            'aws_account: "123456789012"}\n',
            'aws_account: "123456789012", dkim: byodkim}\n    manage: {dkim_private_key: {from: "file://SECRETS/dkim-{domain}"}}\n',
        ),
        ("link_branding: true}", "link_branding: true, security: manual}"),
    ):
        assert old in text
        text = text.replace(old, new)
    with whole_world(tmp_path, amazon, monkeypatch, spec=text) as world:
        apply(world)
        world.look_at_dns()
        apply(world)
        settled(world)
        kept = (world.secrets / "dkim-mail.shop.example").read_text()
        assert kept not in (world.folder / "sendspec.lock.yaml").read_text()
        spec = world.folder / "spec.yaml"
        spec.write_text(spec.read_text().partition("  receipts:\n")[0])
        apply(world)
        settled(world)
        assert amazon.ses.identities == {}
        names = {name for name, _, _ in world.zone.sets}
        assert not [name for name in names if "mail.shop.example" in name]
        assert (world.secrets / "dkim-mail.shop.example").read_text() == kept
