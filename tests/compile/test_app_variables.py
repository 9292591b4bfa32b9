"""What is said of an app's variables."""

import pytest
from app_setups import SPEC, compile_text, move_smtp

from sendspec.compile.app_variables import route_variables
from sendspec.model.vocabulary import Tls


@pytest.mark.parametrize(
    ("tls", "name"),
    [(Tls.STARTTLS, "submission port (RFC 6409)"), (Tls.IMPLICIT, "submissions port: TLS from the first byte")],
)
def test_a_port_with_tls_from_the_first_byte_is_called_submissions(tmp_path, tls, name):
    setup = move_smtp(compile_text(tmp_path, SPEC), "postmark-main", 465, tls)
    routes = [binding.route for app in setup.apps for binding in app.bindings if binding.account.id == "postmark-main"]
    said = [each.because for route in routes for each in route_variables(route, "MAIL") if each.name == "MAIL_PORT"]
    assert said
    assert all(each.startswith(name) for each in said)
