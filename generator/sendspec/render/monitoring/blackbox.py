"""`blackbox.yml`: the modules of the blackbox exporter."""

from collections.abc import Iterator

from sendspec.render.monitoring.dns_records import MAX_RECORDS, RecordProbe, RecordProbes
from sendspec.render.monitoring.probes import Module
from sendspec.render.monitoring.yaml_text import Node, block
from sendspec.targets.app_notes import hash_comment

PATH = "monitoring/blackbox.yml"
TIMEOUT = "10s"
TLS: dict[str, Node] = {"insecure_skip_verify": False, "min_version": "TLS12"}
"""The name to verify is the target's: the exporter takes it where none is given. RFC 8996: nothing below TLS 1.2."""
FAMILY: dict[str, Node] = {"preferred_ip_protocol": "ip4"}
"""The exporter tries one address only and prefers IPv6, which many networks of monitoring lack."""
EHLO = "EHLO monitoring.invalid\r"

SMTP_AFTER_TLS: list[Node] = [
    {"send": EHLO},
    {"expect": "(?i)^250[ -]AUTH ", "send": "QUIT\r"},
]
STARTTLS: list[Node] = [
    {"expect": "^220( |$)", "send": EHLO},
    {"expect": "(?i)^250[ -]STARTTLS$", "send": "STARTTLS\r"},
    {"expect": "^220( |$)"},
    {"starttls": True},
]
IMPLICIT: list[Node] = [{"expect": "^220( |$)"}]

API_ALIVE = (400, 401, 403, 429)
"""Without a key an API refuses. A page with 200 is somebody else's, 404 another API, 5xx an outage."""
WEBHOOK_ALIVE = (200, 202, 204, 400, 401, 403, 404, 405, 411, 415, 422)
"""A GET is not what a receiver waits for: some frameworks say 404 for a path that takes POST only."""

MODULES: tuple[tuple[str, str, Node], ...] = (
    (
        Module.SMTP_STARTTLS,
        (
            "Submission with required STARTTLS: greeting, EHLO, STARTTLS offered, a certificate for the host's name, and AUTH "
            "offered inside TLS. Nobody logs in."
        ),
        {
            "prober": "tcp",
            "timeout": TIMEOUT,
            "tcp": {**FAMILY, "query_response": [*STARTTLS, *SMTP_AFTER_TLS], "tls_config": TLS},
        },
    ),
    (
        Module.SMTP_IMPLICIT,
        (
            "Submission with TLS from the first byte (RFC 8314 section 3.3): certificate, greeting, and AUTH offered. Nobody "
            "logs in."
        ),
        {
            "prober": "tcp",
            "timeout": TIMEOUT,
            "tcp": {**FAMILY, "tls": True, "query_response": [*IMPLICIT, *SMTP_AFTER_TLS], "tls_config": TLS},
        },
    ),
    (
        Module.API,
        (
            "The ESP's API answers over https, with a certificate for its name. No key is sent, so a refusal is what is "
            "expected: 401 and 403 are alive."
        ),
        {
            "prober": "http",
            "timeout": TIMEOUT,
            "http": {
                **FAMILY,
                "method": "GET",
                "valid_status_codes": API_ALIVE,
                "follow_redirects": False,
                "fail_if_not_ssl": True,
                "body_size_limit": "1MB",
                "tls_config": TLS,
            },
        },
    ),
    (
        Module.WEBHOOK,
        (
            "The host that takes events answers over https, with a certificate for its name. A GET only: no event is made up. "
            "Whether the path is right and an unsigned event refused says `sendspec check --only webhook`."
        ),
        {
            "prober": "http",
            "timeout": TIMEOUT,
            "http": {
                **FAMILY,
                "method": "GET",
                "valid_status_codes": WEBHOOK_ALIVE,
                "follow_redirects": False,
                "fail_if_not_ssl": True,
                "body_size_limit": "1MB",
                "tls_config": TLS,
            },
        },
    ),
)


def blackbox_text(header: str, used: frozenset[str], records: RecordProbes) -> str:
    """Give the file: the modules in use, then one for each DNS record.

    The exporter puts what is asked and expected of DNS into the module, so every record has one.
    """
    lines = [
        header,
        hash_comment(
            "Modules of the blackbox exporter, 0.23 or newer. Check: blackbox_exporter --config.check --config.file=blackbox.yml"
        ),
        "modules:",
    ]
    for name, comment, body in MODULES:
        if name in used:
            lines += ["", *(f"  {line}" for line in hash_comment(comment).splitlines())]
            lines += block({name: body}, 1)
    lines += ["", *(f"  {line}" for note in _dns_notes(records) for line in hash_comment(note).splitlines())]
    for record in records.probes:
        lines += block({record.probe.module: _dns_module(record)}, 1)
    if not used and not records.probes:
        lines.append("  {}")
    return "\n".join((*lines, ""))


def _dns_notes(records: RecordProbes) -> Iterator[str]:
    yield (
        f"DNS: {len(records.probes)} records of DKIM, return-paths, SPF and DMARC. They are asked over TCP: the exporter's "
        "questions over UDP allow for 512 octets, and it does not ask again when an answer is cut off."
    )
    yield (
        "A module fails when the record is gone or says something else. A second SPF record beside ours is not seen here "
        "(RE2 cannot say `any but this`); `sendspec check` sees it."
    )
    if records.left:
        yield (
            f"{records.left} more records are not probed: {MAX_RECORDS} are what one exporter is asked to look at, domains "
            "of your own before those of customers. `sendspec check --only dns` looks at all."
        )
    if records.pending:
        yield f"{records.pending} more have no value yet: they are pending at the ESP, and probed once the lock file knows them."


def _dns_module(record: RecordProbe) -> Node:
    answer: dict[str, Node] = {}
    if record.every:
        answer["fail_if_not_matches_regexp"] = [record.every]
    if record.some:
        answer["fail_if_none_matches_regexp"] = [record.some]
    dns: dict[str, Node] = {
        "preferred_ip_protocol": "ip4",
        "transport_protocol": "tcp",
        "query_name": record.name,
        "query_type": record.type.value,
        "valid_rcodes": ["NOERROR"],
        "validate_answer_rrs": answer,
    }
    return {"prober": "dns", "timeout": TIMEOUT, "dns": dns}
