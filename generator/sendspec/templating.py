"""The one way templates are set up: an unknown name is an error, and nothing is escaped behind the author's back.

Each format brings its own quoting as filters; a template passes every value through one of them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

Filter = Callable[..., str]


def environment(package: str, filters: Mapping[str, Filter]) -> "Environment":
    """Give the environment for the templates in the folder `templates` of a package, with that format's filters.

    One environment for one package and set of filters, so a template is compiled once in a run.
    Raises ValueError when the package has no `templates` folder.
    """
    return _environment(package, tuple(sorted(filters.items())))


@cache
def _environment(package: str, filters: tuple[tuple[str, Filter], ...]) -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # commands that write nothing do without

    made = Environment(
        loader=PackageLoader(package),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - no HTML is written; each format has its own quoting filter
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(filters)
    return made
