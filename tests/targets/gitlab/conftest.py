"""The generated file, evaluated by Ruby as GitLab evaluates it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import Authority
from ruby_peers import Ruby, find_ruby

from sendspec.model.setup import Setup


@dataclass(frozen=True)
class GitLab:
    """A generated gitlab.rb."""

    path: Path
    ruby: Ruby

    @property
    def text(self) -> str:
        """Give the generated file."""
        return self.path.read_text(encoding="utf-8")

    def run(self, *snippets: str, **environment: str | None) -> list[Mapping[str, object]]:
        """Evaluate snippets beside what tests/targets/gitlab/gitlab.rb defines."""
        return self.ruby.evaluate(snippets, self.path, **environment)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_gitlab(tmp_path: Path, authority: Authority, find_tool: Callable[[str], str]) -> Callable[[Setup], GitLab]:
    """Give a function: setup -> its gitlab.rb."""
    ruby = Ruby(find_ruby(find_tool, "action_mailer"), Path(__file__).with_name("gitlab.rb"), authority.bundle)
    return lambda setup: GitLab(write_files(setup, "gitlab", tmp_path / "output") / "gitlab.rb", ruby)
