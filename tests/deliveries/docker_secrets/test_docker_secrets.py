"""The Compose specification takes the file, and each secret comes from where it is kept."""

import json
import subprocess

import jsonschema
import pytest
import yaml
from app_setups import REFERENCE
from delivery_setups import env_names, make_app, write_delivery
from env_readers import TOOLS, need

FILE = "compose.secrets.yaml"
SCHEMA = TOOLS / "check_jsonschema" / "builtin_schemas" / "vendor" / "compose-spec.json"


@pytest.fixture
def document(tmp_path):
    return yaml.safe_load((write_delivery(make_app(tmp_path / "specs"), "docker-secrets", tmp_path) / FILE).read_text())


def test_the_compose_specification_takes_the_file(document):
    need(SCHEMA, "the schema of Compose")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    document["secrets"]["FILE_TOKEN"]["path"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_each_secret_comes_from_where_it_is_kept(document):
    nasty = REFERENCE.removeprefix("file://").replace("$", "$$")
    assert document["secrets"] == {
        "ENV_TOKEN": {"environment": "ENV_TOKEN"},
        "FILE_TOKEN": {"file": "/run/mail/token"},
        "NASTY_FILE": {"file": nasty},
    }
    assert set(document["secrets"]) == set(env_names(["env", "file"]))


def test_the_service_gets_each_secret_and_a_variable_that_names_its_file(document):
    service = document["services"]["shop"]
    assert service["environment"] == {f"{name}_FILE": f"/run/secrets/{name}" for name in document["secrets"]}
    assert service["secrets"] == list(document["secrets"])


def test_the_entrypoint_of_the_comment_is_the_script_that_the_service_has(tmp_path, document):
    (mounted,) = document["services"]["shop"]["volumes"]
    source, place, mode = mounted.split(":")
    assert ((tmp_path / source).is_file(), mode) == (True, "ro")
    (line,) = (each for each in (tmp_path / FILE).read_text().splitlines() if "entrypoint:" in each)
    assert yaml.safe_load(line.removeprefix("# "))["entrypoint"][:2] == ["sh", place]


def test_compose_itself_finds_the_files_whatever_their_names_hold(find_tool, tmp_path):
    """Debian's Compose knows secrets from files; those from variables are newer."""
    write_delivery(make_app(tmp_path / "specs", "FILE_TOKEN", "NASTY_FILE"), "docker-secrets", tmp_path)
    (tmp_path / "compose.yaml").write_text("services: {shop: {image: 'shop:1'}}\n", encoding="utf-8")
    command = [find_tool("docker-compose"), "-f", "compose.yaml", "-f", FILE, "config"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    read = yaml.safe_load(done.stdout)
    assert read["secrets"]["FILE_TOKEN"]["file"] == "/run/mail/token"
    assert read["secrets"]["NASTY_FILE"]["file"].replace("$$", "$") == REFERENCE.removeprefix("file://")
    assert [each["source"] for each in read["services"]["shop"]["secrets"]] == ["FILE_TOKEN", "NASTY_FILE"]
