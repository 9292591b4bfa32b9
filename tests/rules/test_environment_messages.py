"""What findings about environments say: what reaches people and by which way, and what to write instead."""

import shutil
from pathlib import Path

import pytest

from sendspec.model.finding import Severity
from sendspec.pipeline import validate

FIXTURES = Path(__file__).resolve().parent / "apps"


def finding(spec, folder):
    """Give the one finding of a fixture's own rule."""
    shutil.copy(FIXTURES / f"{spec}.yaml", folder / "spec.yaml")
    rule = "apps-" + Path(spec).parent.name.replace("_", "-")
    (found,) = (each for each in validate(folder, None).findings if each.rule == rule)
    return found


@pytest.mark.parametrize(
    ("spec", "message", "fix"),
    [
        ("bad-catcher-at-an-esp", "shop (development): its mail reaches people, smtp.postmarkapp.com is a server of Postmark", "Mailpit"),
        ("bad-catcher-at-a-mailbox-provider", "aspmx.l.google.com is a server of a mailbox provider", "Mailpit"),
        ("bad-catcher-at-the-relay-of-production", "relay of production listens at 10.0.0.5:25", "Mailpit"),
        ("bad-relay-at-the-same-address", "crm (staging): its mail reaches people, relay of production listens at 10.0.0.5:25", "`apps.relay.environments.staging.listens`"),
        ("bad-relay-at-the-same-address-says-so-twice", "relay of production listens at 10.0.0.5:25", "`apps.relay.environments.staging.listens`"),
        ("bad-sandbox-with-a-login-of-production", "it has production's login at pm for a sandbox's", "where those of a sandbox are kept"),
        ("bad-sandbox-with-half-a-login-of-production", "it has production's login at ses-eu for a sandbox's", "where those of a sandbox are kept"),
        ("bad-sandbox-that-its-login-replaces", "it has production's login at pm for a sandbox's", "`mail: catcher`"),
        ("bad-real-with-a-reference-of-production", "without a login of its own at pm", ""),
    ],
)  # fmt: skip
def test_mail_that_reaches_people_by_mistake_is_an_error_that_says_how_and_the_way_out(spec, message, fix, tmp_path):
    found = finding(f"environment_reaches_people/{spec}", tmp_path)
    assert found.severity is Severity.ERROR
    assert message in found.message
    assert fix in found.fix


def test_real_mail_with_credentials_of_its_own_is_a_warning(tmp_path):
    assert finding("environment_reaches_people/bad-credentials-of-its-own", tmp_path).severity is Severity.WARNING


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("environment_reaches_people/bad-relay-at-the-same-address", "    listens: {host: 10.0.0.5"),
        ("plain_text_leaves_network/bad-relay-of-an-environment", "        listens: {host: relay.staging.shop.example"),
    ],
)
def test_where_the_relay_listens_is_shown(spec, said, tmp_path):
    (place,) = finding(spec, tmp_path).related
    assert (tmp_path / "spec.yaml").read_text(encoding="utf-8").splitlines()[place.line - 1].startswith(said)
