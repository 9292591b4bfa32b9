import base64
from string import ascii_letters

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from sendspec.records import dkim
from sendspec.records.dkim import DkimKey
from sendspec.records.error import RecordError

words = st.text(ascii_letters, min_size=1, max_size=8)
word_lists = st.lists(words | st.just("*"), max_size=3).map(tuple)
notes = st.text(ascii_letters + "=20 ", max_size=12).map(str.strip)
keys = st.builds(
    DkimKey,
    public_key=st.binary(max_size=40).map(lambda octets: base64.b64encode(octets).decode()),
    key_type=words,
    hashes=word_lists,
    services=word_lists,
    flags=word_lists,
    notes=notes,
)


def encoded(key, public_format=PublicFormat.SubjectPublicKeyInfo):
    encoding = Encoding.Raw if public_format is PublicFormat.Raw else Encoding.DER
    return base64.b64encode(key.public_bytes(encoding, public_format)).decode()


def rsa_key(bits):
    return rsa.generate_private_key(65537, bits).public_key()


@given(keys)
def test_every_key_record_reads_back_as_itself(key):
    assert dkim.parse(key.to_text()) == key


@given(st.text())
def test_any_text_is_a_key_record_or_a_record_error(text):
    for candidate in (text, f"v=DKIM1; p={text}"):
        try:
            key = dkim.parse(candidate)
            dkim.key_bits(key)
        except RecordError:
            continue


@given(st.binary(max_size=60))
def test_any_octets_are_a_key_or_a_record_error(octets):
    for kind in dkim.KEY_TYPES:
        try:
            dkim.key_bits(DkimKey(base64.b64encode(octets).decode(), kind))
        except RecordError:
            continue


@pytest.mark.parametrize("bits", [1024, 2048, 4096])
def test_the_size_of_a_real_rsa_key_is_read_without_a_cryptography_library(bits):
    assert dkim.key_bits(dkim.parse(f"k=rsa; p={encoded(rsa_key(bits))}")) == bits


def test_a_key_cut_short_anywhere_is_refused():
    octets = base64.b64decode(encoded(rsa_key(1024)))
    for length in range(1, len(octets)):
        with pytest.raises(RecordError):
            dkim.key_bits(DkimKey(base64.b64encode(octets[:length]).decode()))


def test_blanks_inside_a_key_do_not_matter():
    text = encoded(rsa_key(1024))
    assert dkim.key_bits(dkim.parse(f"v=DKIM1; p={text[:50]} {text[50:]}")) == 1024


def test_ed25519_is_the_bare_key():
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    assert dkim.key_bits(DkimKey(encoded(public, PublicFormat.Raw), "ed25519")) == 256
    with pytest.raises(RecordError, match="44 base64"):
        dkim.key_bits(DkimKey(encoded(public), "ed25519"))


def test_key_bytes_of_another_kind_than_k_says_are_refused():
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    for text in (encoded(elliptic), encoded(rsa_key(1024), PublicFormat.PKCS1)):
        with pytest.raises(RecordError, match="RSA"):
            dkim.key_bits(DkimKey(text))
    with pytest.raises(RecordError, match="key type"):
        dkim.key_bits(DkimKey(encoded(elliptic), "ecdsa"))


@pytest.mark.parametrize(
    "text",
    [
        "v=DKIM1; k=rsa",
        "p=AAAA; v=DKIM1",
        "v=dkim1; p=AAAA",
        "v=DKIM2; p=AAAA",
        "p=AAAA; p=BBBB",
        "p=-----BEGIN PUBLIC KEY-----AAAA",
        "p=A",
        "p=AAAA; s=e mail",
        "p=AAAA; ;",
        "p",
        "",
    ],
)
def test_what_is_no_key_record_is_refused(text):
    with pytest.raises(RecordError):
        dkim.parse(text)


def test_an_empty_key_is_revoked_and_has_no_size():
    key = dkim.parse("v=DKIM1; p=")
    assert key.is_revoked
    with pytest.raises(RecordError, match="revoked"):
        dkim.key_bits(key)


def test_unknown_tags_are_ignored_and_services_say_whether_it_is_for_mail():
    assert dkim.parse("v=DKIM1; g=*; p=AAAA; s=email:x").signs_mail
    assert not dkim.parse("v=DKIM1; p=AAAA; s=tlsrpt").signs_mail


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("s1", True),
        ("2026q3.news", True),
        ("20261120pm", True),
        ("my_selector", False),
        ("s1._domainkey", False),
        ("-a", False),
        ("a..b", False),
        ("", False),
        ("a" * 64, False),
    ],
)
def test_selectors_are_host_labels_joined_by_dots(text, sound):
    assert dkim.is_selector(text) is sound
