"""What Postfix does with the generated settings when the primary fails: one instance, a stream for each fault."""

import time
from dataclasses import replace
from pathlib import Path

from app_setups import compile_text
from failover_table import (
    BEGAN,
    PASSWORD,
    TABLE_SMTP,
    USER,
    Wait,
    address_for,
    compare_golden,
    faulty_servers,
    said,
)

from sendspec.model.app import Binding
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role, Tls

SECRETS = {"POSTMARK_SERVER_TOKEN": USER, "SES_SMTP_USERNAME": USER, "SES_SMTP_PASSWORD": PASSWORD}
STREAMS = {f"s{number}": fault for number, fault in enumerate(TABLE_SMTP)}
SPEC = f"""
version: 1
domains:
  shop.example:
    subdomains: {{{", ".join(f"{name}: {{}}" for name in STREAMS)}}}
esps:
  ses-eu:
    kind: ses
    settings: {{region: eu-west-1}}
    credentials:
      smtp_username: {{from: "env://SES_SMTP_USERNAME", env: SES_SMTP_USERNAME}}
      smtp_password: {{from: "env://SES_SMTP_PASSWORD", env: SES_SMTP_PASSWORD}}
  postmark-main:
    kind: postmark
    credentials:
      server_token: {{from: "env://POSTMARK_SERVER_TOKEN", env: POSTMARK_SERVER_TOKEN}}
streams:
""" + "".join(
    f"""
  {name}:
    kind: transactional
    from: no-reply@{name}.shop.example
    routes:
      - {{role: primary, via: smtp, esp: postmark-main}}
      - {{role: fallback, via: smtp, esp: ses-eu}}
"""
    for name in STREAMS
)
SPEC += f"""
apps:
  shop:
    streams: [{", ".join(STREAMS)}]
    targets: [postfix]
"""


def leads_to(setup: Setup, ports: dict[str, int], fallback: int) -> Setup:
    """Give the setup with the primary of each stream at the server with its fault."""

    def moved(binding: Binding) -> Binding:
        route = binding.route
        port = ports[STREAMS[route.stream]] if route.role is Role.PRIMARY else fallback
        endpoint = replace(route.endpoint, host="localhost", port=port, tls=Tls.STARTTLS)
        return replace(binding, route=replace(route, endpoint=endpoint))

    apps = tuple(replace(app, bindings=tuple(moved(binding) for binding in app.bindings)) for app in setup.apps)
    return replace(setup, apps=apps)


def test_failover_is_as_the_table_says(make_postfix, authority, tmp_path):
    with faulty_servers(authority) as servers:
        postfix = make_postfix(leads_to(compile_text(tmp_path / "specs", SPEC), servers.ports, servers.port))
        waits = shorten(postfix.configuration)
        assert postfix.fill(**SECRETS).returncode == 0
        started = postfix.command("start")
        assert started.returncode == 0, started.stderr + postfix.log
        try:
            for name, fault in STREAMS.items():
                postfix.submit(
                    f"no-reply@{name}.shop.example", f"{BEGAN}: {time.time()}\n", recipient=address_for(fault)
                )
            postfix.wait(lambda: all(f"to=<{address_for(fault)}>" in postfix.log for fault in TABLE_SMTP), 40)
        finally:
            postfix.command("stop")
        compare_golden(
            Path(__file__).with_name("failover.json"), [servers.delivered(fault, waits) for fault in TABLE_SMTP]
        )


def shorten(configuration: Path) -> list[Wait]:
    """Let nobody wait longer than six seconds, and give what the waits are and were."""
    services = configuration / "master.cf"
    text = services.read_text(encoding="utf-8")
    minutes = said(r"smtp_data_done_timeout stays at (\d+) minutes", text)  # which is Postfix's default
    waits = [
        Wait("a connection", said(r"smtp_connect_timeout=(\d+)s", text), 2),
        Wait("an answer", said(r"smtp_mail_timeout=(\d+)s", text), 4),
        Wait("the answer to the final dot", 60 * minutes, 6),
    ]
    text = text.replace("smtp_connect_timeout=10s", "smtp_connect_timeout=2s")
    services.write_text(text.replace("_timeout=60s", "_timeout=4s"), encoding="utf-8")
    with (configuration / "main.cf").open("a", encoding="utf-8") as main:
        main.write("smtp_data_done_timeout = 6s\n")
    return waits
