"""django-anymail really takes what we tell it."""

import anymail.backends.postmark
import pytest
from django.conf import settings

from sendspec.esp.interface import load_esp
from sendspec.model.credential import Credential

CLIENT = load_esp("postmark").clients["django-anymail"]


@pytest.fixture(autouse=True)
def _django():
    if not settings.configured:
        settings.configure()


def options(setup, stream_id):
    route = setup.stream(stream_id).routes[0]
    return {option.name: option.value for option in CLIENT.options(route.endpoint, route.delivery)}


def backend(found):
    values = {name: "token" if isinstance(value, Credential) else value for name, value in found.items()}
    return anymail.backends.postmark.EmailBackend(**values)


def test_the_backend_gets_token_and_stream(variant):
    found = options(variant(), "receipts")
    assert found["server_token"].env == "POSTMARK_SERVER_TOKEN"
    made = backend(found)
    assert (made.server_token, made.message_stream) == ("token", "receipts")
    assert f"{type(made).__module__}.{type(made).__qualname__}" == CLIENT.title


def test_the_backend_tracks_what_the_stream_tracks(variant):
    made = backend(options(variant(("via: smtp", "via: api")), "newsletter"))
    assert made.send_defaults == {"track_opens": True, "track_clicks": True}
    assert backend(options(variant(), "receipts")).send_defaults == {}
