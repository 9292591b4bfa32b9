"""A secret in a spec is refused, and nothing anywhere shows it: not the finding, not an excerpt, not another finding."""

import base64
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from sendspec.spec import secret_shapes
from sendspec.spec.concealment import conceal
from sendspec.yaml_source import parse

REPEATED = 20_000
UUID = "0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d"
HEX = "0123456789abcdef"
WORD = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3"
KNOWN = {
    "SendGrid": f"SG.{WORD[:22]}.{WORD}-_aZ",
    "access key id": "AKIA" + "IOSFODNN7EXAMPL2",
    "temporary access key id": "ASIA" + "IOSFODNN7EXAMPL2",
    "Brevo API": f"xkeysib-{HEX * 4}-{WORD[:16]}",
    "Brevo SMTP": f"xsmtpsib-{HEX * 4}-{WORD[:16]}",
    "Mailgun": f"key-{HEX * 2}",
    "Mailgun signing": f"{HEX * 2}-{HEX[:8]}-{HEX[:8]}",
    "Resend": f"re_{WORD[:8]}_{WORD[:24]}",
    "Mandrill": f"md-{WORD[:22]}",
    "Mailchimp": f"{HEX * 2}-us12",
    "MailerSend": f"mlsn.{HEX * 4}",
    "webhook": f"whsec_{WORD[:32]}",
    "GitHub": f"ghp_{WORD[:36]}",
    "GitHub fine": f"github_pat_{WORD}_{WORD}",
    "GitLab": f"glpat-{WORD[:20]}",
    "Slack": f"xoxb-123456789012-{WORD[:24]}",
    "Stripe": f"sk_live_{WORD[:24]}",
    "Google": f"AIza{WORD[:35]}",
    "Vault": f"hvs.{WORD[:24]}",
    "JWT": f"eyJ{WORD[:20]}.eyJ{WORD[:20]}.{WORD[:20]}",
    "basic auth": "https://user:hunter2hunter2@hooks.example/",
}
PLACES = {
    "a reference": "esps:\n  main:\n    kind: postmark\n    credentials: {token: {from: '%s', env: TOKEN}}\n",
    "a TXT value": "domains:\n  shop.example: {txt: ['%s']}\n",
    "a domain name": "domains:\n  '%s': {}\n",
    "a label": "domains:\n  shop.example: {subdomains: {'%s': {}}}\n",
    "a key twice": "esps:\n  main: {kind: postmark, '%s': 1, '%s': 2}\n",
    "an unknown key": "esps:\n  main:\n    kind: postmark\n    '%s': 1\n",
    "a kind": "esps: {main: {kind: '%s'}}\n",
    "a mailbox": "streams:\n  s: {from: '%s', kind: support, routes: []}\n",
    "a URL": "streams:\n  s: {events: {url: 'https://h.example/%s', types: [x]}}\n",
    "a report address": "domains:\n  shop.example: {dmarc: {policy: none, reports: ['%s']}}\n",
    "a number": "streams:\n  s: {volume: {per_day: '%s'}}\n",
    "a list": "streams:\n  s: {needs: '%s'}\n",
    "an ESP's setting": "esps:\n  main: {kind: postmark, settings: {extra: {key: '%s'}}}\n",
    "a reference to nothing": "apps:\n  a: {streams: ['%s'], through: '%s'}\n",
    "a comment": "domains: {} # %s\n",
    "a line that is no YAML": "esps:\n  main: [ '%s'\nstreams: {}\n",
    "an anchor": "esps:\n  main: &a {kind: '%s'}\n  other: *a\n",
    "a default": "defaults: {domains: {mailboxes: '%s'}}\ndomains: {a.example: {}, b.example: {}}\n",
    "a second name": "esps: {'%s': {kind: a}}\n",
    "an acceptance": "accept: [{rule: '%s', because: x, until: '%s'}]\n",
}


def leaks(secret: str, text: str) -> list[str]:
    """Give every part of the secret, eight characters long, that the text shows; case does not matter."""
    core = secret.removeprefix("https://user:").removesuffix("@hooks.example/")
    parts = [core[start : start + 8] for start in range(len(core) - 7)]
    return [part for part in parts if part.lower() in text.lower() and part != "key-0123"]


