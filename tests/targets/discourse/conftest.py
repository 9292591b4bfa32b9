"""The generated files, read by Discourse's rules."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from dotenv import dotenv_values
from mail_servers import Authority
from ruby_peers import Ruby, find_ruby

from sendspec.model.setup import Setup


@dataclass(frozen=True)
class Discourse:
    """A folder with the generated files."""

    folder: Path
    ruby: Ruby

    def text(self, name: str) -> str:
        """Give a generated file."""
        return (self.folder / name).read_text(encoding="utf-8")

    def run(self, *snippets: str, **environment: str | None) -> list[Mapping[str, object]]:
        """Evaluate snippets beside what tests/targets/discourse/discourse.rb defines."""
        return self.ruby.evaluate(snippets, self.folder, **environment)

    def variables(self, name: str, **secrets: str) -> str:
        """Give the variables of a container with an env file and secrets, as a Ruby expression."""
        read = dotenv_values(self.folder / name)
        return f"JSON.parse({json.dumps(json.dumps(read | secrets))})"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_discourse(
    tmp_path: Path, authority: Authority, find_tool: Callable[[str], str]
) -> Callable[[Setup], Discourse]:
    """Give a function: setup -> its files."""
    ruby = Ruby(find_ruby(find_tool, "action_mailer"), Path(__file__).with_name("discourse.rb"), authority.bundle)
    return lambda setup: Discourse(write_files(setup, "discourse", tmp_path / "output"), ruby)
