"""Writing files that hold a credential."""

import os
import stat

import pytest

from sendspec.model.secret import Secret
from sendspec.stores import file as file_store
from sendspec.stores.file import STORE

NEW = Secret("n3w-sécret")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_can_be_read_by_its_owner_alone(tmp_path, surroundings):
    before = os.umask(0)
    try:
        assert STORE.write("key", NEW, surroundings) is None
    finally:
        os.umask(before)
    assert (tmp_path / "key").read_text() == "n3w-sécret"
    assert mode(tmp_path / "key") == 0o600


@pytest.mark.parametrize(("before", "after"), [(0o666, 0o640), (0o640, 0o640), (0o600, 0o600), (0o400, 0o600)])
def test_a_file_that_exists_stays_readable_for_its_group_and_nobody_else(tmp_path, surroundings, before, after):
    (tmp_path / "key").write_text("hunter2")
    (tmp_path / "key").chmod(before)
    assert STORE.write("key", NEW, surroundings) is None
    assert mode(tmp_path / "key") == after


def test_it_is_replaced_in_one_step_and_nothing_is_left_beside_it(tmp_path, surroundings):
    (tmp_path / "key").write_text("hunter2")
    reader = (tmp_path / "key").open()
    assert STORE.write("key", NEW, surroundings) is None
    with reader:
        assert reader.read() == "hunter2"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bin", "key"]


def test_a_link_is_not_followed(tmp_path, surroundings, unresolved):
    (tmp_path / "elsewhere").write_text("hunter2")
    (tmp_path / "key").symlink_to("elsewhere")
    assert "a link is not followed" in unresolved(STORE.write("key", NEW, surroundings)).reason
    assert (tmp_path / "elsewhere").read_text() == "hunter2"


@pytest.mark.parametrize("path", ["bin", "pipe", "no/folder/key", "key\0x", "a" * 3000])
def test_what_is_no_file_is_left_alone(tmp_path, surroundings, unresolved, path):
    os.mkfifo(tmp_path / "pipe")
    assert "n3w" not in repr(unresolved(STORE.write(path, NEW, surroundings)))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bin", "pipe"]


def test_the_owner_stays(tmp_path, surroundings):
    if os.geteuid():
        pytest.skip("only root can give a file away")
    (tmp_path / "key").write_text("hunter2")
    os.chown(tmp_path / "key", 65534, 65534)
    assert STORE.write("key", NEW, surroundings) is None
    assert ((tmp_path / "key").stat().st_uid, (tmp_path / "key").stat().st_gid) == (65534, 65534)


def test_a_disk_that_is_full_leaves_the_old_value_and_nothing_else(tmp_path, surroundings, unresolved, monkeypatch):
    (tmp_path / "key").write_text("hunter2")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_store.os, "fsync", full)
    assert "make room" in unresolved(STORE.write("key", NEW, surroundings)).fix
    assert (tmp_path / "key").read_text() == "hunter2"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bin", "key"]
