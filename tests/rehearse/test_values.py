"""What is pending is filled in with values that the ESP's own models take, and what is known stays."""

from datetime import date

import pytest

from sendspec.model.credential import Credential
from sendspec.model.dns_record import Purpose
from sendspec.model.origin import Origin
from sendspec.pipeline import compile_folder
from sendspec.records import dkim
from sendspec.rehearse.values import MadeUpSecrets, fill_issued

DAY = date(2026, 11, 26)


def filled(folder):
    return compile_folder(folder, lambda setup, issued: fill_issued(setup, issued, DAY)).setup


@pytest.mark.parametrize(
    "example", ["specs", "examples/saas/specs", "examples/small-shop/specs", "examples/two-regions/specs"]
)
def test_nothing_is_pending_any_more(repository, example):
    assert list(filled(repository / example).pending()) == []


def test_without_a_lock_file_everything_is_made_up(northwind):
    known = filled(northwind)
    (northwind / "sendspec.lock.yaml").unlink()
    made_up = filled(northwind)
    assert list(made_up.pending()) == []
    for setup in (known, made_up):
        for _, rrset in setup.rrsets():
            for value in rrset.values:
                if value.purpose is Purpose.DKIM and rrset.type == "TXT":
                    assert dkim.key_bits(dkim.parse(str(value.value))) >= 1024


def test_what_the_lock_file_holds_stays(repository):
    before = compile_folder(repository / "specs").setup
    after = filled(repository / "specs")
    kept = {(rrset.name, rrset.type, rrset.values[0].value) for _, rrset in before.rrsets()}
    assert kept <= {(rrset.name, rrset.type, rrset.values[0].value) for _, rrset in after.rrsets()}


@pytest.mark.parametrize(
    ("old", "new"),
    [("dkim: easy", "dkim: byodkim"), ("subuser: northwind-eu,", "subuser: northwind-eu, security: manual,")],
)
def test_other_ways_to_sign_are_filled_in_too(northwind, old, new):
    spec = northwind / "northwind.yaml"
    assert old in spec.read_text()
    spec.write_text(spec.read_text().replace(old, new))
    (northwind / "sendspec.lock.yaml").unlink()
    assert list(filled(northwind).pending()) == []


def test_a_reference_has_one_value_and_it_is_hidden():
    made = iter(["first", "second", "third"])
    secrets = MadeUpSecrets(lambda _credential: next(made))
    one, same, other = (
        Credential(f"a.{name}", "a", name, reference, "X", None, Origin())
        for name, reference in (("token", "op://v/i/f"), ("again", "op://v/i/f"), ("other", "op://v/i/g"))
    )
    assert secrets.value(one) == secrets.value(same) != secrets.value(other)
    assert secrets.hide(f"it says {secrets.value(one)}!") == "it says …!"
