"""What every delivery of secrets promises, found by discovery."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from app_setups import ENVIRONMENTS, SPEC, THROUGH, compile_text, in_environments

import sendspec.deliveries
from sendspec.deliveries.interface import EVERY_SCHEME, Delivery, Proof, delivery_ids, load_delivery
from sendspec.targets.app_notes import GENERATED, NOT_RUN

DELIVERIES = [load_delivery(delivery_id) for delivery_id in delivery_ids()]
each_delivery = pytest.mark.parametrize("delivery", DELIVERIES, ids=delivery_ids())
REFERENCES = {
    "env": "env://PROD_TOKEN",
    "aws-sm": "aws-sm://prod/ses#password",
    "aws-ssm": "aws-ssm:///prod/ses/password",
    "op": "op://mail/post-mark/token",
    "vault": "vault://kv/mail#token",
    "gcp-sm": "gcp-sm://my-project/mail-token",
    "file": "file:///run/secrets/token",
}
EACH_SCHEME = SPEC.replace('"op://mail/postmark/token"', '"REFERENCE"')


def apps_of(folder, text):
    return in_environments(compile_text(folder, text)).apps


@pytest.fixture(scope="module")
def apps(tmp_path_factory):
    """Give an app whose credential is kept in each kind of place, in its environments, and one without credentials."""
    found = list(apps_of(tmp_path_factory.mktemp("environments"), ENVIRONMENTS))
    found += apps_of(tmp_path_factory.mktemp("through"), THROUGH)
    for scheme, reference in REFERENCES.items():
        found += apps_of(tmp_path_factory.mktemp(scheme), EACH_SCHEME.replace("REFERENCE", reference))
    return found


def test_each_kind_of_reference_is_tried():
    assert set(REFERENCES) == set(EVERY_SCHEME)


@each_delivery
def test_a_folder_exports_one_delivery_named_after_it(delivery):
    module = __import__(f"{sendspec.deliveries.__name__}.{delivery.id.replace('-', '_')}", fromlist=["DELIVERY"])
    assert [name for name, value in vars(module).items() if isinstance(value, Delivery)] == ["DELIVERY"]
    assert delivery.source.startswith("https://")
    assert delivery.schemes <= EVERY_SCHEME
    assert delivery.schemes
    assert (delivery.proved_with == "") is (delivery.proof is Proof.NOT_RUN)


@each_delivery
def test_its_files_are_marked_sorted_and_in_the_apps_folder(delivery, apps):
    for app in apps:
        files = list(delivery.render(app))
        assert files == list(delivery.render(app))
        assert [file.path for file in files] == sorted({file.path for file in files})
        for file in files:
            assert PurePosixPath(file.path).is_relative_to(app.folder)
            assert ".." not in file.path
            assert file.content.endswith("\n")
            assert GENERATED in file.content
            assert (NOT_RUN in file.content.replace("\n# ", " ")) is (delivery.proof is Proof.NOT_RUN)
            assert file.origins
            assert file.why


@each_delivery
def test_an_app_without_credentials_gets_no_file(delivery, apps):
    for app in apps:
        without = replace(app, bindings=tuple(binding for binding in app.bindings if not binding.account.is_esp))
        assert without.credentials() == ()
        assert list(delivery.render(without)) == []


@each_delivery
def test_it_brings_what_it_carries_and_names_what_it_does_not(delivery, apps):
    for app in apps:
        files = list(delivery.render(app))
        text = "".join(file.content for file in files)
        for credential in app.credentials() if files else ():
            assert credential.env in text
            if credential.scheme not in delivery.schemes:
                lines = [line.lstrip() for line in text.splitlines() if credential.env in line]
                assert all(line.startswith(("#", "//")) for line in lines), lines


@each_delivery
def test_no_reference_can_end_the_comment_or_the_string_it_stands_in(delivery, apps):
    for app in apps:
        for file in delivery.render(app):
            assert all(line.isprintable() for line in file.content.split("\n"))
            assert "file:///run/it's" not in "".join(
                line for line in file.content.splitlines() if not line.lstrip().startswith(("#", "//"))
            )


def test_an_unknown_delivery_is_none():
    with pytest.raises(KeyError):
        load_delivery("post-it")
