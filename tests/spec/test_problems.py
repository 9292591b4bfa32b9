"""Each kind of problem, with its exact place, its words and its cure; and all of them at once."""

import pytest

HEAD = """\
version: 1
esps:
  main: {kind: postmark}
streams:
  receipts:
    kind: transactional
    from: Shop <receipts@mail.shop.example>
    routes: [{role: primary, via: smtp, esp: main}]
"""


def found(load, text, **files):
    return [
        (f"{finding.where.line}:{finding.where.column}", str(finding.rule), finding.message, finding.fix)
        for finding in load(text, **files).findings
    ]


def test_a_sound_spec_has_no_findings(load, minimal):
    loaded = load(minimal)
    assert loaded.findings == ()
    assert loaded.spec is not None
    assert loaded.files == ("a.yaml",)
    assert loaded.spec.streams["receipts"].routes[0].esp == "postmark-main"
    assert loaded.raw["streams"]["receipts"]["from"] == "Shop <receipts@mail.shop.example>"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "    volume: {per_day: 1, peak_per_hour: '6000'}",
            (
                "9:41",
                "spec-wrong-type",
                '`peak_per_hour` must be a whole number, not the text "6000"',
                "leave out the quotes: 6000",
            ),
        ),
        (
            "    volume: {per_day: 1.0}",
            ("9:23", "spec-wrong-type", "`per_day` must be a whole number, not the number 1.0", "write it as 1"),
        ),
        (
            "    portable: yes",
            (
                "9:15",
                "spec-wrong-type",
                '`portable` must be true or false, not the text "yes"',
                "write true, without quotes",
            ),
        ),
        (
            "    needs: webhooks",
            (
                "9:12",
                "spec-wrong-type",
                '`needs` must be a list, not the text "webhooks"',
                "write it as a list: [webhooks]",
            ),
        ),
        (
            "    tracking: [opens]",
            (
                "9:5",
                "spec-wrong-type",
                "`tracking` must be a mapping, not a list",
                "write its keys below it, indented, as in `key: value`",
            ),
        ),
        (
            "    subdomain: 12",
            ("9:16", "spec-wrong-type", "`subdomain` must be text, not the number 12", 'put it in quotes: "12"'),
        ),
        (
            "    accept: [{rule: x, because: true}]",
            ("9:33", "spec-wrong-type", "`because` must be text, not the truth value true", 'put it in quotes: "true"'),
        ),
        (
            "    volume:",
            (
                "9:5",
                "spec-wrong-type",
                "`volume` must be a mapping, not nothing",
                "write its keys below it, indented, as in `key: value`",
            ),
        ),
        (
            "    needs: [webhook]",
            ("9:13", "spec-bad-value", "`webhook` is nothing that `needs[0]` can be", "did you mean `webhooks`?"),
        ),
        (
            "    working: fax",
            ("9:14", "spec-bad-value", "`fax` is nothing that `working` can be", "write one of: api, smtp"),
        ),
        (
            "    working: 5",
            ("9:14", "spec-bad-value", "`working` must be one of smtp, api, not the number 5", "write smtp or api"),
        ),
        (
            "    volumes: {}",
            ("9:5", "spec-unknown-key", "`volumes` is not a key of `receipts`", "did you mean `volume`?"),
        ),
        (
            "    volume: {hourly: 5}",
            ("9:14", "spec-unknown-key", "`hourly` is not a key of `volume`", "write one of: peak_per_hour, per_day"),
        ),
        (
            "    events: {url: 'https://h.example/'}",
            ("9:5", "spec-missing-key", "`events` has no `types`", "write `types:` below it"),
        ),
        (
            "    events: {url: 'http://h.example/', types: [delivered]}",
            (
                "9:19",
                "spec-bad-value",
                "`http://h.example/` does not start with https://",
                "write it as https://host/path",
            ),
        ),
        (
            "    events: {url: 'https://h.example/', types: []}",
            (
                "9:41",
                "spec-bad-value",
                "`types` has no entries, it needs at least 1",
                "write it as a list, as in [a, b]",
            ),
        ),
        (
            "    subdomain: mail",
            (
                "9:16",
                "spec-bad-value",
                "`mail` is a single label, not a domain name",
                "write the full name, as in `mail.example.com`",
            ),
        ),
        (
            "    accept: [{rule: x, because: y, until: 2027-13-01}]",
            ("9:43", "spec-bad-value", "`2027-13-01` is not a date", "write it as 2027-03-01"),
        ),
        (
            "    accept: [{rule: x, because: y, until: 20270301}]",
            ("9:43", "spec-bad-value", "`20270301` is not a date", "write it as 2027-03-01"),
        ),
        (
            "    accept: [{rule: '', because: y}]",
            ("9:21", "spec-bad-value", "`rule` is empty", "write something, or leave it out"),
        ),
        (
            "  Receipts_2: {kind: support, from: a@b.example, routes: [{role: primary, via: smtp, esp: main}]}",
            (
                "9:3",
                "spec-bad-value",
                "`Receipts_2` is not a name",
                "use lower-case letters, digits and inner hyphens, at most 63",
            ),
        ),
        (
            "  x: {kind: support, from: a@b.example, routes: [{role: primary, via: smtp, esp: main, port: 70000}]}",
            (
                "9:94",
                "spec-bad-value",
                "`port` must be at most 65535, not `70000`",
                "write a number that is at most 65535",
            ),
        ),
        (
            "  x: {kind: support, from: a@b.example, routes: [{via: smtp, esp: main}]}",
            (
                "9:50",
                "spec-missing-key",
                "`routes[0]` has no `role`",
                "write `role:` below it with one of: primary, fallback",
            ),
        ),
        (
            "  x: {kind: support, routes: [{role: primary, via: smtp, esp: main}]}",
            (
                "9:3",
                "spec-missing-key",
                "`x` has neither `from` nor `senders`",
                "write `from: Name <address>` for one sender, `senders: {customer: Name <address>}` for many",
            ),
        ),
        (
            "  x: {kind: support, from: a@b.example, senders: {c: d@e.example}, routes: [{role: primary, via: smtp, esp: main}]}",
            (
                "9:41",
                "spec-bad-value",
                "`x` has both `from` and `senders`",
                "write `from: Name <address>` for one sender, `senders: {customer: Name <address>}` for many",
            ),
        ),
        (
            "  x: {kind: support, from: a@b, routes: [{role: primary, via: smtp, esp: mian}]}",
            (
                "9:28",
                "spec-bad-value",
                "`b` is a single label, not a domain name",
                "write the full name, as in `mail.example.com`",
            ),
        ),
    ],
)
def test_a_problem_has_its_place_its_words_and_its_cure(load, line, expected):
    assert found(load, HEAD + line + "\n")[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            HEAD.replace("esp: main}", "esp: mian}"),
            ("8:46", "`mian` is not an ESP account of the spec", "did you mean `main`?"),
        ),
        (
            HEAD + "apps: {a: {streams: [recipts]}}\n",
            ("9:22", "`recipts` is not a stream of the spec", "did you mean `receipts`?"),
        ),
        (
            HEAD + "apps: {a: {streams: [receipts], through: relay}}\n",
            ("9:42", "`relay` is not an app of the spec", "write one of: a"),
        ),
        (
            HEAD + "apps: {a: {streams: [receipts], credentials: {mein: {t: {from: env://T}}}}}\n",
            ("9:47", "`mein` is not an ESP account of the spec", "did you mean `main`?"),
        ),
        (
            HEAD.replace("esps:\n  main: {kind: postmark}\n", ""),
            ("6:46", "`main` is not an ESP account of the spec", "declare it below `esps:`"),
        ),
    ],
)
def test_a_reference_to_nothing_is_found_and_a_near_miss_suggested(load, text, expected):
    place, message, fix = expected
    assert found(load, text) == [(place, "spec-unknown-reference", message, fix)]


