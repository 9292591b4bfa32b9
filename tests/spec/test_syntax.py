"""Single values: nothing that people write there can start a second value, and reading it takes no longer than it is long."""

import time

import pytest

from sendspec.spec import syntax

N = 100_000
HOSTILE = {
    "blanks in a mailbox": lambda: syntax.parse_mailbox("a" + " " * N + "b"),
    "brackets in a mailbox": lambda: syntax.parse_mailbox("< " * N),
    "digits of a duration": lambda: syntax.parse_duration("9" * N + "d"),
    "labels": lambda: syntax.parse_domain("a." * N),
    "placeholders": lambda: syntax.parse_https_url("https://h.example/" + "{a" * N),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_value_is_refused_at_once(name):
    started = time.process_time()
    with pytest.raises(syntax.SyntaxProblem):
        HOSTILE[name]()
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/u/{token}?kind={kind}&a=%20!$'()*,;=~",
        "https://h.example:8443/mail/{kind}@x",
        "https://[2001:db8::1]/",
    ],
)
def test_a_url_with_placeholders_stays_as_it_is(url):
    assert syntax.parse_https_url(url) == url


@pytest.mark.parametrize(
    "path",
    [
        "${secret:op://mail/postmark/server-token}",
        "${token}",
        "${event-webhook/x#id}",
        "{{resolve:secretsmanager:prod:SecretString:password}}",
        "{{token}}",
        "{to ken}",
        "{",
        "}",
        "<x>",
        '"',
        "\\",
        "%zz",
        "ü",
        "\u202e",
        "`id`",
        "|",
    ],
)
def test_a_url_holds_nothing_that_a_reader_of_our_files_would_fill_in_or_end_it_with(path):
    with pytest.raises(syntax.SyntaxProblem):
        syntax.parse_https_url(f"https://h.example/{path}")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2#x@h.example/",
        "https://user:hunter2/x@h.example/",
        "https://user:hunter2?x@h.example/",
        "http://user:hunter2@h.example/",
        "user:hunter2@h.example",
        "https://hunter2@h.example/",
        "https://user:hunter2@/",
        "https://user:hunter2 x@h.example/",
    ],
)
def test_no_message_about_a_url_shows_a_login(url):
    with pytest.raises(syntax.SyntaxProblem) as caught:
        syntax.parse_https_url(url)
    assert "hunter2" not in f"{caught.value}{caught.value.fix}"


@pytest.mark.parametrize(
    "uri",
    [
        "mailto:a@b.example;p=none",
        "mailto:a@b.example,mailto:evil@x.example",
        "mailto:a@b.example!10m",
        "mailto:a@b.example?x=\np=none",
        "mailto:a@b.example?x=\x00",
        "mailto:a@b.example?x=ü",
        "mailto:a@b.example?x=%",
        'mailto:a@b.example?x="',
        "mailto:a@b.example?x=\\",
        "mailto:a@evil.example@b.example",
    ],
)
def test_a_report_address_cannot_end_its_tag(uri):
    with pytest.raises(syntax.SyntaxProblem):
        syntax.parse_report_uri(uri)


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/a.svg;a=https://evil.example/a.pem",
        "https://x.example/a,mailto:evil@x.example",
        "https://x.example/a!10m",
        "https://x.example/{token}",
    ],
)
def test_a_url_in_a_record_cannot_end_its_tag(url):
    with pytest.raises(syntax.SyntaxProblem):
        syntax.parse_record_url(url)


@pytest.mark.parametrize("text", ["", "192.0.2.1 +all", "mx.example\nmode: none", "a\tb", "a\x00", "ä", "a\u2028b"])
def test_a_term_is_one_word(text):
    with pytest.raises(syntax.SyntaxProblem):
        syntax.parse_term(text)


@pytest.mark.parametrize("text", ["192.0.2.0/24", "%{i}._spf.x.example", "*.aspmx.l.google.com"])
def test_a_word_stays_as_it_is(text):
    assert syntax.parse_term(text) == text


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("Shop <a@b.example>", ("Shop", "a@b.example")),
        ("  <a@b.example>  ", ("", "a@b.example")),
        ("A <b> <a@b.example>", ("A <b>", "a@b.example")),
        ('"A \\"b\\" <" <a@b.example>', ('A "b" <', "a@b.example")),
        (" a@b.example ", ("", "a@b.example")),
    ],
)
def test_a_mailbox_is_read_as_written(text, mailbox):
    assert syntax.parse_mailbox(text) == mailbox


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "IFS", "HOME", "SHELL", "ENV", "BASH_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "_", "USER"),
        *("PYTHONPATH", "NODE_OPTIONS", "RUBYOPT", "PERL5LIB", "JAVA_TOOL_OPTIONS", "SSL_CERT_FILE"),
    ],
)
def test_a_variable_that_programs_read_for_themselves_holds_no_secret(name):
    with pytest.raises(syntax.SyntaxProblem, match=f"`{name}` means something to shells") as caught:
        syntax.parse_variable_name(name)
    assert "POSTMARK_SERVER_TOKEN" in caught.value.fix


@pytest.mark.parametrize(
    "name", ["POSTMARK_SERVER_TOKEN", "MAIL_PASSWORD", "PATH_TOKEN", "EMAIL_HOST_USER", "SMTP_USER"]
)
def test_a_variable_of_the_apps_own_stays_as_it_is(name):
    assert syntax.parse_variable_name(name) == name
