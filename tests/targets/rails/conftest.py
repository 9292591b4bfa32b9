"""The generated initializer in a real Rails application."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import Authority
from ruby_peers import Ruby, find_ruby

from sendspec.model.setup import Setup


@dataclass(frozen=True)
class Application:
    """A Rails application whose only initializer is the generated file."""

    root: Path
    ruby: Ruby

    @property
    def text(self) -> str:
        """Give the generated file."""
        return (self.root / "config/initializers/rails_mail.rb").read_text(encoding="utf-8")

    def run(self, *snippets: str, rails: str = "production", **environment: str | None) -> list[Mapping[str, object]]:
        """Start the application once, evaluate snippets in it, and give what each came to."""
        return self.ruby.evaluate(snippets, self.root, rails, **environment)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_application(
    tmp_path: Path, authority: Authority, find_tool: Callable[[str], str]
) -> Callable[[Setup], Application]:
    """Give a function: setup -> the application around its initializer."""
    ruby = Ruby(find_ruby(find_tool, "rails"), Path(__file__).with_name("application.rb"), authority.bundle)

    def make(setup: Setup) -> Application:
        initializers = tmp_path / "rails/config/initializers"
        initializers.mkdir(parents=True, exist_ok=True)
        (write_files(setup, "rails", tmp_path / "output") / "rails_mail.rb").rename(initializers / "rails_mail.rb")
        return Application(tmp_path / "rails", ruby)

    return make


@pytest.fixture
def texts() -> Callable[[Iterable[str]], list[str]]:
    """Give a function that makes a list of what Ruby could read in another way, behind those given."""
    hard = [
        "\u2028",
        "\u202e",
        "\x00",
        "#{x}",
        "#$x",
        "#@x",
        "#",
        "\\",
        '"',
        "'",
        "𝒳",
        "\U000e0001",
        "\\#{x}",
        "%s",
        "#",
    ]
    return lambda more: [*hard, *more]
