"""The schema of the External Secrets Operator takes the manifest, and each reference leads where it is kept."""

import json

import pytest
import yaml
from delivery_setups import env_names, make_app, write_delivery
from env_readers import MODULES, NODE, need, run

FILE = "external-secret.yaml"
VALIDATE = """
import { readFileSync } from "node:fs";
import { ExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1";
new ExternalSecret(JSON.parse(readFileSync("manifest.json", "utf8"))).validate();
"""
KEYS = {
    "spec": {"refreshInterval", "secretStoreRef", "target", "data"},
    "target": {"name", "creationPolicy"},
    "data": {"secretKey", "remoteRef", "sourceRef"},
    "remoteRef": {"key", "property"},
}
"""Those of the API that we write: the schema lets unknown ones pass."""


def validate(manifest, folder):
    need(MODULES / "@kubernetes-models" / "external-secrets", "the schema of external-secrets")
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(MODULES)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    run(NODE, "--input-type=module", "--eval", VALIDATE, folder=folder)


@pytest.fixture
def manifest(tmp_path):
    return yaml.safe_load(
        (write_delivery(make_app(tmp_path / "specs"), "external-secret", tmp_path) / FILE).read_text()
    )


def test_the_operators_schema_takes_the_manifest(manifest, tmp_path):
    validate(manifest, tmp_path)
    spec = manifest["spec"]
    assert set(spec) <= KEYS["spec"]
    assert set(spec["target"]) <= KEYS["target"]
    for entry in spec["data"]:
        assert set(entry) <= KEYS["data"]
        assert set(entry["remoteRef"]) <= KEYS["remoteRef"]


def test_every_variable_is_read_where_it_is_kept(manifest):
    spec = manifest["spec"]
    default = spec["secretStoreRef"]["name"]
    found = {
        entry["secretKey"]: (
            entry.get("sourceRef", {}).get("storeRef", {}).get("name", default),
            entry["remoteRef"]["key"],
            entry["remoteRef"].get("property", ""),
        )
        for entry in spec["data"]
    }
    assert found == {
        "SES_USER": ("aws-secrets-manager", "prod/mail/ses", "username"),
        "SES_PASSWORD": ("aws-secrets-manager", "prod/mail/ses", "password"),
        "PLAIN_TOKEN": ("aws-secrets-manager", "prod/mail/token", ""),
        "SSM_TOKEN": ("aws-parameter-store", "/prod/mail/token", ""),
        "VAULT_TOKEN_OF_MAIL": ("vault", "kv/mail/postmark", "server-token"),
        "VAULT_PLAIN": ("vault", "kv/mail/postmark", "token"),
        "GCP_TOKEN": ("gcp-secret-manager-shop-prod", "postmark", ""),
    }
    assert set(found) == set(env_names(["aws-sm", "aws-ssm", "vault", "gcp-sm"]))


def test_it_fills_the_secret_that_the_deployment_asks_for(manifest):
    assert manifest["spec"]["target"]["name"] == "shop-mail-secrets"


def test_the_schema_refuses_what_is_wrong(manifest, tmp_path):
    manifest["spec"]["secretStoreRef"]["kind"] = "Store"
    with pytest.raises(AssertionError, match="allowed values"):
        validate(manifest, tmp_path)
