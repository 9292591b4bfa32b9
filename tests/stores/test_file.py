"""References to files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sendspec.stores.file import STORE
from sendspec.stores.value import MAX_OCTETS


def test_a_relative_path_starts_in_the_working_folder(tmp_path, surroundings, revealed):
    (tmp_path / "key").write_text("hunter2\n")
    assert revealed(STORE.read("key", surroundings)) == "hunter2\n"


def test_an_absolute_path_is_taken_as_it_is_and_links_are_followed(tmp_path, surroundings, revealed):
    (tmp_path / "..data").write_text("hunter2")
    (tmp_path / "key").symlink_to("..data")  # how Kubernetes mounts secrets
    assert revealed(STORE.read(str(tmp_path / "key"), surroundings)) == "hunter2"


def test_a_missing_file_is_named(surroundings, unresolved):
    assert unresolved(STORE.read("no/such", surroundings)).reason == "the file no/such does not exist"


@pytest.fixture
def nobody() -> Iterator[None]:
    """Be a user whom file modes bind, for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


@pytest.fixture
def locked_file(tmp_path: Path) -> str:
    (tmp_path / "key").write_text("hunter2")
    (tmp_path / "key").chmod(0)
    return "key"


def test_a_file_of_somebody_else_may_not_be_read(locked_file, surroundings, nobody, unresolved):
    assert "may not be read" in unresolved(STORE.read(locked_file, surroundings)).reason


def test_a_folder_is_no_file(surroundings, unresolved):
    assert "is no regular file" in unresolved(STORE.read("bin", surroundings)).reason


def test_a_pipe_that_nobody_writes_to_does_not_hang(tmp_path, surroundings, unresolved):
    os.mkfifo(tmp_path / "key")
    assert "is no regular file" in unresolved(STORE.read("key", surroundings)).reason


def test_a_large_file_is_not_read_to_its_end(tmp_path, surroundings, unresolved):
    with (tmp_path / "key").open("wb") as file:
        file.truncate(1 << 40)
    assert f"more than {MAX_OCTETS:,} octets" in unresolved(STORE.read("key", surroundings)).reason


def test_a_file_that_is_no_text_is_refused(tmp_path, surroundings, unresolved):
    (tmp_path / "key").write_bytes(b"\xff\xfehunter2")
    assert "no text in UTF-8" in unresolved(STORE.read("key", surroundings)).reason


@pytest.mark.parametrize("path", ["key\0more", "a" * 5000, "key/below"])
def test_a_path_that_cannot_be_opened_is_no_exception(tmp_path, surroundings, unresolved, path):
    (tmp_path / "key").write_text("hunter2")
    assert unresolved(STORE.read(path, surroundings)).reason
