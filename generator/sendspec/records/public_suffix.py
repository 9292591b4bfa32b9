"""The registrable domain of a name: one label below a public suffix, as receivers of RFC 7489 find it.

Source: RFC 7489 section 3.2; the list of publicsuffix.org as the library bundles it. Nothing is fetched.
"""

from collections.abc import Callable
from functools import cache


def registrable_domain(name: str) -> str:
    """Give the registrable domain of a name, which is the name itself where that is a public suffix.

    A name below no suffix of the list belongs to its last two labels (publicsuffix.org: the prevailing rule is `*`).
    """
    return _from_list()(name) or ".".join(name.split(".")[-2:])


@cache
def _from_list() -> Callable[[str], str]:
    """Load the list: a fifth of a second that only setups with deep names pay."""
    import tldextract

    # Private suffixes count too: each customer of a hosting service is an organization of its own.
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

    def registrable(name: str) -> str:
        found = extract.extract_str(name)
        return found.top_domain_under_public_suffix or (name if found.suffix == name else "")

    return registrable
