"""Stand-ins against clients that others wrote: what django-anymail sends is taken, and it understands the answers."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.conf import settings
from django.core.mail import EmailMessage
from esp_worlds import World
from requests.adapters import BaseAdapter

from sendspec.model.stand_in import ApiCall
from sendspec.pipeline import compile_folder

if not settings.configured:
    settings.configure()


class StandInAdapter(BaseAdapter):
    """Requests' way out, with stand-ins in place of the network."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def send(self, request, **_):
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()} | {"host": parts.netloc}
        body = request.body or b""
        content = body if isinstance(body, bytes) else body.encode()
        call = ApiCall(request.method, parts.netloc, parts.path, tuple(parse_qsl(parts.query)), headers, content)
        given = self.world.sites[parts.netloc](call)
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = given.status, given.body, request
        answer.headers.update(dict(given.headers))
        answer.url = request.url
        return answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def world(repository) -> World:
    return World(compile_folder(repository / "specs").setup)


def send(world: World, backend, message: EmailMessage) -> str:
    backend.open()
    backend.session.mount("https://", StandInAdapter(world))
    backend.send_messages([message])
    backend.close()
    return next(iter(message.anymail_status.status))


def test_anymail_sends_through_the_postmark_stand_in(world):
    from anymail.backends.postmark import EmailBackend

    message = EmailMessage("probe", "hello", "receipts@mail.northwind.example", ["test@blackhole.postmarkapp.com"])
    message.metadata, message.tags = {"run": "42"}, ["x"]
    message.esp_extra = {"MessageStream": "receipts"}
    backend = EmailBackend(server_token=world.secrets.values["postmark-main.server_token"])
    assert send(world, backend, message) == "sent"
    [post] = world.stand_ins["postmark"].take_events()
    assert b'"run": "42"' in post.body


@pytest.mark.filterwarnings("ignore::Warning")  # anymail warns that it no longer tests SendGrid
def test_anymail_sends_through_the_sendgrid_stand_in(world):
    from anymail.backends.sendgrid import EmailBackend

    message = EmailMessage("probe", "hello", "hello@news.northwind.example", ["smoke@sink.sendgrid.net"])
    message.metadata, message.tags = {"run": "42"}, ["newsletter"]
    backend = EmailBackend(
        api_key=world.secrets.values["sendgrid-eu.api_key"], api_url="https://api.eu.sendgrid.com/v3/"
    )
    assert send(world, backend, message) == "queued"
    [post] = world.stand_ins["sendgrid"].take_events()
    assert b'"run": "42"' in post.body


def test_anymail_understands_a_refusal(world):
    from anymail.backends.postmark import EmailBackend
    from anymail.exceptions import AnymailAPIError

    message = EmailMessage("probe", "hello", "a@elsewhere.example", ["test@blackhole.postmarkapp.com"])
    backend = EmailBackend(server_token=world.secrets.values["postmark-main.server_token"])
    with pytest.raises(AnymailAPIError, match="not a Sender Signature"):
        send(world, backend, message)
