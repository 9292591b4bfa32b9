"""Every fault is named by its own finding, with the exit code that it means, and a message fares as it must."""

from datetime import date

import pytest

from sendspec.model.finding import Finding, Severity
from sendspec.model.smoke import End
from sendspec.rehearse.faults import FAULTS
from sendspec.rehearse.run import prepare, rehearse_faults

DAY = date(2026, 11, 26)
SOUND, FINDINGS, UNKNOWN = 0, 1, 4
EXIT_CODES = {
    "dns-nxdomain": FINDINGS,
    "dns-nodata": FINDINGS,
    "dns-doubled-zone": FINDINGS,
    "dns-wrong-key": FINDINGS,
    "dns-second-spf": FINDINGS,
    "dns-second-dmarc": FINDINGS,
    "dns-proxied": FINDINGS,
    "dns-wrong-cname": FINDINGS,
    "dns-dangling": FINDINGS,
    "dns-delegated": FINDINGS,
    "dns-spf-grown": FINDINGS,
    "dns-servers-disagree": FINDINGS,
    "dns-absence-cached": SOUND,  # a warning: it passes by itself
    "dns-servfail": SOUND,  # one of two servers: a warning
    "dns-refused": SOUND,  # one of two servers: a warning
    "dns-lame": SOUND,  # one of two servers: a warning
    "dns-timeout": UNKNOWN,
    "dns-truncation": SOUND,  # one of two servers: a warning
    "smtp-expired-certificate": FINDINGS,
    "smtp-wrong-name-certificate": FINDINGS,
    "smtp-unknown-authority": FINDINGS,
    "smtp-no-starttls": FINDINGS,
    "smtp-starttls-injection": FINDINGS,
    "smtp-no-auth": FINDINGS,
    "smtp-auth-refused": FINDINGS,
    "smtp-421": SOUND,
    "smtp-greylisting": SOUND,
    "smtp-sender-refused": FINDINGS,
    "smtp-recipient-refused": FINDINGS,
    "smtp-quota": SOUND,
    "smtp-tarpit": SOUND,
    "smtp-reset": FINDINGS,
    "smtp-hang": UNKNOWN,
    "smtp-endless-banner": FINDINGS,
    "api-401": FINDINGS,
    "api-403": FINDINGS,
    "api-422": FINDINGS,
    "api-429": UNKNOWN,
    "api-500": FINDINGS,
    "api-reset": FINDINGS,
    "api-hang": UNKNOWN,
    "api-garbage": FINDINGS,
    "api-endless": FINDINGS,
    "api-expired-certificate": FINDINGS,
    "api-wrong-name-certificate": FINDINGS,
    "webhook-unsigned": FINDINGS,
    "webhook-redirect": FINDINGS,
    "webhook-404": FINDINGS,
    "webhook-500": FINDINGS,
    "webhook-hang": FINDINGS,
    "webhook-expired-certificate": FINDINGS,
}
"""What `sendspec check` would end with. A message in DATA is beyond it, so three faults are not here."""

