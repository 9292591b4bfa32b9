"""Every key and value of the example is found where it stands."""

import pytest

from sendspec.model.origin import Document, Origin
from sendspec.spec.load import load_spec


def origins(data, origin: Origin):
    """Give the origin of every key and list entry, with the value there."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in items:
        at = origin.key(part)
        yield at, value
        yield from origins(value, at)


@pytest.fixture
def loaded(northwind, monkeypatch):
    monkeypatch.chdir(northwind.parent)
    return load_spec(northwind)


def test_the_example_is_sound(loaded):
    assert loaded.findings == ()
    assert loaded.spec is not None
    assert loaded.files == ("northwind.yaml",)


def test_every_key_of_the_example_is_found_where_it_stands(loaded):
    keys = [at for at, _ in origins(loaded.raw, Origin()) if isinstance(at.path[-1], str)]
    assert len(keys) > 100
    for at in keys:
        span = loaded.positions.span(at, key=True)
        assert span.file == "specs/northwind.yaml"
        assert span.excerpt[span.column - 1 :].startswith(at.path[-1])
        assert span.excerpt[span.column - 1 : span.end_column - 1] == at.path[-1]


def test_every_value_of_the_example_is_found_where_it_stands(loaded):
    values = [(at, value) for at, value in origins(loaded.raw, Origin()) if not isinstance(value, dict | list)]
    assert len(values) > 100
    for at, value in values:
        span = loaded.positions.span(at)
        written = span.excerpt[span.column - 1 : span.end_column - 1].strip("\"'")
        assert written == (str(value).lower() if isinstance(value, bool) else str(value))


def test_every_key_of_the_lock_file_is_found_where_it_stands(loaded):
    issued = {
        account: {domain: dict(entry) for domain, entry in domains.items()}
        for account, domains in loaded.lock.issued.items()
    }
    keys = [at for at, _ in origins({"issued": issued}, Origin(document=Document.LOCK)) if isinstance(at.path[-1], str)]
    assert len(keys) > 20
    for at in keys:
        span = loaded.positions.span(at, key=True)
        assert span.file == "specs/sendspec.lock.yaml"
        assert span.excerpt[span.column - 1 :].startswith(at.path[-1])
        assert loaded.positions.file_and_line(at) == ("sendspec.lock.yaml", span.line)


def test_what_does_not_exist_is_shown_by_the_nearest_key_above(load, minimal):
    positions = load(minimal).positions
    missing = positions.span(Origin(("domains", "shop.example", "dmarc", "target", "deeper", 3)))
    assert missing.excerpt[missing.column - 1 : missing.end_column - 1] == "dmarc"
    entry = positions.span(Origin(("streams", "receipts", "routes", 0, "port")))
    assert entry.excerpt[entry.column - 1 : entry.end_column - 1] == "{role: primary, via: smtp, esp: postmark-main}"
    assert positions.span(Origin(("nothing", "at", "all"))).to_text() == "specs/a.yaml:1:1"
    assert positions.span(Origin()).to_text() == "specs/a.yaml:1:1"
    assert positions.span(Origin(("issued", "x"), Document.LOCK)).to_text() == "specs/sendspec.lock.yaml:1:1"
    assert positions.file_and_line(Origin(("issued",), Document.LOCK)) == ("sendspec.lock.yaml", 1)


def test_a_mapping_is_shown_by_its_key_and_an_entry_of_a_list_by_its_beginning(load):
    text = "version: 1\nstreams:\n  s:\n    volume:\n      per_day: 1\n    routes:\n      - role: primary\n        via: smtp\n"
    positions = load(text).positions
    volume = positions.span(Origin(("streams", "s", "volume")))
    assert (volume.line, volume.column, volume.end_column) == (4, 5, 11)
    route = positions.span(Origin(("streams", "s", "routes", 0)))
    assert (route.line, route.column, route.end_column) == (7, 9, 13)


def test_a_value_that_is_not_there_is_shown_by_its_key(load):
    span = load("version: 1\nstreams:\n  s:\n    portable:\n").positions.span(Origin(("streams", "s", "portable")))
    assert (span.line, span.column, span.end_column) == (4, 5, 13)


def test_text_over_several_lines_is_shown_by_its_first(load):
    positions = load(
        'version: 1\ndomains:\n  a.example:\n    txt:\n      - "one\n        two"\n      - |\n        three\n'
    ).positions
    assert positions.span(Origin(("domains", "a.example", "txt", 0))).to_text() == "specs/a.yaml:5:9"
    assert positions.span(Origin(("domains", "a.example", "txt", 1))).to_text() == "specs/a.yaml:7:9"


def test_an_alias_stands_where_its_anchor_does(load):
    positions = load("version: 1\ndomains:\n  a.example: &x\n    mailboxes: y\n  b.example: *x\n").positions
    assert positions.span(Origin(("domains", "b.example", "mailboxes"))).line == 4
    assert positions.span(Origin(("domains", "b.example"))).line == 5


def test_a_label_comes_with_the_span(load, minimal):
    assert load(minimal).positions.span(Origin(("version",)), label="here").label == "here"


def test_tabs_keep_their_columns_in_excerpts(load):
    (finding,) = load("version: 1\ndomains: {a.example:\t{txt:\tx}}\n").findings
    assert "\t" not in finding.where.excerpt
    assert finding.where.excerpt[finding.where.column - 1 : finding.where.end_column - 1] == "x"


def test_a_line_of_a_megabyte_has_a_short_excerpt(load):
    (finding,) = load(
        f"version: 1\ndomains: {{a.example: {{txt: 5, mailboxes: {'x' * 62}}}}} # {'y' * 1_000_000}\n"
    ).findings
    assert len(finding.where.excerpt) <= 2000
    assert finding.where.excerpt[finding.where.column - 1] == "5"


def test_an_entry_that_begins_with_a_key_over_two_lines_has_a_span_on_the_first(load):
    positions = load("version: 1\nstreams:\n  s:\n    routes:\n      - {two\n         words}\n").positions
    span = positions.span(Origin(("streams", "s", "routes", 0)))
    assert (span.line, span.column, span.end_column) == (5, 9, 11)
