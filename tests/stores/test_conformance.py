"""What every store keeps to."""

import pytest

from sendspec.spec.syntax import REFERENCE_SCHEMES
from sendspec.stores.interface import load_store, store_ids

UNWRITTEN = {"aws-ambient"}
"""Stores that no reference in a spec leads to: what the machine itself brings."""


def test_every_scheme_that_a_spec_may_use_has_a_store_and_no_other_store_exists():
    assert set(store_ids()) == set(REFERENCE_SCHEMES) | UNWRITTEN
    assert not UNWRITTEN & set(REFERENCE_SCHEMES)


@pytest.mark.parametrize("store_id", store_ids())
def test_a_store_is_named_after_its_folder(store_id):
    store = load_store(store_id)
    assert store.id == store_id
    assert store.title


def test_a_scheme_without_a_store_is_a_key_error():
    with pytest.raises(KeyError):
        load_store("keychain")