def test_all_problems_come_at_once_in_reading_order(problems):
    text = """\
version: 1
domians: {}
domains:
  shop.example: {txt: x, dmark: {}}
esps:
  main: {kind: postmark, credentials: {t: {from: plain}}}
streams:
  receipts:
    kind: transactionl
    from: nobody
    routes: [{role: primary, via: smpt, esp: mian, port: '25'}]
apps:
  a: {streams: [nothing], targets: 5}
"""
    other = "esps:\n  main: {}\nnews: {}\n"
    assert problems(text, b=other, c="a: [\n") == [
        "specs/a.yaml:2:1 spec-unknown-key",
        "specs/a.yaml:4:23 spec-wrong-type",
        "specs/a.yaml:4:26 spec-unknown-key",
        "specs/a.yaml:6:50 spec-bad-value",
        "specs/a.yaml:9:11 spec-bad-value",
        "specs/a.yaml:10:11 spec-bad-value",
        "specs/a.yaml:11:35 spec-bad-value",
        "specs/a.yaml:11:58 spec-wrong-type",
        "specs/a.yaml:13:36 spec-wrong-type",
        "specs/b.yaml:2:3 spec-duplicate-name",
        "specs/b.yaml:3:1 spec-unknown-key",
        "specs/c.yaml:2:1 spec-yaml-syntax",
    ]


