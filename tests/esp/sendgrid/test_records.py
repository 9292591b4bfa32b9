"""The DNS of a domain at SendGrid: what the lock file holds, read with suspicion."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sendspec.esp.interface import IdentityRequest, load_esp
from sendspec.esp.sendgrid.settings import Issued, Settings
from sendspec.model.dns_record import Mx, Purpose
from sendspec.model.origin import Document, Origin

DOMAIN = "news.northwind.example"
ALL = {"region": "global", "link_branding": True}


def read(issued=None, **settings):
    request = IdentityRequest(
        account_id="sendgrid",
        settings=Settings.model_validate(settings),
        domain=DOMAIN,
        uses=(),
        streams=("newsletter",),
        issued=Issued.model_validate(issued) if issued else None,
        origin=Origin(("esps", "sendgrid")),
        issued_origin=Origin(("issued", "sendgrid", DOMAIN), Document.LOCK),
    )
    return load_esp("sendgrid").identity_dns(request)


def part(*records, part_id=1):
    return {"id": part_id, "records": list(records), "read": "2026-11-20"}


def record(name, value="u1.wl.sendgrid.net", record_type="CNAME"):
    return {"type": record_type, "name": name, "value": value}


def values(found):
    return {(each.name, each.type.value): each.value for each in found.records}


def pending(found):
    return [(each.name, each.type.value) for each in found.pending]


def test_before_anything_is_issued_everything_is_pending_with_its_own_entry():
    found = read(**ALL)
    assert found.records == ()
    assert pending(found) == [
        (f"em‹n›.{DOMAIN}", "CNAME"),
        (f"s1._domainkey.{DOMAIN}", "CNAME"),
        (f"s2._domainkey.{DOMAIN}", "CNAME"),
        (f"links.{DOMAIN}", "CNAME"),
        (f"‹id›.{DOMAIN}", "CNAME"),
    ]
    assert (found.envelope_domain, found.signing_domain) == (f"em‹n›.{DOMAIN}", DOMAIN)


def test_the_records_that_were_issued_are_published_and_no_other(variant, full_lock):
    found = variant(lock=full_lock).identity("sendgrid-eu", DOMAIN)
    assert values(found) == {
        (f"em4242.{DOMAIN}", "CNAME"): "u1.wl.sendgrid.net",
        (f"s1._domainkey.{DOMAIN}", "CNAME"): "s1.domainkey.u1.wl.sendgrid.net",
        (f"s2._domainkey.{DOMAIN}", "CNAME"): "s2.domainkey.u1.wl.sendgrid.net",
        (f"links.{DOMAIN}", "CNAME"): "sendgrid.net",
        (f"1234.{DOMAIN}", "CNAME"): "sendgrid.net",
    }
    assert found.pending == ()
    assert found.envelope_domain == f"em4242.{DOMAIN}"
    purposes = [each.purpose for each in found.records]
    assert purposes == [Purpose.RETURN_PATH, Purpose.DKIM, Purpose.DKIM, Purpose.TRACKING, Purpose.TRACKING]
    assert found.records[4].origin.path == ("issued", "sendgrid-eu", DOMAIN, "links", "records", 1)


def test_the_dmarc_record_that_sendgrid_proposes_is_left_out_with_the_reason(variant, full_lock):
    found = variant(lock=full_lock).identity("sendgrid-eu", DOMAIN)
    assert not any(each.name.startswith("_dmarc") for each in (*found.records, *found.pending))
    assert "_dmarc" in found.records[0].why
    assert "override the parent's policy" in found.records[0].why


def test_links_still_pending_do_not_hold_back_the_domain(variant):
    found = variant().identity("sendgrid-eu", DOMAIN)
    assert len(found.records) == 3
    assert pending(found) == [(f"links.{DOMAIN}", "CNAME"), (f"‹id›.{DOMAIN}", "CNAME")]


def test_without_link_branding_no_host_is_asked_for_or_published(full_lock, variant):
    found = variant((", link_branding: true", ""), lock=full_lock).identity("sendgrid-eu", DOMAIN)
    assert len(found.records) == 3
    assert found.pending == ()


def test_half_a_key_pair_leaves_the_other_half_pending():
    found = read({"domain": part(record(f"em1.{DOMAIN}"), record(f"s1._domainkey.{DOMAIN}"))})
    assert pending(found) == [(f"s2._domainkey.{DOMAIN}", "CNAME")]


def test_custom_selectors_are_taken_as_they_come():
    names = (f"em1.{DOMAIN}", f"abc._domainkey.{DOMAIN}", f"abc2._domainkey.{DOMAIN}")
    found = read({"domain": part(*map(record, names))})
    assert found.pending == ()
    assert len(found.records) == 3


def test_chosen_labels_are_known_before_anything_is_issued():
    found = read(link_branding=True, domain_label="bounce", link_label="click")
    assert found.envelope_domain == f"bounce.{DOMAIN}"
    assert (f"bounce.{DOMAIN}", "CNAME") in pending(found)
    assert (f"click.{DOMAIN}", "CNAME") in pending(found)


def test_without_security_the_domain_is_not_authenticated():
    found = read({"domain": part(record(f"em1.{DOMAIN}"))}, security="none", link_branding=True)
    assert (found.records, found.pending, found.envelope_domain, found.signing_domain) == ((), (), None, None)


def test_manual_security_publishes_what_the_lock_holds():
    issued = part(
        record(f"em1.{DOMAIN}", "mx.sendgrid.net.", "MX"),
        record(f"em1.{DOMAIN}", "v=spf1 include:sendgrid.net ~all", "TXT"),
        record(f"m1._domainkey.{DOMAIN}", "k=rsa; t=s; p=MIGf", "TXT"),
    )
    found = read({"domain": issued}, security="manual")
    assert values(found) == {
        (f"em1.{DOMAIN}", "MX"): Mx(10, "mx.sendgrid.net"),
        (f"em1.{DOMAIN}", "TXT"): "v=spf1 include:sendgrid.net ~all",
        (f"m1._domainkey.{DOMAIN}", "TXT"): "k=rsa; t=s; p=MIGf",
    }
    assert [each.purpose for each in found.records] == [Purpose.RETURN_PATH, Purpose.SPF, Purpose.DKIM]
    assert found.pending == ()
    assert found.envelope_domain == f"em1.{DOMAIN}"


def test_manual_security_is_pending_until_then():
    assert pending(read(security="manual")) == [
        (f"em‹n›.{DOMAIN}", "MX"),
        (f"em‹n›.{DOMAIN}", "TXT"),
        (f"m1._domainkey.{DOMAIN}", "TXT"),
    ]


def test_an_mx_may_carry_its_preference():
    found = read({"domain": part(record(f"em1.{DOMAIN}", "20 mx.sendgrid.net", "MX"))}, security="manual")
    assert found.records[0].value == Mx(20, "mx.sendgrid.net")


@pytest.mark.parametrize("settings", [ALL, {"security": "manual", "link_branding": True}])
def test_the_entry_to_paste_has_the_form_that_the_lock_file_needs(settings):
    parts = {}
    for each in read(**settings).pending:
        filled = each.lock_entry.replace("id: ‹id›", "id: 7").replace("em‹n›", "em7").replace("‹date›", "'2026-11-20'")
        filled = filled.replace("u….wl…", "u7.wl").replace("‹id›.", "7.").replace("…", "MIGf")
        entry = yaml.safe_load(filled.replace("‹", "").replace("›", ""))["issued"]["sendgrid"][DOMAIN]
        parts |= entry
    assert set(parts) == {"domain", "links"}
    found = read(parts, **settings)
    assert found.pending == ()
    assert len(found.records) == 5


def test_an_entry_pasted_without_filling_it_is_refused():
    for each in read(**ALL).pending:
        with pytest.raises(ValidationError):
            Issued.model_validate(yaml.safe_load(each.lock_entry)["issued"]["sendgrid"][DOMAIN])


@pytest.mark.parametrize(
    "name",
    ["www.northwind.example", "northwind.example", "evilnews.northwind.example", "example.com", DOMAIN],
)
def test_a_record_outside_the_identity_is_never_published_and_always_seen(name):
    found = read({"domain": part(record(f"em1.{DOMAIN}"), record(name))})
    assert [each.name for each in found.records] == [f"em1.{DOMAIN}"]
    (refusal,) = found.refused
    assert name in refusal.message
    assert refusal.at.path[-2:] == ("records", 1)


def test_a_return_path_outside_the_identity_is_not_the_envelope():
    found = read({"domain": part(record("em1.other.example"))})
    assert found.envelope_domain == f"em‹n›.{DOMAIN}"
    assert (f"em‹n›.{DOMAIN}", "CNAME") in pending(found)


@pytest.mark.parametrize(
    "hostile",
    [
        record(f"*.{DOMAIN}"),
        record(f"em1.{DOMAIN}\nmail.northwind.example. 60 IN A 192.0.2.1"),
        record(f"em 1.{DOMAIN}"),
        record(f'em"1.{DOMAIN}'),
        record(f"em1.{DOMAIN};"),
        record(f"ëm1.{DOMAIN}"),
        record(f"{'a' * 64}.{DOMAIN}"),
        record(f"em1.{DOMAIN}", "u1.wl.sendgrid.net\n$INCLUDE /etc/passwd"),
        record(f"em1.{DOMAIN}", "u1.wl.sendgrid.net extra"),
        record(f"em1.{DOMAIN}", ""),
        record(f"s1._domainkey.{DOMAIN}", "s1.domainkey.evil.example"),
        record(f"em1.{DOMAIN}", "evilsendgrid.net"),
        record(f"_x._domainkey.{DOMAIN}", "s1.domainkey.evil.example"),
        record(f"_mta-sts.{DOMAIN}", "evil.example"),
        record(f"_acme-challenge.{DOMAIN}", "evil.example"),
        record(f"_acme-challenge.shop.{DOMAIN}", "evil.example"),
        record(f"em1.{DOMAIN}", "mx.evil.example", "MX"),
        record(f"em1.{DOMAIN}", "192.0.2.1 x"),
        record(f"em1.{DOMAIN}", "-1 mx.sendgrid.net", "MX"),
        record(f"em1.{DOMAIN}", "65536 mx.sendgrid.net", "MX"),
        record(f"em1.{DOMAIN}", "v=spf1\nv=spf1 +all", "TXT"),
        record(f"em1.{DOMAIN}", "naïve", "TXT"),
        record(f"em1.{DOMAIN}", "", "TXT"),
        record(f"em1.{DOMAIN}", "x" * 5000, "TXT"),
        record(f"em1.{DOMAIN}", "192.0.2.1", "A"),
        record(f"em1.{DOMAIN}", "ns.evil.example", "NS"),
        {**record(f"em1.{DOMAIN}"), "ttl": 0},
    ],
)
def test_a_hostile_lock_record_is_refused(hostile):
    with pytest.raises(ValidationError):
        Issued.model_validate({"domain": part(hostile)})


def test_a_challenge_may_lead_to_a_certificate_authority():
    links = part(record(f"_acme-challenge.links.{DOMAIN}", "dcv.authority.example"), record(f"links.{DOMAIN}"))
    found = read({"links": links}, link_branding=True)
    assert [each.purpose for each in found.records] == [Purpose.VERIFICATION, Purpose.TRACKING]


@pytest.mark.parametrize("bad", [{"id": "4242"}, {"id": 0}, {"id": True}, {"read": "soon"}, {"records": []}, {"x": 1}])
def test_a_lock_entry_of_another_shape_is_refused(bad):
    with pytest.raises(ValidationError):
        Issued.model_validate({"domain": part(record(f"em1.{DOMAIN}")) | bad})


def test_a_flood_of_records_is_refused():
    with pytest.raises(ValidationError):
        Issued.model_validate({"domain": part(*(record(f"em{number}.{DOMAIN}") for number in range(17)))})


labels = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
names = st.lists(labels, min_size=1, max_size=3).map(".".join)
endings = st.sampled_from([f".{DOMAIN}", ".northwind.example", f"-{DOMAIN}", ".example.com", f".x.{DOMAIN}"])
types = st.sampled_from(["CNAME", "MX", "TXT"])
records = st.builds(
    lambda name, ending, record_type: record(
        name + ending, "v=spf1 -all" if record_type == "TXT" else "u1.wl.sendgrid.net", record_type
    ),
    names,
    endings,
    types,
)


@given(domain=st.lists(records, min_size=1, max_size=8), links=st.lists(records, min_size=1, max_size=4))
def test_whatever_the_lock_says_nothing_is_published_outside_the_identity_or_as_dmarc(domain, links):
    found = read({"domain": part(*domain), "links": part(*links)}, **ALL)
    for each in found.records:
        assert each.name.endswith(f".{DOMAIN}")
        assert not each.name.startswith("_dmarc.")
    outside = [each for each in (*domain, *links) if not each["name"].endswith(f".{DOMAIN}")]
    assert len(found.refused) == len([each for each in outside if not each["name"].startswith("_dmarc.")])
