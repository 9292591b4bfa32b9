"""Zone files are what name servers take them for."""

import re
from pathlib import Path

import dns.zone
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.model.dns_record import Mx
from sendspec.targets.bind.quoting import txt

HOSTILE = '"\n@ IN TXT "injected"\n$INCLUDE /etc/passwd\n'
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=700) | st.lists(
    st.sampled_from(['"', "\\", ";", "\\034", "\n", "\r", "\x00", "é", "😀", "(", ")", "$TTL 1", "a" * 253]), min_size=1
).map("".join)
QUOTED_STRING = re.compile(r'"((?:[^"\\]|\\[0-9]{3}|\\["\\])*)"')


def test_name_servers_accept_every_kind_of_record_in_an_owners_zone(
    example_rrsets, render_zone, make_pending, owners_zone, accepts
):
    [file] = render_zone("bind", example_rrsets, pending=(make_pending("em‹n›.news.northwind.example"),))
    assert accepts(owners_zone(file)) == ""


def test_name_servers_accept_odd_texts(make_rrset, render_zone, owners_zone, accepts):
    texts = ['a "quoted" word', "back\\slash", "semi;colon", "é 😀", "tab\tand\nline", "\\034", "x" * 255, "x" * 256]
    [file] = render_zone("bind", [make_rrset("t.northwind.example", "TXT", *texts)])
    assert accepts(owners_zone(file)) == ""


@settings(max_examples=40)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8, unique=True))
def test_bind_holds_the_very_octets_of_any_text(
    texts, make_rrset, render_zone, owners_zone, bind_reads, read_zone_file, expected
):
    rrsets = [make_rrset("t.northwind.example", "TXT", *texts)]
    [file] = render_zone("bind", rrsets)
    held = dns.zone.from_text(bind_reads(owners_zone(file)), origin="northwind.example.", relativize=False)
    rdataset = held.find_rdataset("t.northwind.example.", "TXT")
    assert {b"".join(rdata.strings) for rdata in rdataset} == {text.encode() for text in texts}
    assert read_zone_file(file.content) == expected(rrsets)


def test_a_value_near_the_limit_of_a_record_survives(
    make_rrset, render_zone, owners_zone, accepts, read_zone_file, expected
):
    # RDLENGTH has 16 bits, and each string of 255 octets costs one more.
    rrsets = [make_rrset("t.northwind.example", "TXT", "k" * 65_000)]
    [file] = render_zone("bind", rrsets)
    assert accepts(owners_zone(file)) == ""
    assert read_zone_file(file.content) == expected(rrsets)


@given(text=TEXTS)
def test_strings_have_255_octets_at_most_and_no_blank_is_added_or_lost_between_them(text):
    strings = QUOTED_STRING.findall(txt(text))
    assert " ".join(f'"{string}"' for string in strings) == txt(text)
    octets = [
        re.sub(r"\\(?:([0-9]{3})|(.))", lambda code: chr(int(code[1])) if code[1] else code[2], each)
        for each in strings
    ]
    assert all(1 <= len(each) <= 255 for each in octets)
    assert "".join(octets).encode("latin-1") == text.encode()


def test_an_empty_text_is_one_empty_string():
    assert txt("") == '""'


@given(text=st.text(st.characters(exclude_categories=["Cs"])) | st.just(HOSTILE))
def test_no_text_gets_out_of_a_comment(text, make_rrset, make_pending, render_zone, read_zone_file, expected):
    rrsets = [
        make_rrset("a.northwind.example", "TXT", "v", why=text, source=text, account=text, streams=(text,)),
        make_rrset("b.northwind.example", "MX", Mx(1, "mx.test"), why=f"x\n{text}"),
    ]
    pending = (make_pending(text, value=text, cure=text, why=text), make_pending(HOSTILE))
    [file] = render_zone("bind", rrsets, pending=pending)
    assert read_zone_file(file.content) == expected(rrsets)
    assert all(line.isprintable() for line in file.content.split("\n"))