TAKEN_OVER, NEVER, NOBODY_KNOWS, UNHARMED = "taken over", "never sent again", "nobody knows", "taken by the primary"
MESSAGES = {
    "smtp-expired-certificate": TAKEN_OVER,
    "smtp-wrong-name-certificate": TAKEN_OVER,
    "smtp-unknown-authority": TAKEN_OVER,
    "smtp-no-starttls": TAKEN_OVER,
    "smtp-starttls-injection": TAKEN_OVER,
    "smtp-no-auth": TAKEN_OVER,
    "smtp-auth-refused": TAKEN_OVER,
    "smtp-421": TAKEN_OVER,
    "smtp-greylisting": TAKEN_OVER,
    "smtp-sender-refused": TAKEN_OVER,
    "smtp-recipient-refused": NEVER,
    "smtp-quota": TAKEN_OVER,
    "smtp-tarpit": UNHARMED,
    "smtp-reset": TAKEN_OVER,
    "smtp-hang": TAKEN_OVER,
    "smtp-endless-banner": TAKEN_OVER,
    "smtp-suspended": TAKEN_OVER,
    "smtp-content-refused": NEVER,
    "smtp-lost-answer": NOBODY_KNOWS,
    "api-401": TAKEN_OVER,
    "api-403": TAKEN_OVER,
    "api-422": NEVER,
    "api-429": TAKEN_OVER,
    "api-500": TAKEN_OVER,
    "api-reset": NOBODY_KNOWS,
    "api-hang": NOBODY_KNOWS,
    "api-garbage": NOBODY_KNOWS,
    "api-endless": NOBODY_KNOWS,
    "api-expired-certificate": TAKEN_OVER,
    "api-wrong-name-certificate": TAKEN_OVER,
}


@pytest.fixture(scope="module")
def runs(repository):
    rehearsal = prepare(repository / "specs", DAY)
    return {run.id: run for run in rehearse_faults(rehearsal, FAULTS, DAY, lambda _run: None)}


def exit_code(findings: tuple[Finding, ...]) -> int:
    """Give what `check` ends with. What a message came to is not the check's."""
    severities = {finding.severity for finding in findings if not finding.rule.startswith("live-smoke-")}
    return FINDINGS if Severity.ERROR in severities else UNKNOWN if Severity.UNKNOWN in severities else SOUND


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_is_named_by_its_own_finding(runs, fault):
    run = runs[fault.id]
    assert run.applies
    assert run.named_by is not None, sorted({finding.rule for finding in run.findings})
    assert run.named_by.message


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.subject], ids=lambda fault: fault.id)
def test_a_fault_has_the_exit_code_that_it_means(runs, fault):
    assert exit_code(runs[fault.id].findings) == EXIT_CODES[fault.id]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.hits], ids=lambda fault: fault.id)
def test_a_message_fares_as_it_must(runs, fault):
    smoke = runs[fault.id].smoke
    first, *others = smoke.attempts
    fate = {
        TAKEN_OVER: first.end is End.FAILED and bool(others) and others[0].end is End.GOOD,
        NEVER: not others and first.verdict is not None and str(first.verdict.blame) == "recipient-or-content",
        NOBODY_KNOWS: not others and first.verdict is not None and str(first.verdict.blame) == "nobody-knows",
        UNHARMED: first.end is End.GOOD and not others,
    }
    assert [name for name, holds in fate.items() if holds] == [MESSAGES[fault.id]]


def test_no_two_faults_are_named_by_one_finding():
    assert len({fault.expects for fault in FAULTS}) == len(FAULTS)


def test_a_fault_shows_little_beside_what_names_it(runs):
    """A fault that sets off everything says nothing; what a message came to may stand beside it."""
    for run in runs.values():
        beside = {finding.rule for finding in run.findings if not finding.rule.startswith("live-smoke-")} - {
            run.expects
        }
        assert len(beside) <= 1, (run.id, beside)


def test_no_made_up_secret_shows(repository):
    rehearsal = prepare(repository / "specs", DAY)
    faults = [fault for fault in FAULTS if fault.id in {"smtp-auth-refused", "api-401", "smtp-suspended"}]
    runs = rehearse_faults(rehearsal, faults, DAY, lambda _run: None)
    values = set(rehearsal.cast.secrets.values.values())
    assert values
    assert not [value for value in values if value in repr(runs)]


def test_a_fault_that_the_spec_has_no_place_for_does_not_apply(repository):
    rehearsal = prepare(repository / "examples" / "small-shop" / "specs", DAY)
    faults = [fault for fault in FAULTS if fault.id == "api-401"]
    (run,) = rehearse_faults(rehearsal, faults, DAY, lambda _run: None)
    assert not run.applies
    assert run.named_by is None
