"""The DNS of a domain at Postmark."""

import pytest
import yaml
from pydantic import ValidationError

from sendspec.esp.postmark.settings import Issued
from sendspec.model.dns_record import Purpose, RecordType
from sendspec.model.origin import Document


def identity(setup, domain):
    found = setup.identity("postmark-main", domain)
    assert found is not None
    return found


def test_the_issued_key_is_published_at_its_selector(variant):
    found = identity(variant(), "mail.northwind.example")
    key = next(record for record in found.records if record.purpose is Purpose.DKIM)
    assert (key.name, key.type) == ("20261120pm._domainkey.mail.northwind.example", RecordType.TXT)
    assert key.value == "k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN"
    assert key.origin.document is Document.LOCK
    assert found.pending == ()


def test_the_return_path_needs_nothing_from_the_lock(variant):
    for domain in ("mail.northwind.example", "auth.northwind.example"):
        found = identity(variant(lock=""), domain)
        record = next(record for record in found.records if record.purpose is Purpose.RETURN_PATH)
        assert (record.name, record.type, record.value) == (f"pm-bounces.{domain}", RecordType.CNAME, "pm.mtasv.net")
        assert found.envelope_domain == f"pm-bounces.{domain}"


def test_a_key_that_is_not_issued_yet_is_pending_and_counts_as_declared(variant):
    found = identity(variant(), "auth.northwind.example")
    assert found.signing_domain == "auth.northwind.example"
    (pending,) = found.pending
    assert (pending.name, pending.value) == ("‹selector›._domainkey.auth.northwind.example", "‹k=rsa; p=…›")
    assert "sendspec pull" in pending.cure


def test_the_entry_to_paste_has_the_form_that_the_lock_file_needs(variant):
    (pending,) = identity(variant(), "auth.northwind.example").pending
    filled = pending.lock_entry.replace("‹selector›", "20261120pm").replace("‹date›", "'2026-11-20'")
    entry = yaml.safe_load(filled.replace("‹k=rsa; p=…›", "k=rsa; p=AAAA"))["issued"]["postmark-main"]
    assert Issued.model_validate(entry["auth.northwind.example"]).dkim.selector == "20261120pm"


def test_an_entry_pasted_without_filling_it_is_refused(variant):
    (pending,) = identity(variant(), "auth.northwind.example").pending
    entry = yaml.safe_load(pending.lock_entry)["issued"]["postmark-main"]["auth.northwind.example"]
    with pytest.raises(ValidationError):
        Issued.model_validate(entry)


def test_a_chosen_return_path_is_used(variant):
    setup = variant(("{server: northwind-production}", "{server: x, return_path: bounces}"))
    assert identity(setup, "mail.northwind.example").envelope_domain == "bounces.mail.northwind.example"


def test_without_dkim_nobody_signs_for_the_domain(variant):
    found = identity(variant(("{server: northwind-production}", '{server: x, dkim: "none"}')), "mail.northwind.example")
    assert found.signing_domain is None
    assert [record.purpose for record in found.records] == [Purpose.RETURN_PATH]
    assert found.pending == ()


@pytest.mark.parametrize(
    "dkim",
    [
        {"selector": "a.b\n", "value": "k=rsa; p=AAAA", "read": "2026-11-20"},
        {"selector": "*", "value": "k=rsa; p=AAAA", "read": "2026-11-20"},
        {"selector": "x._domainkey.evil", "value": "k=rsa; p=AAAA", "read": "2026-11-20"},
        {"selector": "a b", "value": "k=rsa; p=AAAA", "read": "2026-11-20"},
        {"selector": "pm", "value": "v=spf1 +all", "read": "2026-11-20"},
        {"selector": "pm", "value": "k=rsa; p=not base64!", "read": "2026-11-20"},
        {"selector": "pm", "value": "k=rsa; p=AAAA\nmail IN A 192.0.2.1", "read": "2026-11-20"},
        {"selector": "pm", "value": 'k=rsa; p=AAAA" "x', "read": "2026-11-20"},
        {"selector": "pm", "value": "k=rsa; p=AAAA; n=é", "read": "2026-11-20"},
        {"selector": "pm", "value": "k=rsa; p=AAAA", "read": "yesterday"},
        {"selector": "pm", "value": "k=rsa; p=AAAA"},
        {"selector": "pm", "value": "k=rsa; p=AAAA", "read": "2026-11-20", "extra": 1},
    ],
)
def test_a_hostile_lock_entry_is_refused(dkim):
    with pytest.raises(ValidationError):
        Issued.model_validate({"dkim": dkim})