def test_a_file_that_cannot_be_read_hides_no_references_it_may_hold(problems):
    spec = "streams:\n  s: {kind: support, from: a@b.example, routes: [{role: primary, via: smtp, esp: main}]}\n"
    assert problems(spec, b="version: 1\nesps: {main: {kind: [}\n") == ["specs/b.yaml:2:22 spec-yaml-syntax"]


def test_a_missing_version_is_one_finding(load):
    (finding,) = load("domains: {}\nesps: {main: {kind: postmark}}\n").findings
    assert (finding.rule, finding.message, finding.fix) == (
        "spec-missing-key",
        "the spec has no `version`",
        "write `version: 1`",
    )
    assert finding.where.to_text() == "specs/a.yaml:1:1"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2", "1:10 spec-bad-value"),
        ("'1'", "1:10 spec-wrong-type"),
        ("true", "1:10 spec-wrong-type"),
        ("1.0", "1:10 spec-wrong-type"),
        ("null", "1:10 spec-wrong-type"),
        ("", "1:1 spec-wrong-type"),
        ("[]", "1:1 spec-wrong-type"),
    ],
)
def test_only_the_number_1_is_version_1(problems, version, expected):
    assert problems(f"version: {version}\nesps: {{main: {{kind: postmark}}}}\n") == [f"specs/a.yaml:{expected}"]


def test_the_excerpt_is_the_line_and_the_span_the_value(load):
    (finding,) = load(HEAD + "    portable: yes  # really\n").findings
    where = finding.where
    assert where.excerpt == "    portable: yes  # really"
    assert where.excerpt[where.column - 1 : where.end_column - 1] == "yes"


def test_an_unknown_key_is_underlined_itself(load):
    (finding,) = load(HEAD + "    volumes: {per_day: 5}\n").findings
    assert finding.where.excerpt[finding.where.column - 1 : finding.where.end_column - 1] == "volumes"


def test_text_for_terminals_holds_no_control_characters(load, all_text):
    loaded = load(HEAD + '    subdomain: "a\\e[31m\\u202e\\u0007b"\n')
    assert [str(finding.rule) for finding in loaded.findings] == ["spec-bad-value"]
    assert not [character for character in all_text(loaded) if character != "\n" and not character.isprintable()]


def test_a_value_of_a_megabyte_makes_no_message_of_a_megabyte(load, all_text):
    assert len(all_text(load(HEAD + f"    subdomain: {'x' * 1_000_000}\n"))) < 5000


def test_thousands_of_mistakes_are_all_told(load):
    lines = "".join(f"  d{number}.example: {{dmark: {{}}}}\n" for number in range(2000))
    assert len(load(f"version: 1\ndomains:\n{lines}").findings) == 2000
