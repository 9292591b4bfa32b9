"""kubectl and Kubernetes' own schema take the manifests, and every value is the string that the setup says."""

import json
import sys
from pathlib import Path

import pytest
import yaml
from app_setups import ENVIRONMENTS, SPEC, THROUGH, compile_text, in_environments, only, write_files
from env_readers import TOOLS, need, program, run, some_values

from sendspec.model.setup import Setup
from sendspec.targets.quoted_text import double_quoted

CONFIG_MAP, PATCH = "kubernetes.configmap.yaml", "kubernetes.deployment-patch.yaml"
VALIDATE = """
import sys, yaml, kubernetes_validate
for path in sys.argv[1:]:
    for document in yaml.safe_load_all(open(path, encoding="utf-8")):
        kubernetes_validate.validate(document, "1.34", strict=True)
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: shop, image: "shop:1"}, {name: sidecar, image: "proxy:1"}]
"""


def kubernetes(text: str) -> str:
    return text.replace("targets: [dotenv", "targets: [kubernetes, dotenv")


def validate(folder: Path, *files: str) -> None:
    need(TOOLS / "kubernetes_validate", "kubernetes-validate")
    run(sys.executable, "-c", VALIDATE, *files, folder=folder, PYTHONPATH=str(TOOLS))


def kubectl(folder: Path, *arguments: str):
    return json.loads(run(program("kubectl"), *arguments, "-o", "json", folder=folder, KUBECONFIG="/dev/null"))


@pytest.fixture
def setup(tmp_path) -> Setup:
    return compile_text(tmp_path / "specs", kubernetes(SPEC))


def test_the_config_map_holds_what_the_setup_says_as_strings_and_no_secret(setup, tmp_path):
    folder = write_files(setup, "kubernetes", tmp_path)
    validate(folder, CONFIG_MAP)
    read = yaml.safe_load((folder / CONFIG_MAP).read_text())
    assert (read["kind"], read["metadata"]["name"]) == ("ConfigMap", "shop-mail")
    assert read["data"] == {each.name: each.value for each in setup.apps[0].variables() if each.value}


def test_kubectl_reads_the_config_map_alike(setup, tmp_path):
    folder = write_files(setup, "kubernetes", tmp_path)
    data = yaml.safe_load((folder / CONFIG_MAP).read_text())["data"]
    command = ("label", "--local", "--dry-run=client", "-f", CONFIG_MAP, "x=y")
    assert kubectl(folder, *command)["data"] == data


def test_the_patch_brings_settings_and_secrets_into_the_one_container(setup, tmp_path):
    folder = write_files(setup, "kubernetes", tmp_path)
    (folder / "deployment.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    patched = kubectl(folder, "patch", "--local", "-f", "deployment.yaml", "--patch-file", PATCH)
    (folder / "patched.yaml").write_text(json.dumps(patched), encoding="utf-8")
    validate(folder, "patched.yaml")
    pods = patched["spec"]["template"]
    containers = {each["name"]: each for each in pods["spec"]["containers"]}
    assert containers["shop"]["envFrom"] == [
        {"configMapRef": {"name": "shop-mail"}},
        {"secretRef": {"name": "shop-mail-secrets"}},
    ]
    assert containers["shop"]["image"] == "shop:1"
    assert "envFrom" not in containers["sidecar"]
    assert pods["metadata"]["labels"] == {"app": "shop"}
    assert list(pods["metadata"]["annotations"]) == ["sendspec/mail-settings"]


def test_pods_are_replaced_when_a_setting_changes(setup, tmp_path):
    other = compile_text(tmp_path / "other", kubernetes(SPEC.replace("hello@news", "hi@news")))
    patches = [
        yaml.safe_load((write_files(each, "kubernetes", tmp_path / name) / PATCH).read_text())
        for name, each in (("a", setup), ("b", other))
    ]
    one, two = (patch["spec"]["template"]["metadata"]["annotations"] for patch in patches)
    assert one != two


def test_every_environment_has_objects_of_its_own(tmp_path):
    setup = in_environments(compile_text(tmp_path / "specs", kubernetes(ENVIRONMENTS)))
    folder = write_files(setup, "kubernetes", tmp_path)
    names = {
        environment: yaml.safe_load((folder / environment / CONFIG_MAP).read_text())["metadata"]["name"]
        for environment in ("production", "staging", "development")
    }
    assert names == {name: f"shop-{name}-mail" for name in names}


def test_an_app_without_credentials_needs_no_secret(tmp_path):
    setup = only(compile_text(tmp_path / "specs", kubernetes(THROUGH)), "shop")
    folder = write_files(setup, "kubernetes", tmp_path)
    validate(folder, CONFIG_MAP)
    patch = yaml.safe_load((folder / PATCH).read_text())
    assert patch["spec"]["template"]["spec"]["containers"][0]["envFrom"] == [{"configMapRef": {"name": "shop-mail"}}]


def test_any_text_reads_back_as_itself_in_yaml_1_1_and_in_kubectl(tmp_path):
    special = ("587", "yes", "1e3", "0123", "null", "~", "@x", "%x", "- x", "x: y", "\x00", "\u2028", "\ufeff", "𝒳", "")
    values = {f"V{number}": value for number, value in enumerate((*some_values(), *special))}
    lines = "".join(f"  {name}: {double_quoted(value)}\n" for name, value in values.items())
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n{lines}"
    assert yaml.safe_load(text)["data"] == values
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    found = kubectl(tmp_path, "label", "--local", "--dry-run=client", "-f", "x.yaml", "x=y")["data"]
    assert found == values


def test_the_schema_refuses_a_number_where_a_string_is_wanted(tmp_path):
    (tmp_path / "x.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {A: 587}\n")
    with pytest.raises(AssertionError, match="587"):
        validate(tmp_path, "x.yaml")
