"""One way to live with a finding: on the object it is about, or at the top with a glob."""

import pytest

from sendspec.model.origin import Document, Origin
from sendspec.model.setup import Acceptance
from sendspec.rules.acceptances import Acceptances, exact_glob

ROUTE = Origin(("streams", "news", "routes", 0, "esp"))


def on(*path, rule="a-rule"):
    return Acceptance(rule, "because", "", Origin(path), "", Origin((*path, "accept", 0)))


def at_top(glob, rule="a-rule"):
    return Acceptance(rule, "because", "", Origin(), glob, Origin(("accept", 0)))


@pytest.mark.parametrize(
    ("acceptance", "covers"),
    [
        (on("streams", "news"), True),
        (on("streams", "news", "routes", 0), True),
        (on("streams", "news", "routes", 1), False),
        (on("streams", "new"), False),
        (on("streams", "news", rule="another"), False),
        (at_top("*"), True),
        (at_top("streams.news"), True),
        (at_top("streams.*"), True),
        (at_top("streams.news.routes[0]"), True),
        (at_top("streams.news.routes[1]"), False),
        (at_top("streams.new"), False),
        (at_top("domains.*"), False),
        (at_top("streams.news", rule="another"), False),
    ],
)
def test_an_acceptance_covers_its_rule_at_its_object_and_below(acceptance, covers):
    acceptances = Acceptances([acceptance])
    assert acceptances.covering("a-rule", ROUTE) == ((acceptance,) if covers else ())
    assert acceptances.unused() == (() if covers else (acceptance,))


def test_what_the_lock_says_of_an_account_is_accepted_on_the_account():
    issued = Origin(("issued", "pm", "mail.shop.example", "dkim"), Document.LOCK)
    assert Acceptances([on("esps", "pm")]).covering("a-rule", issued)
    assert not Acceptances([on("esps", "other")]).covering("a-rule", issued)
    assert not Acceptances([on("issued", "pm")]).covering("a-rule", Origin(("esps", "pm")))


def test_every_acceptance_that_matches_counts_as_used():
    both = [on("streams", "news"), at_top("streams.*")]
    acceptances = Acceptances(both)
    assert acceptances.covering("a-rule", ROUTE)
    assert acceptances.unused() == ()


@pytest.mark.parametrize(
    "path", ["streams.a.routes[1].esp", "esps.a.settings.extra.*", "a[*]", "a?b", "[[x]]*", "lock:a.b"]
)
def test_an_exact_glob_fits_its_path_and_no_other(path):
    glob = exact_glob(path)

    class Named(Origin):
        def to_text(self):
            return self.path[0]

    for other in (path, path.replace("*", "x"), path.replace("?", "x"), path.replace("1", "2"), f"{path}x"):
        found = Acceptances([at_top(glob)]).covering("a-rule", Named((other,)))
        assert bool(found) is (other == path), other
