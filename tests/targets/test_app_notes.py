"""Sentences that every application target prints."""

import pytest
from app_setups import THROUGH, compile_text

from sendspec.targets.app_notes import way_notes


@pytest.mark.parametrize(("host", "is_said"), [("10.0.0.5", True), ("relay", True), ("127.0.0.1", False)])
def test_an_app_is_told_that_a_relay_on_another_machine_refuses_it_at_first(tmp_path, host, is_said):
    setup = compile_text(tmp_path, THROUGH.replace("host: localhost", f"host: {host}"))
    (app,) = (app for app in setup.apps if app.through)
    said = " ".join(way_notes(app))
    assert f"at {host}:2525" in said
    assert ("`apps.relay.listens.clients` names in the spec, and refuses" in said) is is_said
