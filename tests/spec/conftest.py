"""Specs written in tests, loaded from a folder `specs` below the current folder, so that findings say `specs/a.yaml:3:5`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sendspec.model.finding import Finding
from sendspec.spec.load import LoadedSpec, load_spec

MINIMAL = """\
version: 1
domains:
  shop.example:
    dmarc: {policy: reject}
    subdomains:
      mail: {purpose: transactional}
esps:
  postmark-main:
    kind: postmark
    credentials:
      server_token: {from: "env://TOKEN", env: POSTMARK_TOKEN}
streams:
  receipts:
    kind: transactional
    from: Shop <receipts@mail.shop.example>
    routes:
      - {role: primary, via: smtp, esp: postmark-main}
apps:
  shop:
    streams: [receipts]
"""

Load = Callable[..., LoadedSpec]


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder `specs`, relative to the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = Path("specs")
    folder.mkdir()
    return folder


@pytest.fixture
def load(specs: Path) -> Load:
    """Give a function that writes files (path -> text or bytes; `a` stands for `a.yaml`) and loads the folder."""

    def write_and_load(text: str | bytes = b"", **files: str | bytes) -> LoadedSpec:
        for name, content in {**({"a": text} if text else {}), **files}.items():
            path = specs / (f"{name}.yaml" if "." not in name else name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_spec(specs)

    return write_and_load


@pytest.fixture
def minimal() -> str:
    """Give a small spec without a problem."""
    return MINIMAL


def shown(finding: Finding) -> str:
    """Give `specs/a.yaml:3:5 spec-unknown-key`."""
    return f"{finding.where.to_text() if finding.where else '-'} {finding.rule}"


@pytest.fixture
def problems(load: Load) -> Callable[..., list[str]]:
    """Give a function that loads like `load` and tells place and rule of every finding, in order."""

    def find(text: str | bytes = b"", **files: str | bytes) -> list[str]:
        return [shown(finding) for finding in load(text, **files).findings]

    return find


def everything(loaded: LoadedSpec) -> str:
    """Give all text of all findings."""
    return "\n".join(
        part
        for finding in loaded.findings
        for part in (
            finding.message,
            finding.fix,
            *(
                text
                for span in (finding.where, *finding.related)
                if span
                for text in (span.file, span.excerpt, span.label)
            ),
        )
    )


@pytest.fixture
def all_text() -> Callable[[LoadedSpec], str]:
    """Give a function that collects all text of all findings."""
    return everything
