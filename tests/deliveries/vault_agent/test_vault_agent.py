"""HCL's reader gives each template back, and each template asks the API's path of its secret."""

import json
import sys

import pytest
from delivery_setups import make_app, write_delivery
from env_readers import TOOLS, need, program, run
from mail_servers import NASTY_PASSWORD, NASTY_USER

READ = "import hcl2, json, sys; print(json.dumps(hcl2.load(open('vault-agent.hcl', encoding='utf-8'))))"


@pytest.fixture
def templates(tmp_path) -> dict[str, dict]:
    need(TOOLS / "hcl2", "python-hcl2")
    folder = write_delivery(make_app(tmp_path / "specs"), "vault-agent", tmp_path)
    blocks = json.loads(run(sys.executable, "-c", READ, folder=folder, PYTHONPATH=str(TOOLS)))["env_template"]
    return {name.strip('"'): inside for block in blocks for name, inside in block.items() if not name.startswith("__")}


def test_each_variable_has_a_template_with_the_path_of_the_api(templates):
    assert {name: unquoted(inside["contents"]) for name, inside in templates.items()} == {
        "VAULT_TOKEN_OF_MAIL": '{{ with secret "kv/data/mail/postmark" }}{{ index .Data.data "server-token" }}{{ end }}',
        "VAULT_PLAIN": '{{ with secret "kv/data/mail/postmark" }}{{ .Data.data.token }}{{ end }}',
    }
    assert all(inside["error_on_missing_key"] is True for inside in templates.values())


def test_gos_template_engine_gives_each_value_as_it_is(templates, tmp_path):
    """kubectl has the engine; what Vault answers stands in an object, and `secret` looks it up there."""
    values = {"server-token": NASTY_PASSWORD, "token": NASTY_USER}
    answer = {"kv/data/mail/postmark": {"Data": {"data": values}}}
    document = {"apiVersion": "x.example/v1", "kind": "X", "metadata": {"name": "x"}, "answers": answer}
    (tmp_path / "x.json").write_text(json.dumps(document), encoding="utf-8")
    found = {}
    for name, inside in templates.items():
        template = unquoted(inside["contents"]).replace("with secret ", "with index $.answers ")
        command = (
            program("kubectl"),
            "label",
            "--local",
            "--dry-run=client",
            "-f",
            "x.json",
            "x=y",
            f"-o=go-template={template}",
        )
        found[name] = run(*command, folder=tmp_path, KUBECONFIG="/dev/null")
    assert found == {"VAULT_TOKEN_OF_MAIL": NASTY_PASSWORD, "VAULT_PLAIN": NASTY_USER}


def unquoted(text: str) -> str:
    """python-hcl2 keeps the quotes and escapes of a string."""
    return json.loads(text) if text.startswith('"') else text.replace('\\"', '"')
