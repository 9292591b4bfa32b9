"""The schema of workflows takes the job, and no secret stands in a shell's text."""

import dataclasses
import json

import jsonschema
import pytest
import yaml
from delivery_setups import PLACES, files_of, make_app
from env_readers import TOOLS, need

FILE = "github-actions.job.yaml"
SCHEMA = TOOLS / "check_jsonschema" / "builtin_schemas" / "vendor" / "github-workflows.json"


@pytest.fixture
def app(tmp_path):
    return make_app(tmp_path / "specs")


def job_of(app):
    (job,) = yaml.safe_load(files_of(app, "github-actions")[FILE].content)["jobs"].values()
    return job


def test_a_workflow_with_the_job_is_what_the_schema_wants(app):
    need(SCHEMA, "the schema of workflows")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    job = {**job_of(app), "runs-on": "ubuntu-latest", "steps": [{"run": "./deploy"}]}
    jsonschema.validate({"on": "push", "jobs": {"shop": job}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"on": "push", "jobs": {"shop": {**job, "environments": "x"}}}, schema)


def test_every_variable_comes_from_the_secret_of_its_name_in_the_environment(app):
    job = job_of(app)
    assert job == {"environment": "production", "env": {name: f"${{{{ secrets.{name} }}}}" for name in PLACES}}
    assert job_of(dataclasses.replace(app, environment="staging"))["environment"] == "staging"


def test_each_value_has_a_command_that_puts_it_there_and_shows_it_to_nobody(app):
    text = files_of(app, "github-actions")[FILE].content
    for name in PLACES:
        assert f"# gh secret set {name} --env production\n" in text
    assert "run:" not in yaml.safe_dump(yaml.safe_load(text))


def test_a_name_that_github_keeps_for_itself_gets_another_in_its_secrets(app):
    (binding, *_) = app.bindings
    endpoint = binding.route.endpoint
    renamed = dataclasses.replace(endpoint.password, env="GITHUB_MAIL")
    route = dataclasses.replace(binding.route, endpoint=dataclasses.replace(endpoint, password=renamed, username=None))
    one = dataclasses.replace(app, bindings=(dataclasses.replace(binding, route=route),))
    assert job_of(one)["env"] == {"GITHUB_MAIL": "${{ secrets.MAIL_GITHUB_MAIL }}"}
