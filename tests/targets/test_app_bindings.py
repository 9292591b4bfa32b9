"""Names and obstacles of routes, as all application targets see them."""

from dataclasses import replace

import pytest
from app_setups import ONE_CUSTOMER, SPEC, compile_text

from sendspec.targets.app_bindings import fixed_sender, obstacle, route_names
from sendspec.targets.app_notes import comment


def test_routes_are_called_after_stream_and_role(tmp_path):
    (app,) = compile_text(tmp_path, SPEC.replace("fallback, via: smtp", "fallback, via: smtp, port: 2587")).apps
    assert list(route_names(app).values()) == ["news", "codes", "codes-fallback", "receipts", "receipts-fallback"]


def test_routes_whose_names_would_be_the_same_are_called_by_their_ids(tmp_path):
    text = SPEC.replace("  news:\n", "  codes-fallback:\n").replace("streams: [news,", "streams: [codes-fallback,")
    (app,) = compile_text(tmp_path, text).apps
    assert list(route_names(app).values())[:3] == ["codes-fallback.primary", "codes", "codes.fallback"]


def test_a_customer_is_never_the_sender_of_a_whole_stream_even_while_it_is_the_only_one(tmp_path):
    (own,) = {fixed_sender(stream).address for stream in compile_text(tmp_path / "own").streams if stream.id == "news"}
    assert own == "hello@news.shop.example"
    customers = compile_text(tmp_path / "customers", ONE_CUSTOMER).apps[0].bindings[0].stream
    assert fixed_sender(customers) is None


def test_a_route_without_a_host_cannot_be_written(tmp_path):
    (app,) = compile_text(tmp_path).apps
    binding = next(binding for binding in app.bindings if binding.route.id == "codes.fallback")
    assert obstacle(binding) == ""
    nowhere = replace(binding.route, endpoint=replace(binding.route.endpoint, host=""))
    assert "no SMTP host is known for ses-eu" in obstacle(replace(binding, route=nowhere))


@pytest.mark.parametrize("line_end", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\u202e"])
def test_a_comment_stays_on_its_lines(line_end):
    written = comment(f"before{line_end}after", "//")
    assert written.count("\n") == 0
    assert written.isprintable()


def test_a_long_comment_is_wrapped_and_keeps_its_words():
    text = "- " + " ".join(["word"] * 60) + " " + "x" * 200
    lines = comment(text, "#").splitlines()
    assert all(line.startswith(("# - ", "#   ")) for line in lines)
    assert " ".join(line.removeprefix("#").strip() for line in lines) == text
