"""The pages made from the code: complete, and their examples are what the tests run."""

import re
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from sendspec.esp.interface import esp_ids, load_esp
from sendspec.hosts.interface import host_ids, load_host
from sendspec.pipeline import all_rule_documents
from sendspec.rules.run import rule_documents
from sendspec.targets.interface import target_ids

SECTION = re.compile(r"^### (?P<rule>[a-z0-9-]+)\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
DIFF = re.compile(r"```diff\n(.*?)```\n", re.DOTALL)
FOR_TESTS = re.compile(r"[ \t]*# (?:finding|today): .*$", re.MULTILINE)


@pytest.fixture(scope="module")
def rules_page(repository):
    return (repository / "docs" / "rules.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sections(rules_page):
    return {found["rule"]: found["text"] for found in SECTION.finditer(rules_page)}


def side(diff, sign):
    """Give one of the two files that a diff of whole files holds."""
    return "".join(f"{line[1:]}\n" for line in diff.splitlines() if line[:1] in {" ", sign})


def run(*arguments, cwd):
    return subprocess.run([sys.executable, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)


def test_the_pages_are_what_the_code_says(repository):
    done = run("tools/reference.py", "--check", cwd=repository)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_page_that_went_stale_is_noticed(repository, tmp_path):
    for part in ("tools", "docs", "tests/rules"):
        shutil.copytree(repository / part, tmp_path / part)
    page = tmp_path / "docs" / "targets.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Dotenv file", "Dotenv files"), encoding="utf-8")
    done = run("tools/reference.py", "--check", cwd=tmp_path)
    assert done.returncode != 0
    assert done.stderr == "docs/ is not what the code says: targets.md; run make docs\n"


def test_every_rule_has_a_section_with_all_it_says_about_itself(sections):
    assert sorted(sections) == sorted(document.id for document in rule_documents())
    for document in rule_documents():
        text = sections[document.id]
        assert text.startswith(f"\n*{document.severity}*: ")
        assert [
            label for label in ("Why it matters", "Do instead", "Source", "It says") if f"**{label}:**" not in text
        ] == []


def test_every_id_that_a_finding_can_have_is_on_the_page(rules_page):
    assert [each.id for each in all_rule_documents() if each.id not in rules_page] == []


def test_every_link_of_the_index_leads_to_a_heading(rules_page):
    headings = set(re.findall(r"^#+ (.+)$", rules_page, re.MULTILINE))
    assert set(re.findall(r"\]\(#([^)]+)\)", rules_page)) <= headings


def test_the_examples_are_fixtures_that_the_tests_run(repository, sections):
    folder = repository / "tests" / "rules"
    known = {"bad": {}, "good": {}}
    for path in folder.glob("*/*/*.yaml"):
        if not path.name.endswith(".lock.yaml"):
            subject, rule, _ = path.relative_to(folder).parts
            lock = path.with_name(f"{path.stem}.lock.yaml")
            files = [
                FOR_TESTS.sub("", each.read_text(encoding="utf-8")).lstrip("\n")
                for each in (path, lock)
                if each.exists()
            ]
            known[path.name.partition(".")[0].partition("-")[0]].setdefault(
                f"{subject}-{rule}".replace("_", "-"), []
            ).append(files)
    for rule, text in sections.items():
        diffs = DIFF.findall(text)
        assert len(diffs) in {1, 2}, rule
        for kind, sign in (("bad", "-"), ("good", "+")):
            files = [content for diff in diffs if (content := side(diff, sign))]
            assert files in known[kind][rule], (rule, kind)


def test_every_esp_target_and_host_has_its_place_and_every_cell_its_column(repository):
    pages = {
        name: (repository / "docs" / name).read_text(encoding="utf-8") for name in ("esps.md", "targets.md", "hosts.md")
    }
    assert all(f"\n## {load_esp(esp_id).title}\n" in pages["esps.md"] for esp_id in esp_ids())
    assert all(f"| `{target_id}` |" in pages["targets.md"] for target_id in target_ids())
    assert all(f"\n## {load_host(host_id).title}\n" in pages["hosts.md"] for host_id in host_ids())
    for text in pages.values():
        lines = text.splitlines()
        for before, line in pairwise(lines):
            if before.startswith("| ") and line.startswith("| "):
                assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", before)), line
        assert "table_open" in {token.type for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text)}
