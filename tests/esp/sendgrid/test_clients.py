"""django-anymail really takes what we tell it."""

import anymail.backends.sendgrid
import pytest
from anymail.exceptions import AnymailNotSupportedWarning
from django.conf import settings

from sendspec.esp.interface import load_esp
from sendspec.model.credential import Credential
from sendspec.model.vocabulary import Support

CLIENT = load_esp("sendgrid").clients["django-anymail"]


@pytest.fixture(autouse=True)
def _django():
    if not settings.configured:
        settings.configure()


def backend(setup, stream_id):
    route = setup.stream(stream_id).routes[0]
    found = {option.name: option.value for option in CLIENT.options(route.endpoint, route.delivery)}
    values = {name: "SG.x" if isinstance(value, Credential) else value for name, value in found.items()}
    with pytest.warns(AnymailNotSupportedWarning, match="dropped official support"):
        return anymail.backends.sendgrid.EmailBackend(**values)


def test_the_backend_sends_to_the_eu_host(variant):
    made = backend(variant(), "newsletter")
    assert (made.api_key, made.api_url) == ("SG.x", "https://api.eu.sendgrid.com/v3/")
    assert f"{type(made).__module__}.{type(made).__qualname__}" == CLIENT.title


def test_the_backend_leaves_untracked_mail_untracked(variant):
    setup = variant(("via: smtp", "via: api"))
    assert backend(setup, "newsletter").send_defaults == {"track_opens": False, "tags": ("newsletter",)}
    assert backend(setup, "password-reset").send_defaults == {
        "track_opens": False,
        "track_clicks": False,
        "tags": ("password-reset",),
    }


def test_the_client_says_that_the_library_no_longer_supports_it():
    assert CLIENT.supported is Support.UNCONFIRMED
    assert "dropped official support" in CLIENT.note
