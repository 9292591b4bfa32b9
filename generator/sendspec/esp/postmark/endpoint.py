"""Where a route hands mail to Postmark, and how it says which message stream is meant."""

from collections.abc import Iterator

from sendspec.esp.interface import EndpointRequest
from sendspec.esp.postmark.facts import API_HOST, BROADCASTS, SMTP_HOST, SMTP_HOST_BROADCASTS, SMTP_PORTS
from sendspec.esp.postmark.message_streams import message_stream_id, message_stream_type
from sendspec.esp.postmark.settings import RouteSettings, Settings
from sendspec.model.credential import Credential
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Tls, Via

SMTP_TOKEN = ("smtp_access_key", "smtp_secret_key")
LINKS_WANTED = "HtmlAndText"


def endpoint(request: EndpointRequest[Settings, RouteSettings]) -> Endpoint:
    """Give the endpoint of a route. SMTP is required STARTTLS; Postmark serves no implicit TLS."""
    stream = message_stream_id(request.stream_id, request.route_settings.message_stream)
    if request.via is Via.API:
        return _api(request, stream)
    user, password, headers = _smtp_login(request, stream)
    is_broadcast = message_stream_type(stream, request.stream_kind) == BROADCASTS
    host = SMTP_HOST_BROADCASTS if is_broadcast else SMTP_HOST
    tls = request.tls or Tls.STARTTLS
    return Endpoint(
        via=Via.SMTP,
        host=host.value,
        port=request.port or SMTP_PORTS.value[Tls.STARTTLS][0],
        tls=tls,
        username=user,
        password=password,
        headers=(*headers, *_tracking_headers(request)),
        needs_credentials=_needed(request),
        source=host.source,
        ports=SMTP_PORTS.value,
        esp_stream=f"message stream {stream}",
    )


def _api(request: EndpointRequest[Settings, RouteSettings], stream: str) -> Endpoint:
    tracking = {name: value for name, _, value in _tracking(request)}
    return Endpoint(
        via=Via.API,
        host=API_HOST.value,
        port=443,
        tls=Tls.IMPLICIT,
        base_url=f"https://{API_HOST.value}",
        password=request.credentials.get("server_token"),
        options={"message_stream": stream} | tracking,
        needs_credentials=("server_token",),
        source=API_HOST.source,
        esp_stream=f"message stream {stream}",
    )


def _uses_smtp_token(request: EndpointRequest[Settings, RouteSettings]) -> bool:
    return any(name in request.credentials for name in SMTP_TOKEN)


def _needed(request: EndpointRequest[Settings, RouteSettings]) -> tuple[str, ...]:
    return SMTP_TOKEN if _uses_smtp_token(request) else ("server_token",)


def _smtp_login(
    request: EndpointRequest[Settings, RouteSettings], stream: str
) -> tuple[Credential | None, Credential | None, tuple[tuple[str, str], ...]]:
    """An SMTP token belongs to one message stream and needs no header; the server token is both user and password."""
    if _uses_smtp_token(request):
        return request.credentials.get(SMTP_TOKEN[0]), request.credentials.get(SMTP_TOKEN[1]), ()
    token = request.credentials.get("server_token")
    return token, token, (("X-PM-Message-Stream", stream),)


def _tracking_headers(request: EndpointRequest[Settings, RouteSettings]) -> Iterator[tuple[str, str]]:
    for _, header, value in _tracking(request):
        yield header, value


def _tracking(request: EndpointRequest[Settings, RouteSettings]) -> Iterator[tuple[str, str, str]]:
    """Give (API option, SMTP header, value) wherever the stream differs from the server's defaults (opens: off)."""
    if request.tracks_opens:
        yield "track_opens", "X-PM-Track-Opens", "true"
    if request.tracks_clicks != (request.settings.tracking != "None"):
        yield "track_links", "X-PM-Track-Links", LINKS_WANTED if request.tracks_clicks else "None"
