"""What findings say: the numbers and names that a reader acts on."""

import shutil
from pathlib import Path

import pytest

from sendspec.pipeline import validate

FIXTURES = Path(__file__).resolve().parent


@pytest.mark.parametrize(
    ("spec", "message", "fix"),
    [
        ("apps/cold_at_peak/bad", "100,000 an hour over new connections, 56 at once", "`process: pooled`"),
        ("apps/port_blocked/bad", "port 587 is blocked", "`port: 2525` (starttls)"),
        ("apps/port_blocked/bad-all-ports", "port 587 is blocked", "send over the API"),
        ("apps/target_leaves_to_app/bad", "nodemailer cannot change to the fallback or try again", "the numbers"),
        ("domains/bulk_not_signed/bad", "shop.example sends 5,000 a day", "let the ESP sign"),
        ("esps/dedicated_ip_below_floor/bad", "299,970 messages a month", "drop `dedicated_ips`"),
        ("events/missing/bad-mailed-to-nobody", "From address, which is not known to take mail", "complained]}"),
        ("events/primary_only/bad-fewer", "does not report complained", "on the stream"),
        ("routes/need_not_met/bad", "lacks templates", "write `via: api`"),
        ("routes/need_not_met/bad-three-over-smtp", "batching, idempotency and scheduling", "in the app"),
        ("routes/peak_above_limit/bad", "11,250 SMTP connections at sg, which allows 10,000", "in batches"),
        ("streams/from_takes_no_mail/bad-many", "three.shop.example and 1 more", "`receives: true`"),
        ("streams/no_fallback/bad-templates", "5,001 a day has no fallback", "let the app render"),
    ],
)
def test_a_finding_names_what_is_wrong_and_what_to_write(spec, message, fix, tmp_path):
    shutil.copy(FIXTURES / f"{spec}.yaml", tmp_path / "spec.yaml")
    rule = str(Path(spec).parent).replace("/", "-").replace("_", "-")
    found = [finding for finding in validate(tmp_path, None).findings if finding.rule == rule]
    assert len(found) >= 1
    assert message in found[0].message
    assert fix in found[0].fix
