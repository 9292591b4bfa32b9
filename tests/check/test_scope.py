"""A part of a setup holds what it is asked for, and all parts together hold everything once."""

from dataclasses import replace

import pytest

from sendspec.check.scope import Scope, narrow, split
from sendspec.check.scope import names as names_of
from sendspec.pipeline import compile_folder


@pytest.fixture
def setup(repository):
    return compile_folder(repository / "specs").setup


def names(setup) -> set[tuple[str, str]]:
    return {(rrset.name, rrset.type) for _, rrset in setup.rrsets()}


def test_everything_is_the_setup_itself(setup):
    assert narrow(setup, Scope()) is setup


def test_a_stream_brings_its_records_its_routes_and_the_domain_s_own(setup):
    part = narrow(setup, Scope(streams=frozenset({"receipts"})))
    assert [stream.id for stream in part.streams] == ["receipts"]
    assert {account.id for account in part.accounts} == {"postmark-main", "ses-eu"}
    found = names(part)
    assert ("pm-bounces.mail.northwind.example", "CNAME") in found
    assert ("_dmarc.northwind.example", "TXT") in found
    assert not any(".auth." in name or ".help." in name for name, _ in found)
    assert list(part.pending()) == []
    assert {proof.stream for proof in part.proofs} == {"receipts"}


def test_an_account_brings_only_what_it_has_to_do_with(setup):
    part = narrow(setup, Scope(esps=frozenset({"sendgrid-eu"})))
    assert [account.id for account in part.accounts] == ["sendgrid-eu"]
    assert names(part) == set()
    assert {record.account for record in part.pending()} == {"sendgrid-eu"}
    assert {route.account for _, route in part.routes()} == {"sendgrid-eu"}


def test_stream_and_account_together_bring_what_both_want(setup):
    part = narrow(setup, Scope(streams=frozenset({"receipts"}), esps=frozenset({"ses-eu"})))
    assert [route.id for _, route in part.routes()] == ["receipts.fallback"]
    assert all(".mail.northwind.example" in name for name, _ in names(part))


@pytest.mark.parametrize("of", [1, 2, 3, 16])
def test_all_shares_together_are_the_whole_and_none_is_looked_at_twice(setup, of):
    domains = tuple(replace(setup.domains[0], name=f"customer{number}.example") for number in range(50))
    many = replace(setup, domains=domains)
    parts = [narrow(many, Scope(share=(number, of))) for number in range(1, of + 1)]
    for everything in (
        lambda part: [domain.name for domain in part.domains],
        lambda part: [account.id for account in part.accounts],
        lambda part: [route.id for _, route in part.routes()],
    ):
        together = [name for part in parts for name in everything(part)]
        assert sorted(together) == sorted(everything(many))


def test_a_domain_keeps_its_share_when_another_is_added(setup):
    scope = Scope(share=(2, 5))
    assert scope.holds("northwind.example") == Scope(share=(2, 5)).holds("northwind.example")
    assert sum(Scope(share=(number, 5)).holds("northwind.example") for number in range(1, 6)) == 1


def test_look_ups_by_id_still_find_everything(setup):
    part = narrow(setup, Scope(streams=frozenset({"support"})))
    assert part.account("postmark-main").id == "postmark-main"


@pytest.mark.parametrize("parts", [1, 2, 3, 16])
@pytest.mark.parametrize("share", [(1, 1), (2, 3)])
def test_a_scope_splits_into_scopes_with_nothing_in_common(setup, parts, share):
    domains = tuple(replace(setup.domains[0], name=f"customer{number}.example") for number in range(50))
    many = replace(setup, domains=(*setup.domains, *domains))
    scope = Scope(share=share)
    split_up = split(many, scope, parts)
    whole, pieces = narrow(many, scope), [narrow(many, each) for each in split_up]
    assert len(split_up) <= parts
    for piece in pieces:
        assert set(names_of(piece))
    assert sorted(name for piece in pieces for name in names_of(piece)) == sorted(names_of(whole))
    assert sorted(proof.author for piece in pieces for proof in piece.proofs) == sorted(
        proof.author for proof in whole.proofs
    )


@pytest.mark.parametrize("of", [2, 3, 5, 16])
def test_a_share_that_has_an_account_has_all_its_routes_and_one_that_has_a_domain_its_senders(setup, of):
    parts = [narrow(setup, Scope(share=(number, of))) for number in range(1, of + 1)]
    for part in parts:
        accounts = {account.id for account in part.accounts}
        domains = {domain.name for domain in part.domains}
        assert {route.account for _, route in part.routes()} == accounts
        assert {setup.index.domain_of(proof.author).name for proof in part.proofs} <= domains
    assert sum(len(part.proofs) for part in parts) == len(setup.proofs)
