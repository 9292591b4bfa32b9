"""Where a route hands mail to SendGrid, and how it says stream, group and pool."""

import json
from collections.abc import Mapping

from sendspec.esp.interface import EndpointRequest, with_native
from sendspec.esp.sendgrid.facts import API_HOSTS, EU, GLOBAL, SMTP_HOSTS, SMTP_PORTS, SMTP_USER
from sendspec.esp.sendgrid.settings import RouteSettings, Settings
from sendspec.model.credential import Literal
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Tls, Via

OFF = {"settings": {"enable": 0}}


def endpoint(request: EndpointRequest[Settings, RouteSettings]) -> Endpoint:
    """Give the endpoint of a route, in the account's region."""
    key = request.credentials.get("api_key")
    region = request.settings.region
    if request.via is Via.API:
        host = API_HOSTS.value.get(region, API_HOSTS.value[GLOBAL])
        return Endpoint(
            via=Via.API,
            host=host,
            port=443,
            tls=Tls.IMPLICIT,
            base_url=f"https://{host}",
            password=key,
            options=_api_options(request),
            needs_credentials=("api_key",),
            source=API_HOSTS.source,
            ip_pool=_pool(request) or "",
        )
    tls = request.tls or (Tls.IMPLICIT if request.port in SMTP_PORTS.value[Tls.IMPLICIT] else Tls.STARTTLS)
    return Endpoint(
        via=Via.SMTP,
        host=SMTP_HOSTS.value.get(region, SMTP_HOSTS.value[GLOBAL]),
        port=request.port or SMTP_PORTS.value[tls][0],
        tls=tls,
        username=Literal(SMTP_USER.value),
        password=key,
        headers=(("X-SMTPAPI", _smtpapi(request)),),
        needs_credentials=("api_key",),
        source=SMTP_HOSTS.source,
        ports=SMTP_PORTS.value,
        ip_pool=_pool(request) or "",
    )


def _group(request: EndpointRequest[Settings, RouteSettings]) -> int | None:
    return request.route_settings.unsubscribe_group or request.settings.unsubscribe_group


def _pool(request: EndpointRequest[Settings, RouteSettings]) -> str | None:
    return request.route_settings.ip_pool or request.settings.ip_pool


def _smtpapi(request: EndpointRequest[Settings, RouteSettings]) -> str:
    """Give the header's JSON: one line, ASCII, sorted.

    A stream that is not tracked switches tracking off itself, because the account's setting is one for all streams.
    """
    fields: dict[str, object] = {"category": [request.stream_id]}
    untracked = {"clicktrack": request.tracks_clicks, "opentrack": request.tracks_opens}
    filters = {name: OFF for name, wanted in untracked.items() if not wanted}
    if filters:
        fields["filters"] = filters
    if (group := _group(request)) is not None:
        fields["asm_group_id"] = group
    if (pool := _pool(request)) is not None:
        fields["ip_pool"] = pool
    return json.dumps(with_native(fields, request.route_settings.extra), sort_keys=True, separators=(",", ":"))


def _api_options(request: EndpointRequest[Settings, RouteSettings]) -> Mapping[str, str]:
    """Give what a mail/send call must say for this stream, under the names of its fields."""
    options = {"category": request.stream_id}
    if not request.tracks_clicks:
        options["click_tracking"] = "false"
    if not request.tracks_opens:
        options["open_tracking"] = "false"
    if (group := _group(request)) is not None:
        options["asm_group_id"] = str(group)
    if (pool := _pool(request)) is not None:
        options["ip_pool_name"] = pool
    if request.settings.region == EU:
        options["region"] = EU
    native = {
        name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for name, value in request.route_settings.extra.items()
    }
    return options | native
