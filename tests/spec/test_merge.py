"""Several files are one spec; `defaults:` complete it; names have one spelling."""

import pytest

from sendspec.model.origin import Origin

STREAM = "kind: support, from: a@shop.example, routes: [{role: primary, via: smtp, esp: main}]"


def test_files_of_a_folder_merge_by_name(load):
    loaded = load(
        "version: 1\nesps: {main: {kind: postmark}}\n",
        **{"b": f"streams: {{s: {{{STREAM}}}}}\n", "deep/er/c.yml": f"streams: {{t: {{{STREAM}}}}}\nversion: 1\n"},
    )
    assert loaded.findings == ()
    assert loaded.files == ("a.yaml", "b.yaml", "deep/er/c.yml")
    assert sorted(loaded.spec.streams) == ["s", "t"]
    assert loaded.positions.file_and_line(Origin(("streams", "t", "kind")))[0] == "deep/er/c.yml"
    assert loaded.positions.file_and_line(Origin(("streams", "s", "kind")))[0] == "b.yaml"


def test_acceptances_of_all_files_count(load):
    accept = "accept: [{{rule: r, because: {}}}]\n"
    loaded = load("version: 1\n" + accept.format("one"), b=accept.format("two"))
    assert [entry.because for entry in loaded.spec.accept] == ["one", "two"]


@pytest.mark.parametrize("section", ["domains", "esps", "streams", "apps"])
def test_a_name_defined_in_two_files_shows_both_places(load, section):
    loaded = load(f"version: 1\n{section}:\n  x.example: {{}}\n", b=f"{section}: {{x.example: {{}}}}\n")
    finding = next(finding for finding in loaded.findings if finding.rule == "spec-duplicate-name")
    assert finding.where.to_text() == "specs/b.yaml:1:" + str(len(section) + 4)
    assert [span.to_text() for span in finding.related] == ["specs/a.yaml:3:3"]
    assert finding.related[0].excerpt == "  x.example: {}"


def test_versions_of_two_files_must_agree(load):
    loaded = load("version: 1\n", b="# comment\nversion: 2\n")
    assert [(str(finding.rule), finding.where.to_text()) for finding in loaded.findings] == [
        ("spec-version-conflict", "specs/b.yaml:2:1")
    ]
    assert load("version: 1\n", b="version: 1\n").findings == ()


def test_what_is_no_mapping_cannot_merge(problems):
    assert problems("version: 1\ndomains: [a]\n", b="domains: {}\n") == [
        "specs/a.yaml:2:1 spec-wrong-type",
        "specs/b.yaml:1:1 spec-duplicate-key",
    ]


@pytest.mark.parametrize("content", ["[a, b]\n", "text\n", "5\n"])
def test_a_file_that_is_no_mapping_is_told_so(problems, content):
    assert problems("version: 1\n", b=content) == ["specs/b.yaml:1:1 spec-wrong-type"]


def test_an_empty_section_is_nothing_wrong(load):
    loaded = load("version: 1\ndomains:\nesps:\n  # main: {kind: postmark}\nstreams: ~\n")
    assert loaded.findings == ()
    assert loaded.spec.domains == {}


def test_domains_that_differ_only_in_spelling_are_one(load):
    loaded = load("version: 1\ndomains:\n  shop.example: {}\n  Shop.Example.: {}\n")
    (finding,) = loaded.findings
    assert (str(finding.rule), finding.where.to_text()) == ("spec-duplicate-name", "specs/a.yaml:4:3")
    assert finding.message == "`shop.example` is defined twice, in two spellings of one name"


def test_names_are_spelled_in_lower_case_and_keep_their_places(load):
    loaded = load("version: 1\ndomains:\n  Shop.Example:\n    subdomains:\n      News: {purpose: x}\n")
    assert loaded.raw["domains"] == {"shop.example": {"subdomains": {"news": {"purpose": "x"}}}}
    span = loaded.positions.span(Origin(("domains", "shop.example", "subdomains", "news")), key=True)
    assert (span.line, span.column, span.end_column) == (5, 7, 11)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("{News: {}, news: {}}", "3:41 spec-duplicate-name"),
        ("{news.shop.example: {}}", "3:31 spec-bad-value"),
        ("{shop.example: {}}", "3:31 spec-bad-value"),
        ("{-news: {}}", "3:31 spec-bad-value"),
        ("{new_s: {}}", "3:31 spec-bad-value"),
        ("{news.: {}}", "3:31 spec-bad-value"),
        ("{'@': {}}", "3:31 spec-bad-value"),
        ("{" + ".".join(["x" * 60] * 4) + ": {}}", "3:31 spec-bad-value"),
    ],
)
def test_labels_of_subdomains_are_checked(problems, labels, expected):
    assert problems(f"version: 1\ndomains:\n  shop.example: {{subdomains: {labels}}}\n") == [f"specs/a.yaml:{expected}"]


