"""Every account and every DNS host with an API has a sheet of rights, and its policies are files that can be handed over."""

import json

import pytest
from markdown_it import MarkdownIt

from sendspec.esp.interface import esp_ids, load_esp
from sendspec.pipeline import compile_folder, output_files

TABLE = MarkdownIt("commonmark")


@pytest.fixture
def files(northwind):
    return {file.path: file for file in output_files(compile_folder(northwind))}


def test_every_account_in_use_has_a_sheet(files):
    sheets = {path for path in files if path.startswith("esps/") and path.endswith("access.md")}
    assert sheets == {f"esps/{account}/access.md" for account in ("postmark-main", "sendgrid-eu", "ses-eu")}


def test_every_esp_says_who_sends_what_sendspec_needs_and_what_cannot_be_narrowed(northwind):
    setup = compile_folder(northwind).setup
    assert {account.kind for account in setup.accounts} == set(esp_ids())
    for account in setup.accounts:
        sheet = load_esp(account.kind).access(setup, account)
        assert sheet.senders
        assert sheet.managers
        assert any(each.limits for each in (*sheet.senders, *sheet.managers))
        assert all(each.source.startswith("https://") for each in (*sheet.senders, *sheet.managers))


def test_policies_are_files_that_the_sheet_names(files):
    for path, file in files.items():
        if "policy-" in path:
            assert json.loads(file.content)["Version"] == "2012-10-17"
            folder = path.rpartition("/")[0]
            assert f"`{path.rpartition('/')[2]}`" in files[f"{folder}/access.md"].content


def test_zones_kept_by_hand_need_no_rights(northwind):
    spec = northwind / "northwind.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("host: route53", "host: manual"), encoding="utf-8")
    assert not [
        path
        for path in (file.path for file in output_files(compile_folder(northwind)))
        if path.startswith("dns/access")
    ]


def test_a_sheet_is_sound_markdown_whatever_names_hold(northwind):
    spec = northwind / "northwind.yaml"
    text = spec.read_text(encoding="utf-8").replace(
        "configuration_set: northwind", "configuration_set: north_wind_mail"
    )
    spec.write_text(text, encoding="utf-8")
    for file in output_files(compile_folder(northwind)):
        if file.path.endswith("access.md"):
            html = TABLE.render(file.content)
            assert "<em>" not in html
            assert file.content.endswith("\n")
