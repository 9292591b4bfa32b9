"""Where a route hands its mail to SES, and with which login."""

from sendspec.esp.interface import EndpointRequest
from sendspec.esp.ses.facts import (
    API_HOST,
    API_PORT,
    CONFIGURATION_SET_HEADER,
    REGIONS_WITH_SMTP,
    REGIONS_WITHOUT_SMTP,
    SMTP_HOST,
    SMTP_PORTS,
    endpoint_suffix,
)
from sendspec.esp.ses.names import configuration_set_name
from sendspec.esp.ses.settings import RouteSettings, Settings
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Support, Tls, Via

SMTP_CREDENTIALS = ("smtp_username", "smtp_password")
API_CREDENTIALS = ("access_key_id", "secret_access_key")

Request = EndpointRequest[Settings, RouteSettings]


def find_endpoint(request: Request) -> Endpoint:
    """Give the endpoint of one route."""
    return _smtp(request) if request.via is Via.SMTP else _api(request)


def smtp_support(region: str) -> Support:
    """Tell what is known of SMTP in a region."""
    if region in REGIONS_WITH_SMTP.value:
        return Support.YES
    return Support.NO if region in REGIONS_WITHOUT_SMTP.value else Support.UNCONFIRMED


def _smtp(request: Request) -> Endpoint:
    region = request.settings.region
    port, tls = _port_and_tls(request.port, request.tls)
    username, password = SMTP_CREDENTIALS
    return Endpoint(
        via=Via.SMTP,
        host=SMTP_HOST.value.format(region=region, suffix=endpoint_suffix(region)),
        port=port,
        tls=tls,
        username=request.credentials.get(username),
        password=request.credentials.get(password),
        headers=((CONFIGURATION_SET_HEADER.value, _configuration_set(request)),),
        options={"configuration_set": _configuration_set(request), "region": region},
        smtp_support=smtp_support(region),
        needs_credentials=SMTP_CREDENTIALS,
        source=SMTP_HOST.source,
        ports=SMTP_PORTS.value,
        esp_stream=f"configuration set {_configuration_set(request)}",
        ip_pool=_pool(request),
    )


def _api(request: Request) -> Endpoint:
    region = request.settings.region
    host = API_HOST.value.format(region=region, suffix=endpoint_suffix(region))
    username, password = API_CREDENTIALS
    declares_keys = any(name in request.credentials for name in API_CREDENTIALS)
    return Endpoint(
        via=Via.API,
        host=host,
        port=API_PORT.value,
        tls=Tls.IMPLICIT,
        base_url=f"https://{host}",
        # without keys in the spec the SDK finds its own: an instance role, web identity, a profile
        username=request.credentials.get(username),
        password=request.credentials.get(password),
        options={"configuration_set": _configuration_set(request), "region": region},
        smtp_support=smtp_support(region),
        needs_credentials=API_CREDENTIALS if declares_keys else (),
        source=API_HOST.source,
        esp_stream=f"configuration set {_configuration_set(request)}",
        ip_pool=_pool(request),
    )


def _pool(request: Request) -> str:
    return request.route_settings.sending_pool or request.settings.sending_pool or ""


def _configuration_set(request: Request) -> str:
    return configuration_set_name(request.settings, request.route_settings, request.account_id, request.stream_id)


def _port_and_tls(port: int | None, tls: Tls | None) -> tuple[int, Tls]:
    """Fill in what the spec leaves open; required STARTTLS on 587 when it leaves both. What it says stays as said."""
    if tls is None:
        tls = Tls.IMPLICIT if port in SMTP_PORTS.value[Tls.IMPLICIT] else Tls.STARTTLS
    return port if port is not None else SMTP_PORTS.value[tls][0], tls
