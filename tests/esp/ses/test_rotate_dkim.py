"""A DKIM key of one's own is replaced in dated steps: published beside the old one, signed with, the old one taken away."""

from datetime import timedelta

import pytest
import yaml
from aws_world import make_empty
from iam_user import IamUser
from rotation_bench import Bench, Shelf, Wish

from sendspec.esp.ses import manage_calls
from sendspec.esp.ses.dkim_keys import new_private_key, public_half
from sendspec.lock.load import LOCK_FILE
from sendspec.model.live import Failure
from sendspec.model.rotation import Todo
from sendspec.rotate import dkim

DOMAIN = "mail.northwind.example"
ALL = Wish(("ses-eu",), dkim="")
DUE = Wish(("ses-eu",), is_due_only=True)
SPEC = """
version: 1
domains: {northwind.example: {}}
esps:
  ses-eu:
    kind: ses
    managed: apply
    settings: {region: eu-west-1, dkim: byodkim}
    credentials:
      access_key_id: {from: "env://ID", env: ID}
      secret_access_key: {from: "env://KEY", env: KEY}
    manage: {dkim_private_key: {from: "aws-sm://prod/mail/dkim#{domain}-{selector}"}}
streams:
  receipts:
    kind: transactional
    from: Northwind <receipts@mail.northwind.example>
    routes: [{role: primary, via: api, esp: ses-eu}]
"""


@pytest.fixture
def bench(world, tmp_path, monkeypatch):
    monkeypatch.setattr(manage_calls, "FIRST_PAUSE_SECONDS", 0.001)
    make_empty(world)
    key = new_private_key()
    value = f"v=DKIM1; k=rsa; p={public_half(key.reveal())}"
    entry = {"selector": "s20260101", "value": value, "read": "2026-01-01"}
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / LOCK_FILE).write_text(yaml.safe_dump({"version": 1, "issued": {"ses-eu": {DOMAIN: {"dkim": entry}}}}))
    found = Bench(tmp_path, Shelf({f"aws-sm://prod/mail/dkim#{DOMAIN}-s20260101": key.reveal()}), aws=IamUser(world))
    found.aws("sesv2", "eu-west-1").create_email_identity(
        EmailIdentity=DOMAIN,
        DkimSigningAttributes={"DomainSigningSelector": "s20260101", "DomainSigningPrivateKey": key.reveal()},
    )
    found.published = False

    async def lacking(_net, _setup, name, _value):
        return "" if found.published else f"{name} is not there yet"

    monkeypatch.setattr(dkim, "lacking", lacking)
    yield found
    found.assert_no_secret_was_told()


def issued(bench) -> dict:
    return yaml.safe_load(bench.lock)["issued"]["ses-eu"][DOMAIN]


def signing(bench) -> list[str]:
    client = bench.aws("sesv2", "eu-west-1")
    return client.get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Tokens"]


def records(bench) -> set[str]:
    return {rrset.name for _, rrset in bench.setup().rrsets() if "._domainkey." in rrset.name}


def test_two_selectors_then_one(bench):
    [begun] = bench.rotate(ALL).rotated
    assert begun.failure is None, begun
    new = issued(bench)["next"]["selector"]
    assert records(bench) == {f"s20260101._domainkey.{DOMAIN}", f"{new}._domainkey.{DOMAIN}"}
    assert signing(bench) == ["s20260101"]

    [waiting] = bench.rotate(ALL).prospects
    assert waiting.todo is Todo.WAIT
    assert signing(bench) == ["s20260101"]

    bench.published = True
    [switched] = bench.rotate(ALL).rotated
    assert switched.failure is None, switched
    assert signing(bench) == [new]
    assert issued(bench)["dkim"]["selector"] == new
    assert issued(bench)["previous"]["selector"] == "s20260101"
    assert "next" not in issued(bench)
    assert len(records(bench)) == 2

    assert [each.todo for each in bench.rotate(DUE).prospects if "/dkim/" in each.id] == [Todo.WAIT]
    bench.passed = timedelta(days=8)
    bench.rotate(DUE)
    assert records(bench) == {f"{new}._domainkey.{DOMAIN}"}
    assert "under_way" not in bench.entry(f"ses-eu/dkim/{DOMAIN}")


@pytest.mark.parametrize("is_after", [False, True])
def test_killed_at_any_call_a_rotation_ends_with_one_new_key(bench, is_after):
    position = 0
    bench.published = True
    while bench.killed(ALL, position + 1, is_after=is_after):
        position += 1
        assert signing(bench)[0] in {issued(bench)["dkim"]["selector"], issued(bench).get("next", {}).get("selector")}
    for _ in range(3):
        bench.rotate(ALL)
    assert signing(bench) == [issued(bench)["dkim"]["selector"]]
    assert signing(bench) != ["s20260101"]
    assert len([each for each in bench.shelf.held if "dkim" in each]) == 2


def test_one_place_for_two_keys_is_refused(bench):
    text = (bench.folder / "spec.yaml").read_text().replace("{domain}-{selector}", "{domain}")
    (bench.folder / "spec.yaml").write_text(text)
    [run] = bench.rotate(ALL).rotated
    assert run.failure is Failure.NEEDS
    assert "{selector}" in run.fix
    assert "next" not in issued(bench)


def test_easy_dkim_is_sess_own_matter(bench):
    text = (bench.folder / "spec.yaml").read_text()
    (bench.folder / "spec.yaml").write_text(text.replace(", dkim: byodkim", ""))
    (bench.folder / LOCK_FILE).unlink()
    run = bench.rotate(ALL)
    assert "by itself" in run.notes[0]
    assert run.rotated == ()
