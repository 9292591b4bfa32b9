"""The three DNS formats say the same, whatever the values."""

from hypothesis import given
from hypothesis import strategies as st

PIECES = st.sampled_from(
    [
        '"',
        "\\",
        ";",
        '" "',
        '"" "',
        "\\;",
        "\\\\",
        "\\065",
        "'",
        "#",
        "$INCLUDE /etc/passwd",
        "%",
        "{",
        ": ",
        " ",
        "~",
        "a" * 254,
    ]
)
ASCII = st.text(st.characters(max_codepoint=127), max_size=300)
TEXTS = st.lists(PIECES | ASCII, min_size=1, max_size=6).map("".join).filter(bool)


def test_all_formats_say_what_the_setup_says(
    example_rrsets, expected, render_zone, read_zone_file, read_octodns, read_route53
):
    [zone_file] = render_zone("bind", example_rrsets)
    [octodns_file] = render_zone("octodns", example_rrsets)
    wanted = expected(example_rrsets)
    assert read_zone_file(zone_file.content) == wanted
    assert read_octodns(octodns_file) == wanted
    assert read_route53(render_zone("route53", example_rrsets)) == wanted


@given(texts=st.lists(TEXTS, min_size=1, max_size=5, unique=True))
def test_any_ascii_text_reads_the_same_in_all_formats(
    texts, make_rrset, expected, render_zone, read_zone_file, read_octodns, read_route53
):
    rrsets = [make_rrset("northwind.example", "TXT", *texts), make_rrset("x.northwind.example", "TXT", texts[0])]
    wanted = expected(rrsets)
    assert read_zone_file(render_zone("bind", rrsets)[0].content) == wanted
    assert read_octodns(render_zone("octodns", rrsets)[0]) == wanted
    assert read_route53(render_zone("route53", rrsets)) == wanted
