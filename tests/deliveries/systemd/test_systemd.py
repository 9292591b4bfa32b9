"""systemd takes the drop-in, and its own tool makes the encrypted credentials that the comments ask for."""

import re
import subprocess

import pytest
from delivery_setups import PLACES, make_app, write_delivery

FILE = "systemd.credentials.conf"


@pytest.fixture
def text(tmp_path):
    return (write_delivery(make_app(tmp_path / "specs"), "systemd", tmp_path) / FILE).read_text()


def verify(find_tool, folder, text):
    """Give what systemd says of a unit with this drop-in."""
    (folder / "shop.service.d").mkdir()
    (folder / "shop.service").write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    (folder / "shop.service.d" / FILE).write_text(text, encoding="utf-8")
    command = [find_tool("systemd-analyze"), "verify", "--man=no", "./shop.service"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_systemd_finds_nothing_wrong_with_the_drop_in(find_tool, tmp_path, text):
    assert FILE not in verify(find_tool, tmp_path, text)


def test_systemd_reads_the_drop_in(find_tool, tmp_path, text):
    broken = text.replace("LoadCredential=FILE_TOKEN", "LoadCredentials=FILE_TOKEN")
    assert "Unknown key 'LoadCredentials'" in verify(find_tool, tmp_path, broken)


def test_a_file_is_loaded_and_anything_else_is_encrypted_once(text):
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("LoadCredential=")] == [
        "LoadCredential=FILE_TOKEN:/run/mail/token"
    ]
    encrypted = [line for line in lines if line.startswith("LoadCredentialEncrypted=")]
    assert encrypted == [
        f"LoadCredentialEncrypted={name}:/etc/credstore.encrypted/{name}" for name in PLACES if name != "FILE_TOKEN"
    ]
    assert [line for line in lines if line.startswith("Environment=")] == [
        f"Environment={name}_FILE=%d/{name}" for name in PLACES
    ]


def test_the_command_of_the_comments_makes_a_credential_that_systemd_can_read(find_tool, tmp_path, text):
    """With no key but a TPM's, if there is one, so that none is made on this machine."""
    (line,) = (each for each in text.splitlines() if "--name=SES_PASSWORD" in each)
    words = line.removeprefix("# systemd-creds ").split()
    creds, path = find_tool("systemd-creds"), str(tmp_path / "SES_PASSWORD")
    made = [creds, "--with-key=auto-initrd", *words[:-1], path]
    subprocess.run(made, input="p@ss\n w#rd", capture_output=True, text=True, check=True)
    read = [creds, "decrypt", "--name=SES_PASSWORD", path, "-"]
    assert subprocess.run(read, capture_output=True, text=True, check=True).stdout == "p@ss\n w#rd"


def test_no_comment_ends_with_a_backslash(text):
    assert not re.search(r"\\$", text, re.MULTILINE)


def test_the_comments_start_the_program_by_the_script_where_they_install_it(tmp_path, text):
    (start,) = (line for line in text.splitlines() if "ExecStart=" in line)
    (install,) = (line for line in text.splitlines() if "install" in line and line.endswith("with-secrets.sh"))
    assert (tmp_path / "with-secrets.sh").is_file()
    assert start.split()[2] == install.split()[-1]