@pytest.mark.parametrize("name", KNOWN)
def test_a_secret_of_a_known_shape_is_found_whole(name):
    secret = KNOWN[name]
    for text in (secret, f"x: '{secret}'", f"before {secret} after", f"a={secret};b"):
        masked = secret_shapes.mask(text)
        assert len(masked) == len(text)
        assert leaks(secret, masked) == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", KNOWN)
def test_a_secret_is_an_error_and_never_shown(load, all_text, name, place):
    secret = KNOWN[name]
    loaded = load("version: 1\n" + PLACES[place].replace("%s", secret), b=f"esps: {{'{secret}': {{}}}}\n")
    assert loaded.spec is None
    assert sum(finding.rule == "spec-secret" for finding in loaded.findings) >= 2
    assert leaks(secret, all_text(loaded)) == []


@pytest.mark.parametrize("name", KNOWN)
def test_a_secret_in_the_lock_file_is_an_error_and_never_shown(load, all_text, name):
    secret = KNOWN[name]
    lock = f"version: 1\nissued: {{main: {{mail.shop.example: {{dkim: {{value: '{secret}'}}}}}}}}\nowned: {{'{secret}': 1}}\n"
    loaded = load("version: 1\nesps: {main: {kind: postmark}}\n", **{"sendspec.lock.yaml": lock})
    assert [str(finding.rule) for finding in loaded.findings] == ["spec-secret", "spec-secret"]
    assert leaks(secret, all_text(loaded)) == []


@pytest.mark.parametrize(
    "written",
    [
        '"SG\\x2e{0}.{1}"',
        '"SG.\\\n      {0}.{1}"',
        "!!str SG.{0}.{1}",
        "|\n      SG.{0}.{1}",
        ">-\n      SG.{0}.{1}",
    ],
)
def test_escapes_and_folding_hide_no_secret(load, all_text, written):
    value = written.format(WORD[:22], WORD + "abcd")
    loaded = load(f"version: 1\ndomains:\n  shop.example:\n    mailboxes: {value}\n")
    assert "spec-secret" in [str(finding.rule) for finding in loaded.findings]
    assert leaks(f"{WORD[:22]}.{WORD}abcd", all_text(loaded)) == []


def smtp_password() -> str:
    return base64.b64encode(b"\x04" + bytes(range(7, 39))).decode()


