"""The schedules: systemd reads its units, cron's lines are whole, Kubernetes' fields are where its schema has them."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import jsonschema
import pytest
import yaml
from prometheus_peers import run

from sendspec.model.canary import INTERVAL_SECONDS
from sendspec.model.output_file import OutputFile
from sendspec.render.monitoring.schedules import cronjob_name, schedule_files

STREAMS = ["newsletter", "password-reset", "receipts", "support"]
CRON = re.compile(r"(\d+)-59/(\d+) \* \* \* \* sendspec (cd [^%\n]+)\Z")
# batch/v1 CronJob as kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1 has it (2026-11-26): the
# fields that are used here, and no others, so that a misspelt one is seen.
TEXT, NUMBER, SWITCH = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}


def fields(required: str, **known: object) -> dict[str, object]:
    return {"type": "object", "properties": known, "required": required.split(), "additionalProperties": False}


LABEL = {"type": "string", "pattern": r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"}
METADATA = fields(
    "labels",
    name={"type": "string", "pattern": r"^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$"},
    labels={"type": "object", "additionalProperties": LABEL},
)
SECURITY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "runAsNonRoot": SWITCH,
        "runAsUser": NUMBER,
        "seccompProfile": fields("type", type={"enum": ["RuntimeDefault"]}),
        "allowPrivilegeEscalation": SWITCH,
        "readOnlyRootFilesystem": SWITCH,
        "capabilities": fields("drop", drop=TEXTS),
    },
}
AMOUNTS = {"type": "object", "additionalProperties": {"type": "string", "pattern": r"^[0-9]+(m|Mi)$"}}
CONTAINER = fields(
    "name image command args",
    name=TEXT,
    image=TEXT,
    command=TEXTS,
    args=TEXTS,
    envFrom={"type": "array", "items": fields("secretRef", secretRef=fields("name", name=TEXT))},
    resources=fields("requests limits", requests=AMOUNTS, limits=AMOUNTS),
    securityContext=SECURITY,
    volumeMounts={"type": "array", "items": fields("name mountPath", name=TEXT, mountPath=TEXT)},
)
POD = fields(
    "restartPolicy containers volumes",
    restartPolicy={"enum": ["Never", "OnFailure"]},
    automountServiceAccountToken=SWITCH,
    securityContext=SECURITY,
    containers={"type": "array", "items": CONTAINER, "minItems": 1},
    volumes={
        "type": "array",
        "items": fields("name hostPath", name=TEXT, hostPath=fields("path", path=TEXT, type={"enum": ["Directory"]})),
    },
)
JOB = fields(
    "template",
    backoffLimit=NUMBER,
    activeDeadlineSeconds=NUMBER,
    template=fields("spec", metadata=fields("labels", labels=METADATA["properties"]["labels"]), spec=POD),
)
CRONJOB = fields(
    "apiVersion kind metadata spec",
    apiVersion={"const": "batch/v1"},
    kind={"const": "CronJob"},
    metadata=METADATA,
    spec=fields(
        "schedule jobTemplate",
        schedule={"type": "string", "pattern": r"^[0-9]+-59/[0-9]+ \* \* \* \*$"},
        concurrencyPolicy={"enum": ["Forbid"]},
        startingDeadlineSeconds=NUMBER,
        successfulJobsHistoryLimit=NUMBER,
        failedJobsHistoryLimit=NUMBER,
        jobTemplate=fields("spec", spec=JOB),
    ),
)


def smoke_arguments(stream: str) -> str:
    return f"smoke {stream} --yes --metrics /var/lib/prometheus/node-exporter/sendspec_canary_{stream}.prom"


def test_systemd_accepts_the_units(
    example: Mapping[str, OutputFile], find_tool: Callable[[str], str], tmp_path: Path
) -> None:
    for end in ("service", "timer"):
        (tmp_path / f"sendspec-canary@.{end}").write_text(example[f"canary/sendspec-canary@.{end}"].content)
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    units = [str(tmp_path / f"sendspec-canary@receipts.{end}") for end in ("service", "timer")]
    for unit in units:
        Path(unit).symlink_to(unit.replace("@receipts", "@"))
    done = run(program, "verify", *units)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_unit_runs_smoke_for_its_stream_and_the_timer_as_often_as_the_alerts_expect(
    example: Mapping[str, OutputFile],
) -> None:
    service, timer = (example[f"canary/sendspec-canary@.{end}"].content for end in ("service", "timer"))
    assert f"\nExecStart=/usr/bin/env sendspec {smoke_arguments('%i')}\n" in service
    assert f"\nOnCalendar=*:0/{INTERVAL_SECONDS // 60}\n" in timer
    for stream in STREAMS:
        assert f"\n#   systemctl enable --now sendspec-canary@{stream}.timer\n" in service


def test_cron_runs_every_stream_at_minutes_of_its_own(example: Mapping[str, OutputFile]) -> None:
    lines = [
        line for line in example["canary/crontab"].content.splitlines() if "*" in line and not line.startswith("#")
    ]
    found = [CRON.match(line) for line in lines]
    assert all(found)
    assert [(match[1], match[2]) for match in found] == [(str(number), "15") for number in range(4)]
    for match, stream in zip(found, STREAMS, strict=True):
        assert match[3].endswith(f"&& sendspec {smoke_arguments(stream)}")


def test_a_shell_reads_the_cron_lines(example: Mapping[str, OutputFile], tmp_path: Path) -> None:
    line = next(line for line in example["canary/crontab"].content.splitlines() if "smoke receipts" in line)
    command = (
        line.partition(" sendspec ")[2].replace("/srv/sendspec", str(tmp_path)).replace("/etc/sendspec", str(tmp_path))
    )
    (tmp_path / "canary.env").write_text("TOKEN='a b'\n")
    (tmp_path / "sendspec").write_text('#!/bin/sh\necho "$TOKEN" "$@"\n')
    (tmp_path / "sendspec").chmod(0o755)
    done = run("/bin/sh", "-c", f"PATH={tmp_path}:$PATH; {command}")
    assert done.stdout == f"a b {smoke_arguments('receipts')}\n"


def test_kubernetes_gets_one_cronjob_a_stream(example: Mapping[str, OutputFile]) -> None:
    documents = [document for document in yaml.safe_load_all(example["canary/cronjob.yaml"].content) if document]
    assert len(documents) == len(STREAMS)
    for document, stream in zip(documents, STREAMS, strict=True):
        jsonschema.validate(document, CRONJOB)
        container = document["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        assert [*container["command"], *container["args"]] == ["sendspec", *smoke_arguments(stream).split()]


def test_a_long_stream_name_gets_a_job_name_of_its_own_that_kubernetes_takes() -> None:
    names = ["a" * 63, "a" * 62 + "b", "a" * 36, "a" * 37, "a" * 26 + "-" + "b" * 36]
    made = [cronjob_name(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?", name) for name in made)
    assert made[2] == "sendspec-canary-" + "a" * 36


def test_of_thousands_of_streams_the_unit_names_a_few_and_the_rest_are_scheduled() -> None:
    files = {
        path.rpartition("/")[2]: text
        for path, text, _ in schedule_files("# x", [f"s{number}" for number in range(200)])
    }
    assert "and 150 more streams" in files["sendspec-canary@.service"]
    assert files["crontab"].count("smoke s") == files["cronjob.yaml"].count("kind: CronJob") == 200