def test_a_hostile_name_stays_one_name(make_rrset, render_zone, read_zone_file):
    rrsets = [make_rrset('a"\n$INCLUDE (;@.northwind.example', "CNAME", "b\nc;(.test")]
    [file] = render_zone("bind", rrsets)
    assert read_zone_file(file.content) == {
        (r"a\"\010\$INCLUDE\032\(\;\@.northwind.example", "CNAME"): (3600, (r"b\010c\;\(.test",))
    }


def test_the_owners_own_records_after_the_include_keep_their_ttl_and_origin(
    example_rrsets, render_zone, owners_zone, bind_reads
):
    [file] = render_zone("bind", example_rrsets)
    text = bind_reads(owners_zone(file, after="after IN A 192.0.2.1\n"))
    [line] = [line.split() for line in text.splitlines() if line.startswith("after.")]
    assert line == ["after.northwind.example.", "86400", "IN", "A", "192.0.2.1"]


def test_a_file_looks_as_reviewed(example_rrsets, render_zone, make_pending):
    [file] = render_zone("bind", example_rrsets, pending=(make_pending("em‹n›.news.northwind.example"),))
    golden = Path(__file__).parent / "golden" / "zone.db"
    assert file.content == golden.read_text(encoding="utf-8")


def test_a_null_mx_is_the_root_at_preference_zero(make_rrset, render_zone):
    [file] = render_zone("bind", [make_rrset("parked.northwind.example", "MX", Mx(0, ""))])
    assert file.content.endswith("parked  3600 IN MX    0 .\n")


def test_every_target_name_ends_in_a_dot(example_rrsets, render_zone):
    [file] = render_zone("bind", example_rrsets)
    lines = [line for line in file.content.splitlines() if re.search(r" IN (CNAME|MX) ", line)]
    assert len(lines) == 5
    assert all(line.endswith(".") for line in lines)


def test_an_apex_at_the_end_of_another_name_is_no_parent(make_rrset, render_zones, read_zone_file, expected):
    rrsets = [make_rrset("a.shop.example", "TXT", "one"), make_rrset("shop.example", "TXT", "two")]
    [file] = render_zones("bind", ("shop.example", rrsets))
    assert read_zone_file(file.content, "shop.example") == expected(rrsets)


def test_the_spec_may_say_where_the_file_goes(example_rrsets, render_zone):
    assert [file.path for file in render_zone("bind", example_rrsets)] == ["dns/northwind.example/zone.db"]
    assert [file.path for file in render_zone("bind", example_rrsets, zone_file="zones/nw.db")] == ["zones/nw.db"]


def test_what_is_pending_is_shown_with_its_cure(render_zone, make_pending, read_zone_file):
    [file] = render_zone("bind", [], pending=(make_pending("s1._domainkey.news.northwind.example"),))
    assert "; PENDING, sendgrid-eu: newsletter\n;     to get it: run `sendspec pull`\n" in file.content
    assert ";         s1._domainkey.news.northwind.example. CNAME ‹k=rsa; p=…›" in file.content
    assert read_zone_file(file.content) == {}


@pytest.mark.parametrize("target", ["bind", "octodns", "route53"])
def test_only_zones_that_ask_for_it_are_written(target, example_rrsets, render_zone):
    assert render_zone(target, example_rrsets, formats=()) == []
    assert len(render_zone(target, example_rrsets, formats=(target,))) == 1


@pytest.mark.parametrize("target", ["bind", "octodns", "route53"])
def test_the_same_setup_gives_the_same_bytes(target, example_rrsets, render_zone):
    assert render_zone(target, example_rrsets) == render_zone(target, example_rrsets)


def test_a_file_says_first_where_it_comes_from(example_rrsets, render_zone):
    [file] = render_zone("bind", example_rrsets)
    assert file.content.startswith("; generated by sendspec from @SPEC@; edit the spec\n")
