"""Writing through the commands of 1Password, Vault and Google Cloud: stateful stand-ins, real processes."""

import json
from dataclasses import replace

import pytest
from store_programs import GCLOUD, OP, VAULT

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.gcp_sm import STORE as GCP_STORE
from sendspec.stores.op import STORE as OP_STORE
from sendspec.stores.vault import STORE as VAULT_STORE

NEW = 'n3w/sécret"value $(id)'
ITEM = {
    "id": "abcdefghijklmnopqrstuvwxyz",
    "title": "postmark",
    "category": "API_CREDENTIAL",
    "sections": [{"id": "s1", "label": "Old-keys"}],
    "fields": [
        {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain", "value": "ours"},
        {"id": "f1", "type": "CONCEALED", "label": "server-token", "value": "hunter2"},
        {"id": "f2", "type": "CONCEALED", "label": "account-token", "value": "hunter3"},
        {"id": "f3", "type": "CONCEALED", "label": "server-token", "value": "h4", "section": {"id": "s1"}},
        {"id": "expires", "type": "DATE", "label": "expires"},
    ],
}


def stored(surroundings):
    return json.loads((surroundings.folder / "state.json").read_text())


def store_state(surroundings, state):
    (surroundings.folder / "state.json").write_text(json.dumps(state))


def noted(surroundings):
    file = surroundings.folder / "argv"
    return file.read_text() if file.exists() else ""


def changed(surroundings, **variables: str):
    return replace(surroundings, environment={**surroundings.environment, **variables})


@pytest.fixture
def op(install, surroundings):
    install("op", OP)
    store_state(surroundings, {"mail": [ITEM]})
    return surroundings


@pytest.fixture
def vault(install, surroundings):
    install("vault", VAULT)
    store_state(
        surroundings,
        {
            "secret/mail/ses": {"version": 3, "data": {"username": "AKIA", "password": "hunter2"}},
            "secret/mail/deleted": {"version": 2, "data": None},
            "kv1/mail/ses": {"version": 1, "data": {"username": "AKIA", "password": "hunter2"}},
        },
    )
    return surroundings


@pytest.fixture
def gcloud(install, surroundings):
    install("gcloud", GCLOUD)
    store_state(surroundings, {"northwind/ses": ["hunter2"]})
    return surroundings


def test_a_field_of_1password_changes_and_all_others_stay(op):
    assert OP_STORE.write("mail/postmark/account-token", Secret(NEW), op) is None
    (item,) = stored(op)["mail"]
    assert {field["id"]: field.get("value") for field in item["fields"]} == {
        "notesPlain": "ours",
        "f1": "hunter2",
        "f2": NEW,
        "f3": "h4",
    }
    assert (item["title"], item["category"], item["sections"]) == ("postmark", "API_CREDENTIAL", ITEM["sections"])


def test_a_field_outside_sections_is_meant_where_no_section_is_named(op):
    assert OP_STORE.write("mail/postmark/f1", Secret(NEW), op) is None
    values = {field["id"]: field.get("value") for field in stored(op)["mail"][0]["fields"]}
    assert (values["f1"], values["f3"]) == (NEW, "h4")


def test_a_field_in_a_section_is_found_by_the_names_people_see(op):
    assert OP_STORE.write("mail/postmark/old-keys/Server-Token", Secret(NEW), op) is None
    values = {field["id"]: field.get("value") for field in stored(op)["mail"][0]["fields"]}
    assert (values["f1"], values["f3"]) == ("hunter2", NEW)


def test_a_field_that_is_not_there_is_added_concealed_and_its_section_too(op):
    assert OP_STORE.write("mail/postmark/dkim/key", Secret(NEW), op) is None
    item = stored(op)["mail"][0]
    (added,) = [field for field in item["fields"] if field["label"] == "key"]
    assert (added["type"], added["value"], added["section"]["id"]) == ("CONCEALED", NEW, "dkim")
    assert [section["id"] for section in item["sections"]] == ["s1", "dkim"]


def test_an_item_that_is_not_there_is_made(op):
    assert OP_STORE.write("mail/sendgrid/api-key", Secret(NEW), op) is None
    item = stored(op)["mail"][1]
    assert (item["title"], item["category"]) == ("sendgrid", "API_CREDENTIAL")
    assert [(field["label"], field["value"]) for field in item["fields"]] == [("api-key", NEW)]


@pytest.mark.parametrize(
    ("item", "reference", "reason"),
    [
        ({**ITEM, "category": "LOGIN"}, "mail/postmark/f1", "would drop a passkey"),
        ({**ITEM, "files": [{"id": "x"}]}, "mail/postmark/f1", "would drop a passkey"),
        ({**ITEM, "fields": [*ITEM["fields"], ITEM["fields"][1]]}, "mail/postmark/server-token", "several fields"),
        (ITEM, "mail/zzzzzzzzzzzzzzzzzzzzzzzzzz/key", "no such item"),
        (ITEM, "elsewhere/postmark/key", "no such vault"),
        (ITEM, "mail/-x/key", "hyphen"),
    ],
)
def test_an_item_that_would_lose_something_or_is_not_clear_is_left_alone(op, unresolved, item, reference, reason):
    store_state(op, {"mail": [item]})
    assert reason in unresolved(OP_STORE.write(reference, Secret(NEW), op)).reason
    assert stored(op) == {"mail": [item]}


def test_output_of_op_that_is_no_item_is_refused(install, surroundings, unresolved):
    install("op", "print('hunter2')")
    found = unresolved(OP_STORE.write("mail/postmark/f1", Secret(NEW), surroundings))
    assert found.reason == "`op` wrote what is no item in JSON"


def test_a_key_of_vault_changes_and_all_others_stay(vault):
    assert VAULT_STORE.write("secret/mail/ses#password", Secret(NEW), vault) is None
    assert stored(vault)["secret/mail/ses"] == {"version": 4, "data": {"username": "AKIA", "password": NEW}}


def test_a_key_that_somebody_else_sets_at_the_same_time_is_not_lost(vault):
    assert VAULT_STORE.write("secret/mail/ses#password", Secret(NEW), changed(vault, MEANWHILE="2")) is None
    assert stored(vault)["secret/mail/ses"]["data"] == {"username": "AKIA", "password": NEW, "other": "v5"}


def test_a_secret_that_somebody_else_restores_at_the_same_time_keeps_what_they_put_there(vault):
    assert VAULT_STORE.write("secret/mail/deleted#password", Secret(NEW), changed(vault, MEANWHILE="1")) is None
    assert stored(vault)["secret/mail/deleted"]["data"] == {"password": NEW, "other": "v3"}


def test_a_secret_that_others_write_all_the_time_is_given_up(vault, unresolved):
    found = unresolved(VAULT_STORE.write("secret/mail/ses#password", Secret(NEW), changed(vault, MEANWHILE="99")))
    assert "all the time" in found.reason
    assert stored(vault)["secret/mail/ses"]["data"]["password"] == "hunter2"


@pytest.mark.parametrize("path", ["secret/mail/new", "secret/mail/deleted", "kv1/mail/new"])
def test_a_secret_of_vault_that_is_not_there_or_deleted_is_made(vault, path):
    assert VAULT_STORE.write(f"{path}#password", Secret(NEW), vault) is None
    assert stored(vault)[path]["data"] == {"password": NEW}


def test_the_first_version_of_the_engine_keeps_the_other_keys_too(vault):
    assert VAULT_STORE.write("kv1/mail/ses#password", Secret(NEW), vault) is None
    assert stored(vault)["kv1/mail/ses"]["data"] == {"username": "AKIA", "password": NEW}


def test_a_token_that_may_not_write_says_what_its_policy_needs(vault, unresolved):
    refused = changed(vault, FAILURE="Code: 403. Errors:\n\n* permission denied", BUT="kv get")
    found = unresolved(VAULT_STORE.write("secret/mail/ses#password", Secret(NEW), refused))
    assert "denies writing" in found.reason
    assert "`patch`" in found.fix


def test_a_version_is_added_in_google_cloud(gcloud):
    assert GCP_STORE.write("northwind/ses", Secret(NEW), gcloud) is None
    assert stored(gcloud) == {"northwind/ses": ["hunter2", NEW]}


def test_a_google_secret_that_does_not_exist_is_not_made_because_its_regions_are_somebodys_choice(gcloud, unresolved):
    found = unresolved(GCP_STORE.write("northwind/none", Secret(NEW), gcloud))
    assert "no such secret" in found.reason
    assert "gcloud secrets create" in found.fix


def test_a_google_account_that_may_not_add_versions_is_told_the_role(gcloud, unresolved):
    refused = changed(gcloud, FAILURE="PERMISSION_DENIED: Permission 'secretmanager.versions.add' denied")
    assert "secretVersionAdder" in unresolved(GCP_STORE.write("northwind/ses", Secret(NEW), refused)).fix


WRITES = [
    (OP_STORE, "op", "mail/postmark/account-token"),
    (OP_STORE, "op", "mail/sendgrid/api-key"),
    (VAULT_STORE, "vault", "secret/mail/ses#password"),
    (VAULT_STORE, "vault", "secret/mail/new#password"),
    (VAULT_STORE, "vault", "kv1/mail/ses#password"),
    (GCP_STORE, "gcloud", "northwind/ses"),
]


@pytest.mark.parametrize(("store", "program", "reference"), WRITES)
def test_the_value_is_in_no_argument_and_in_no_file_but_the_stores_own(request, store, program, reference):
    surroundings = request.getfixturevalue(program)
    assert store.write(reference, Secret(NEW), surroundings) is None
    assert noted(surroundings)
    for file in surroundings.folder.rglob("*"):
        if file.is_file() and file.name != "state.json":
            assert b"n3w" not in file.read_bytes()


@pytest.mark.parametrize(("store", "program", "reference"), WRITES)
def test_a_failure_tells_neither_the_new_value_nor_what_the_program_says(
    request, unresolved, store, program, reference
):
    surroundings = changed(request.getfixturevalue(program), FAILURE="something new about n3w and hunter2")
    found = unresolved(store.write(reference, Secret(NEW), surroundings))
    assert "n3w" not in repr(found)
    assert "hunter2" not in repr(found)
    assert f"`{program}` failed with status 1" in found.reason


def test_a_store_that_keeps_something_else_is_found_out(install, surroundings, unresolved):
    install("gcloud", "print('aHVudGVyMg==')\nsys.stdin.read()")  # hunter2, whatever is written
    found = unresolved(GCP_STORE.write("northwind/ses", Secret(NEW), surroundings))
    assert found.reason == "it was written, and what is there now is another value"


def test_whoever_runs_the_command_by_hand_is_told_that_it_wants_a_value(install, surroundings, unresolved):
    install("gcloud", "sys.exit(3)")
    found = unresolved(GCP_STORE.write("northwind/ses", Secret(NEW), surroundings))
    assert "with a value on its standard input" in found.fix


def test_unresolved_is_the_answer_where_the_program_is_missing(surroundings):
    for store, _, reference in WRITES:
        assert isinstance(store.write(reference, Secret(NEW), surroundings), Unresolved)


def test_several_fields_of_an_item_change_in_one_step(op):
    values = {"mail/postmark/f1": Secret(NEW), "mail/postmark/account-token": Secret("n3w-too")}
    assert OP_STORE.write_all(values, op) is None
    [item] = stored(op)["mail"]
    kept = {each["id"]: each.get("value") for each in item["fields"]}
    assert (kept["f1"], kept["f2"], kept["f3"], kept["notesPlain"]) == (NEW, "n3w-too", "h4", "ours")
    assert noted(op).count('"item", "edit"') == 1


@pytest.mark.parametrize("path", ["secret/mail/ses", "secret/mail/deleted", "secret/mail/new", "kv1/mail/ses"])
def test_several_keys_of_vault_change_in_one_version(vault, path):
    before = stored(vault).get(path, {}).get("version", 0)
    values = {f"{path}#username": Secret("AKIANEW"), f"{path}#password": Secret(NEW)}
    assert VAULT_STORE.write_all(values, vault) is None
    assert stored(vault)[path]["data"] == {"username": "AKIANEW", "password": NEW}
    if path.startswith("secret/"):
        assert stored(vault)[path]["version"] == before + 1
    assert NEW not in noted(vault)
