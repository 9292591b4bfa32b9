"""What systemd reads a unit's EnvironmentFile= with gives back what the spec means; so does a shell."""

import pytest
from app_setups import SPEC, compile_text, write_files
from env_readers import SYSTEMD_READERS, some_values, write_env

from sendspec.targets.systemd_text import quote, systemd_comment, unsayable

FILE = "mail.systemd.env"


@pytest.fixture(params=SYSTEMD_READERS, ids=SYSTEMD_READERS)
def read(request):
    return SYSTEMD_READERS[request.param]


def test_every_value_reads_back_as_itself(read, tmp_path):
    file = tmp_path / FILE
    values = write_env(file, [value for value in some_values() if unsayable(value) is None], quote)
    assert len(values) > 100
    found = read(file)
    assert {name: found.get(name) for name in values} == values


@pytest.mark.parametrize("value", ["two\nlines", "form\x0cfeed", "\u2028", ""])
def test_what_cannot_be_seen_or_stand_on_one_line_is_refused(value):
    assert unsayable(value)


def test_no_comment_swallows_the_line_behind_it(tmp_path):
    file = tmp_path / FILE
    file.write_text("# ends in \\\nA=1\n", encoding="utf-8")
    assert SYSTEMD_READERS["systemd"](file) == {}, "before systemd 254 a comment goes on behind a backslash"
    file.write_text(f"{systemd_comment('ends in ' + chr(92))}\nA=1\n", encoding="utf-8")
    assert SYSTEMD_READERS["systemd"](file) == {"A": "1"}


def test_the_file_of_an_app_sets_what_the_setup_says_and_no_secret(read, tmp_path):
    setup = compile_text(tmp_path / "specs", SPEC.replace("[dotenv", "[systemd-env"))
    expected = {each.name: each.value for each in setup.apps[0].variables() if each.credential is None and each.value}
    found = read(write_files(setup, "systemd-env", tmp_path) / FILE)
    assert {name: found.get(name) for name in expected} == expected
    assert not [each for each in setup.apps[0].credentials() if each.env in found]