@pytest.mark.parametrize("value", [UUID, smtp_password(), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"])
@pytest.mark.parametrize(
    "place",
    [
        "esps: {{main: {{kind: x, credentials: {{t: {{from: '{}'}}}}}}}}\n",
        "esps: {{main: {{kind: x, settings: {{server_token: {}}}}}}}\n",
        'esps: {{main: {{kind: x, settings: {{extra: {{Password: "{}"}}}}}}}}\n',
        "apps: {{a: {{streams: [b], environments: {{prod: {{MAIL_API_KEY: {}}}}}}}}}\n",
    ],
)
def test_a_shape_that_others_share_counts_after_a_key_that_names_a_secret(load, all_text, value, place):
    loaded = load("version: 1\n" + place.format(value))
    assert "spec-secret" in [str(finding.rule) for finding in loaded.findings]
    assert leaks(value, all_text(loaded)) == []


def test_a_secret_access_key_is_known_beside_its_id():
    text = "id: AKIAIOSFODNN7EXAMPL2\nother: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
    assert [secret.title for secret in secret_shapes.find(text)] == ["an AWS access key id", "an AWS secret access key"]


@pytest.mark.parametrize(
    "line",
    [
        "from: hunter2",
        "from: 12345678901",
        "from: [hunter2hunter2]",
        "from: {value: hunter2hunter2}",
        "from: *hunter2hunter2",
        "from: !hunter2hunter2 x",
        "from: '!hunter2hunter2'",
        "from: |\n          hunter2hunter2\n          second-line-of-it",
        "from: op://hunter2 hunter2",
        "form: hunter2hunter2",
        "from: 'env://OK', env: hunter2hunter2",
        "from: 'env://OK', rotate_every: hunter2hunter2",
        "from: 'env://OK', value: hunter2hunter2",
        "from: first, from: hunter2hunter2",
        "hunter2hunter2",
        "from: hunter2: hunter2",
        "from: hunter2:",
        'from: "hunter2hunter2',
        "from: %hunter2hunter2",
        "from: @hunter2hunter2",
        "from: {{ hunter2hunter2 }}",
        "from: hunter2hunter2 ]",
        "from: |\nhunter2hunter2",
    ],
)
@pytest.mark.parametrize("style", ["{{{}}}", "\n        {}"])
@pytest.mark.parametrize("key", ["credentials", "manage", "credential"])
def test_what_stands_where_a_reference_belongs_is_never_shown(load, all_text, line, style, key):
    entry = style.format(line.replace(", ", "\n        ") if style[0] == "\n" else line)
    loaded = load(f"version: 1\nesps:\n  main:\n    kind: postmark\n    {key}:\n      token: {entry}\n")
    assert loaded.findings
    shown = all_text(loaded)
    assert "hunter2" not in shown
    assert "second-line" not in shown
    assert "12345678901" not in shown


LOGINS = [
    "https://user:hunter2#x@h.example/",
    "https://user:hunter2/x@h.example/",
    "https://user:hunter2?x@h.example/",
    "https://user:x{hunter2@h.example/",
    'https://user:"hunter2@h.example/',
    "https://user:hunter2 x@h.example/",
    "https://hunter2@h.example/",
    "HTTPS://hunter2@h.example/",
]


@pytest.mark.parametrize(
    "text",
    [
        "streams:\n  s: {kind: x, events: {url: '%s', types: [bounced]}}\n",
        "domains: {shop.example: {tls_reports: ['%s']}}\n",
        "domains: {shop.example: [1]} # as in %s\n",
        "streams: [ # %s\n",
    ],
)
@pytest.mark.parametrize("login", LOGINS)
def test_what_stands_before_the_at_of_a_web_address_is_never_shown(load, all_text, text, login):
    loaded = load(f"version: 1\n{text.replace('%s', login)}")
    assert loaded.findings
    assert "hunter2" not in all_text(loaded)


def test_a_port_before_an_at_is_shown(load):
    loaded = load("version: 1\nesps: {a: [1]} # https://h.example:8443/mail/{kind}@x\n")
    assert "8443/mail/{kind}@x" in loaded.findings[0].where.excerpt


@pytest.mark.parametrize("line", ["{", '"', "'", '{"', "from ", "key: ", "- ", "credentials ", "PASSWORD "])
def test_hiding_lines_takes_no_longer_than_they_are_long(line):
    parsed = parse(f"a: [\n{line * REPEATED}\nb: [".encode(), "a.yaml")
    started = time.process_time()
    list(conceal(parsed))
    assert not parsed.complete
    assert time.process_time() - started < 2


@pytest.mark.parametrize("key", ["credentials", "manage"])
@pytest.mark.parametrize(
    "written", ["{{hunter2hunter2}}", "{{ hunter2hunter2 }}", "hunter2hunter2", "[hunter2hunter2]"]
)
def test_a_lone_word_in_place_of_named_credentials_is_never_shown(load, all_text, written, key):
    loaded = load(f"version: 1\nesps:\n  main:\n    kind: postmark\n    {key}: {written.format()}\n")
    assert loaded.findings
    assert "hunter2" not in all_text(loaded)


def test_a_credential_without_a_value_is_named(load):
    (finding,) = load("version: 1\nesps:\n  main:\n    kind: postmark\n    credentials:\n      api_key:\n").findings
    assert finding.message == "`api_key` must be a mapping, not nothing"
    assert finding.where.excerpt == "      api_key:"


def test_references_and_mailboxes_stay_readable_in_excerpts(load):
    text = """\
version: 1
esps:
  main: {kind: postmark, credentials: {t: {from: "op://mail/postmark/token", env: TOKEN, rotate_every: 90d}}, x: 1}
streams:
  s: {kind: support, from: Shop <a@shop.example>, x: 1}
"""
    excerpts = [finding.where.excerpt for finding in load(text).findings]
    assert text.splitlines()[2] in excerpts
    assert text.splitlines()[4] in excerpts
    assert not [excerpt for excerpt in excerpts if "*" in excerpt]


def private_keys() -> list[str]:
    keys = [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())]
    forms = [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
    return [
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        for key in keys
        for form in forms
    ]


@pytest.mark.parametrize("indent", ["", "      "])
@pytest.mark.parametrize("document", ["a.yaml", "sendspec.lock.yaml"])
def test_a_private_key_is_never_shown_even_where_it_breaks_the_file(load, all_text, indent, document):
    for pem in private_keys():
        block = "".join(f"{indent}{line}\n" for line in pem.splitlines())
        text = f"version: 1\nissued:\n  main:\n    key: |\n{block}oops: [\n"
        loaded = load("version: 1\n", **{document: text})
        assert "spec-secret" in [str(finding.rule) for finding in loaded.findings]
        shown = all_text(loaded)
        assert not [line for line in pem.splitlines() if line[:20] in shown]


def test_the_inside_of_a_private_key_is_known_without_its_frame():
    for pem in private_keys()[:2]:
        body = "".join(pem.splitlines()[1:-1])
        assert secret_shapes.find(f"p={body}")
        assert body[:30] not in secret_shapes.mask(f"p={body}")


@pytest.mark.parametrize(
    "value",
    [
        "google-site-verification=rXOxyZounnZasA8Z7oaD3c14JdjS9aKSWvsR1EbUSIQ",
        "MS=ms12345678",
        "apple-domain-verification=abcDEF123456",
        "facebook-domain-verification=0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c",
        f"atlassian-domain-verification={WORD}{WORD}",
        f"docusign={UUID}",
        f"stripe-verification={HEX * 4}",
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC6Uh9ysKxrt6jisbNrfPi4f0gi6//ck9jihO93+BF2fDkmrt34",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "wjo01qcvbgfnt7gmwh2bn4oxj2hfj5r0",
        "v=spf1 include:_spf.google.com ~all",
        "https://northwind.example/u/{token}",
        "https://hooks.northwind.example:8443/mail/{kind}@x",
        "mailto:dmarc@northwind.example",
        "Northwind <hello@news.northwind.example>",
        UUID,
        smtp_password(),
    ],
)
def test_public_values_are_no_secrets(value):
    assert secret_shapes.find(f'txt: ["{value}"]') == ()


def test_the_example_has_no_secrets(repository):
    for path in sorted((repository / "specs").glob("*.yaml")):
        assert secret_shapes.find(path.read_text()) == ()


@given(st.text(max_size=200))
def test_a_masked_text_is_as_long_as_before_and_masking_it_again_changes_nothing(text):
    masked = secret_shapes.mask(text)
    assert len(masked) == len(text)
    assert secret_shapes.mask(masked) == masked


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.sampled_from(sorted(KNOWN)))
def test_what_stands_around_a_secret_does_not_save_it(text, name):
    secret = KNOWN[name]
    assert leaks(secret, secret_shapes.mask(f"{text} {secret} {text}").replace(text, "")) == []


HOSTILE = {
    "ids": "AKIAIOSFODNN7EXAMPL2 " * REPEATED,
    "frames": "-----BEGIN PRIVATE KEY-----" * REPEATED,
    "half frames": "-----BEGIN PRIVATE KEY" * REPEATED,
    "schemes": "://a:" * REPEATED,
    "tokens": "eyJ" * REPEATED,
    "tokens with hyphens": "eyJ12345678-" * REPEATED,
    "tokens in tokens": "ops_eyJ" * REPEATED,
    "long tokens in tokens": f"ops_eyJ{'a' * 60}" * REPEATED,
    "halves of tokens": "eyJ12345678." * REPEATED,
    "digits": "0123456789abcdef" * REPEATED,
    "keys": "api_key" * REPEATED,
    "from": "from: " * REPEATED,
    "blanks": "from:" + " " * REPEATED,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_looking_for_secrets_takes_no_longer_than_the_text_is_long(name):
    started = time.process_time()
    secret_shapes.mask(HOSTILE[name])
    assert time.process_time() - started < 2
