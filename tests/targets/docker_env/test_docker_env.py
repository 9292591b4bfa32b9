"""docker's and kubectl's own reading of the file gives back what the spec means."""

import pytest
from app_setups import SPEC, compile_text, write_files
from env_readers import VERBATIM_READERS, docker_create, some_values, write_env

from sendspec.targets.docker_env.quoting import as_it_is, unsayable

FILE = "mail.docker.env"


@pytest.fixture(params=VERBATIM_READERS, ids=VERBATIM_READERS)
def read(request):
    return VERBATIM_READERS[request.param]


def test_every_value_reads_back_as_itself(read, tmp_path):
    file = tmp_path / FILE
    values = write_env(file, [value for value in some_values() if unsayable(value) is None], as_it_is)
    assert len(values) > 100
    found = read(file)
    assert {name: found.get(name) for name in values} == values


@pytest.mark.parametrize("value", ["two\nlines", "form\x0cfeed", "\u2028", " x", "x "])
def test_what_cannot_be_seen_or_stand_on_one_line_is_refused(value):
    assert unsayable(value)


def test_the_file_of_an_app_sets_what_the_setup_says_and_no_secret(read, tmp_path):
    setup = compile_text(tmp_path / "specs", SPEC.replace("[dotenv", "[docker-env"))
    expected = {each.name: each.value for each in setup.apps[0].variables() if each.credential is None and each.value}
    found = dict(read(write_files(setup, "docker-env", tmp_path) / FILE))
    assert {name: found.get(name) for name in expected} == expected
    assert set(found) - set(expected) <= {"PATH"}


def test_the_command_in_the_header_brings_the_secrets_from_its_own_environment(tmp_path):
    folder = write_files(
        compile_text(tmp_path / "specs", SPEC.replace("[dotenv", "[docker-env")), "docker-env", tmp_path
    )
    (line,) = (each for each in (folder / FILE).read_text().splitlines() if each.startswith("# docker run "))
    words = line.removeprefix("# docker run ").split()
    assert words[-1] == "IMAGE"
    found = docker_create(folder, *words[:-1], SES_SMTP_PASSWORD="p@ss #w'rd", POSTMARK_SERVER_TOKEN="t")
    assert (found["SES_SMTP_PASSWORD"], found["POSTMARK_SERVER_TOKEN"]) == ("p@ss #w'rd", "t")
    assert "SES_SMTP_PASSWORD=" not in (folder / FILE).read_text()


def test_a_value_with_quotes_and_backslashes_stands_as_it_is(tmp_path):
    text = (
        write_files(compile_text(tmp_path / "specs", SPEC.replace("[dotenv", "[docker-env")), "docker-env", tmp_path)
        / FILE
    ).read_text()
    assert '\nMAIL_CODES_FROM="Zoë & ' in text