DEFAULTS = """\
version: 1
defaults:
  domains:
    dns: {host: route53, formats: [bind, octodns]}
    dmarc: {policy: reject, reports: ["mailto:d@x.example"]}
domains:
  a.example: {}
  b.example:
    dns: {formats: [bind]}
    dmarc: {policy: none}
"""


def test_defaults_apply_key_by_key_and_lists_are_replaced(load):
    spec = load(DEFAULTS).spec
    plain, own = spec.domains["a.example"], spec.domains["b.example"]
    assert (plain.dns.host, plain.dns.formats, plain.dmarc.policy) == ("route53", ("bind", "octodns"), "reject")
    assert (own.dns.host, own.dns.formats) == ("route53", ("bind",))
    assert (own.dmarc.policy, own.dmarc.reports) == ("none", ("mailto:d@x.example",))


def test_a_null_takes_a_default_away(load):
    spec = load(DEFAULTS + "  c.example: {dmarc: null}\n").spec
    assert spec.domains["c.example"].dmarc is None


def test_what_is_inherited_stands_where_the_default_does(load):
    positions = load(DEFAULTS).positions
    inherited = positions.span(Origin(("domains", "b.example", "dns", "host")))
    own = positions.span(Origin(("domains", "b.example", "dns", "formats", 0)))
    assert (inherited.line, inherited.excerpt[inherited.column - 1 : inherited.end_column - 1]) == (4, "route53")
    assert (own.line, own.excerpt[own.column - 1 : own.end_column - 1]) == (9, "bind")


def test_a_mistake_in_defaults_is_told_once_and_at_its_place(problems):
    text = DEFAULTS.replace("host: route53", "hots: route53").replace("policy: reject", "policy: rejekt")
    assert problems(text + "  c.example: {}\n") == [
        "specs/a.yaml:4:11 spec-unknown-key",
        "specs/a.yaml:5:21 spec-bad-value",
    ]


def test_a_key_that_no_entry_can_have_is_told_once_however_many_inherit_it(load):
    text = DEFAULTS.replace("    dns: {host", "    dsn: {}\n    dns: {host")
    (finding,) = load(text + "  c.example: {}\n").findings
    assert finding.message == "`dsn` is not a key of `defaults.domains`"


def test_a_mistake_in_defaults_is_told_without_any_entry(problems):
    text = "version: 1\ndefaults:\n  streams: {kidn: support, kind: suport}\n  zones: {}\n"
    assert problems(text) == [
        "specs/a.yaml:3:13 spec-unknown-key",
        "specs/a.yaml:3:34 spec-bad-value",
        "specs/a.yaml:4:3 spec-unknown-key",
    ]


def test_defaults_may_leave_out_what_entries_must_say(load):
    defaults = "defaults:\n  streams:\n    kind: support\n    routes: [{role: primary, via: smtp, esp: main}]\n"
    loaded = load("version: 1\nesps: {main: {kind: postmark}}\n" + defaults, b="streams: {s: {from: a@shop.example}}\n")
    assert loaded.findings == ()
    assert loaded.spec.streams["s"].kind == "support"


def test_defaults_of_two_files_merge_unless_they_say_the_same(problems):
    assert problems(DEFAULTS, b="defaults: {domains: {mailboxes: x}, esps: {managed: apply}}\n") == []
    assert problems(DEFAULTS, b="defaults: {domains: {mailboxes: x}}\n", c="defaults: {domains: {mailboxes: x}}\n") == [
        "specs/c.yaml:1:22 spec-duplicate-name"
    ]


def test_defaults_that_are_no_mapping_are_told_so(problems):
    assert problems("version: 1\ndefaults: [domains]\n") == ["specs/a.yaml:2:1 spec-wrong-type"]
    assert problems("version: 1\ndefaults: {domains: [a]}\ndomains: {a.example: {}}\n") == [
        "specs/a.yaml:2:12 spec-wrong-type"
    ]
