import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.errors import OutputError
from sendspec.render.paths import check_paths, path_problem


@pytest.mark.parametrize(
    "path", ["README.md", "apps/x/.env", "dns/a.example/zone.db", "a/été/ß.txt", "x/...", "-a", "a/" * 255 + "b"]
)
def test_ordinary_paths_are_fine(path: str) -> None:
    assert path_problem(path) == ""


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "empty"),
        ("/etc/passwd", "absolute"),
        ("//x", "absolute"),
        ("..", r"`..`"),
        ("a/../b", r"`..`"),
        ("a/./b", "`.`"),
        ("a//b", "empty"),
        ("a/", "empty"),
        ("a\\..\\b", "backslash"),
        ("C:x", "colon"),
        ("a\nb", "control"),
        ("a\x00b", "control"),
        ("a\u202eb", "control"),
        ("a\ud800", "control"),
        (".git/config", "reserved"),
        ("apps/.GIT/hooks/pre-commit", "reserved"),
        (".git./config", "reserved"),
        ("é" * 128, "longer"),
        ("x/" * 3000 + "x", "longer"),
        ("a/" * 255 + "été", "longer"),
    ],
)
def test_a_path_that_leads_elsewhere_is_named_with_its_problem(path: str, problem: str) -> None:
    assert problem in path_problem(path)
    with pytest.raises(OutputError, match="app x wants to write"):
        check_paths([(path, "app x")])


@given(st.text(st.sampled_from("ab./\\:\n.~ é"), max_size=12))
def test_a_path_without_problem_stays_below_its_folder(path: str) -> None:
    if path_problem(path) == "":
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("a/b", "a/b"), ("a/B", "A/b"), ("a", "a/b"), ("a/b/c", "a"), ("é", "e\u0301"), ("STRASSE", "straße")],
)
def test_two_files_in_one_place_are_refused_by_both_names(one: str, other: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_paths([(one, "the first"), (other, "the second")])
    assert "the first" in str(caught.value)
    assert "the second" in str(caught.value)


def test_neighbours_are_no_clash() -> None:
    check_paths([("a/b", "1"), ("a/bc", "2"), ("ab", "3"), ("a/c/d", "4")])
