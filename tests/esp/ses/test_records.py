"""DNS of an identity: what stands in a zone before and after the lock file knows the tokens."""

import re

import pytest
import yaml

from sendspec.model.dns_record import DnsRecord, Mx, PendingRecord, Purpose, RecordType
from sendspec.model.origin import Document

SETTINGS = "settings: {region: eu-west-1, configuration_set: northwind}"
MAIL, HELP = "mail.northwind.example", "help.northwind.example"
PUBLIC_KEY = "p=" + "QUJD" * 64


def by_purpose(records, purpose):
    return [record for record in records if record.purpose is purpose]


def test_tokens_of_the_lock_become_three_cnames_in_the_zone_the_lock_names(variant):
    lock = f"{MAIL}: {{dkim: {{tokens: [a1, b2, c3], hosted_zone: dkim.eu-south-1.amazonses.com, read: 2026-11-20}}}}"
    found = by_purpose(variant(lock=lock).records(MAIL), Purpose.DKIM)
    assert [(record.name, record.type, record.value) for record in found] == [
        (f"{token}._domainkey.{MAIL}", RecordType.CNAME, f"{token}.dkim.eu-south-1.amazonses.com")
        for token in ("a1", "b2", "c3")
    ]
    assert {record.origin.document for record in found} == {Document.LOCK}


def test_without_a_lock_entry_three_cnames_are_pending_and_the_rest_is_there(variant):
    records = variant(lock="{}").records(MAIL)
    pending = [record for record in records if isinstance(record, PendingRecord)]
    assert [(record.name, record.value) for record in pending] == [
        (f"‹token {number}›._domainkey.{MAIL}", f"‹token {number}›.‹SigningHostedZone›") for number in (1, 2, 3)
    ]
    assert {record.purpose for record in records if isinstance(record, DnsRecord)} == {Purpose.RETURN_PATH, Purpose.SPF}


def test_tokens_without_their_zone_stay_pending_for_it_is_never_assumed(variant):
    lock = f"{MAIL}: {{dkim: {{tokens: [a1, b2, c3], read: 2026-11-20}}}}"
    found = by_purpose(variant(lock=lock).records(MAIL), Purpose.DKIM)
    assert [(type(record), record.name, record.value) for record in found] == [
        (PendingRecord, f"{token}._domainkey.{MAIL}", f"{token}.‹SigningHostedZone›") for token in ("a1", "b2", "c3")
    ]


def test_the_lock_entry_of_a_pending_record_is_what_the_lock_file_takes_once_filled_in(variant):
    pending = by_purpose(variant(lock="{}").records(HELP), Purpose.DKIM)[0]
    values = {"token 1": "a1", "token 2": "b2", "token 3": "c3", "SigningHostedZone": "dkim.amazonses.com"}
    filled = re.sub("‹([^›]+)›", lambda match: values.get(match[1], "2026-11-20"), pending.lock_entry)
    entry = yaml.safe_load(filled)["issued"]["ses-eu"]
    assert list(entry) == [HELP]
    keys = by_purpose(variant(lock=yaml.safe_dump(entry)).records(HELP), Purpose.DKIM)
    assert [record.value for record in keys] == [f"{token}.dkim.amazonses.com" for token in ("a1", "b2", "c3")]
    assert "sendspec pull" in pending.cure
    assert f"get-email-identity --email-identity {HELP} --region eu-west-1" in pending.cure


def test_the_custom_mail_from_has_one_mx_and_an_spf_of_its_own(variant):
    records = variant().records(HELP)
    [mx], [spf] = by_purpose(records, Purpose.RETURN_PATH), by_purpose(records, Purpose.SPF)
    assert (mx.name, mx.value) == (f"bounce.{HELP}", Mx(10, "feedback-smtp.eu-west-1.amazonses.com"))
    assert (spf.name, spf.value) == (f"bounce.{HELP}", "v=spf1 include:amazonses.com ~all")


def test_mail_from_is_the_envelope_and_the_from_domain_signs(variant):
    identity = variant((SETTINGS, "settings: {region: us-west-2, mail_from: rp}")).identity(MAIL)
    assert (identity.envelope_domain, identity.signing_domain) == (f"rp.{MAIL}", MAIL)
    assert Mx(10, "feedback-smtp.us-west-2.amazonses.com") in [record.value for record in identity.records]


def test_without_a_custom_mail_from_the_envelope_is_not_ours(variant):
    identity = variant((SETTINGS, "settings: {region: eu-west-1, mail_from: null}")).identity(MAIL)
    assert identity.envelope_domain is None
    assert identity.envelope_note == ""
    assert {record.purpose for record in identity.records} == {Purpose.DKIM}


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ("configuration_set: x", "uses its own: the SPF leg is silently lost, DKIM carries; worth an alert"),
        ("dkim: none", "uses its own: the SPF leg is silently lost; worth an alert"),
        ("behavior_on_mx_failure: reject", "it refuses the mail; worth an alert"),
    ],
)
def test_what_happens_while_the_mx_cannot_be_seen_is_said_as_declared(variant, settings, note):
    identity = variant((SETTINGS, f"settings: {{region: eu-west-1, {settings}}}")).identity(MAIL)
    assert identity.envelope_note.endswith(note)


def test_without_dkim_nobody_signs_and_no_key_is_published(variant):
    identity = variant((SETTINGS, "settings: {region: eu-west-1, dkim: none}")).identity(MAIL)
    assert identity.signing_domain is None
    assert not by_purpose((*identity.records, *identity.pending), Purpose.DKIM)


def test_a_key_of_ones_own_is_a_txt_record_from_the_lock(variant):
    settings = (SETTINGS, "settings: {region: eu-west-1, dkim: byodkim}")
    lock = f'{MAIL}: {{dkim: {{selector: s1, value: "{PUBLIC_KEY}", read: 2026-11-20}}}}'
    [record] = by_purpose(variant(settings, lock=lock).records(MAIL), Purpose.DKIM)
    assert (record.name, record.type, record.value) == (f"s1._domainkey.{MAIL}", RecordType.TXT, PUBLIC_KEY)
    [pending] = by_purpose(variant(settings, lock="{}").records(MAIL), Purpose.DKIM)
    assert isinstance(pending, PendingRecord)
    assert "dkim_private_key" in pending.cure


def test_a_tracking_host_points_at_the_region(variant):
    settings = (SETTINGS, "settings: {region: eu-west-1, tracking_domain: links.mail.northwind.example}")
    [record] = by_purpose(variant(settings).records(MAIL), Purpose.TRACKING)
    assert (record.name, record.type, record.value) == (
        "links.mail.northwind.example",
        RecordType.CNAME,
        "r.eu-west-1.awstrack.me",
    )
    assert not by_purpose(variant().records(MAIL), Purpose.TRACKING)


@pytest.mark.parametrize("lock", ["{}", f"{MAIL}: {{dkim: {{tokens: [a, b, c], read: 2026-11-20}}}}"])
def test_every_record_says_why_it_is_there_and_what_breaks_without_it(variant, lock):
    for domain, streams in ((MAIL, ("receipts",)), (HELP, ("support",))):
        for record in variant(lock=lock).records(domain):
            assert record.why
            assert record.breaks
            assert "RFC" in record.source or record.source.startswith("https://docs.aws.amazon.com/")
            assert (record.account, record.streams) == ("ses-eu", streams)
