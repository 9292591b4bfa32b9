"""References to variables of the environment."""

from sendspec.stores.env import STORE
from sendspec.stores.interface import Surroundings


def test_the_value_of_a_variable_is_given(tmp_path, revealed):
    assert revealed(STORE.read("KEY", Surroundings({"KEY": "hunter2"}, tmp_path))) == "hunter2"


def test_a_variable_that_is_not_set_is_named(tmp_path, unresolved):
    found = unresolved(STORE.read("KEY", Surroundings({}, tmp_path)))
    assert found.reason == "the environment variable KEY is not set"


def test_an_empty_variable_is_not_called_unset(tmp_path, unresolved):
    found = unresolved(STORE.read("KEY", Surroundings({"KEY": ""}, tmp_path)))
    assert found.reason == "the environment variable KEY is empty"
    assert "CI" in found.fix


def test_the_environment_is_read_when_asked_not_before(tmp_path, revealed):
    environment: dict[str, str] = {}
    surroundings = Surroundings(environment, tmp_path)
    environment["KEY"] = "late"
    assert revealed(STORE.read("KEY", surroundings)) == "late"
