"""Checks run side by side; what they see becomes findings as it comes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

import sendspec.check.run as module
from sendspec.check.alike import ALIKE_SHOWN
from sendspec.check.interface import Check
from sendspec.check.run import CheckRun, live_kinds, run_checks
from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.observation import Kind, Measurement, Observation, Passed, Seen, Subject
from sendspec.model.origin import Origin
from sendspec.net.deadline import Deadline
from sendspec.pipeline import all_rule_documents, compile_folder

KIND = Kind("live-dns-example", Severity.ERROR, "Example is wrong.", "it breaks", "mend it", "RFC 1035 section 1")
AT = Origin(("streams", "receipts"))


class Positions:
    def span(self, origin: Origin, *, key: bool = False, label: str = "") -> SourceSpan:
        return SourceSpan("spec.yaml", len(origin.path), 1, 2, label=label)


@dataclass
class Watch:
    told: list[Finding] = field(default_factory=list)
    progress: list[tuple[int, int, str]] = field(default_factory=list)

    def found(self, finding: Finding) -> None:
        self.told.append(finding)

    def advanced(self, done: int, total: int, title: str) -> None:
        self.progress.append((done, total, title))


@dataclass
class OnlyDeadline:
    deadline: Deadline


def run_with(monkeypatch, *checks: Check, accepting=lambda _kind, _at: None, watch: Watch | None = None, seconds=60.0):
    monkeypatch.setattr(module, "checks_of", lambda _subjects: checks)

    async def look() -> CheckRun:
        net = OnlyDeadline(Deadline(seconds))
        return await run_checks(None, net, set(Subject), Positions(), accepting, watch or Watch())

    return asyncio.run(look())


def check(name: str, *seen: Seen, subject: Subject = Subject.DNS) -> Check:
    async def run(setup: object, net: object) -> AsyncIterator[Seen]:
        for each in seen:
            await asyncio.sleep(0)
            yield each

    return Check(name, subject, f"title of {name}", (KIND,), run, lambda _setup: len(seen))


def test_what_is_seen_is_counted_and_told(monkeypatch):
    watch = Watch()
    wrong = Observation(KIND, AT, "m", expected="a", seen="b", answered_by="ns1")
    measured = Measurement("receipts.primary", "smtp.example:587", (("connect", 0.1), ("tls", 0.2)))
    run = run_with(
        monkeypatch,
        check("dns-a", Passed(7), wrong),
        check("smtp-b", measured, Passed(), subject=Subject.SMTP),
        watch=watch,
    )
    assert (run.passed, run.unknown, run.stopped) == (8, 0, "")
    assert run.measurements == [measured]
    assert measured.total_seconds == pytest.approx(0.3)
    (finding,) = run.findings
    assert watch.told == [finding]
    assert (finding.rule, finding.severity, finding.why, finding.fix) == (
        KIND.id,
        Severity.ERROR,
        "it breaks",
        "mend it",
    )
    assert finding.comparison() == (("expected", "a"), ("seen", "b"), ("answered by", "ns1"))
    assert watch.progress[-1][:2] == (9, 4)


def test_what_could_not_be_told_is_neither_good_nor_bad(monkeypatch):
    run = run_with(monkeypatch, check("dns-a", Observation(KIND, AT, "m", is_unknown=True, count=3)))
    assert (run.passed, run.unknown) == (0, 3)
    (finding,) = run.findings
    assert finding.severity is Severity.UNKNOWN
    assert finding.severity.rank < Severity.INFO.rank
    assert (finding.why, finding.fix) == ("", "")


def test_an_observation_may_be_less_severe_than_its_kind_and_never_more(monkeypatch):
    warning = Kind("live-dns-mild", Severity.WARNING, "Mild.", "", "", "RFC 1035")
    run = run_with(
        monkeypatch,
        check(
            "dns-a",
            Observation(KIND, AT, "m", severity=Severity.INFO),
            Observation(warning, AT, "n", severity=Severity.ERROR),
        ),
    )
    assert [finding.severity for finding in run.findings] == [Severity.INFO, Severity.WARNING]


def test_a_dead_server_is_not_a_thousand_findings(monkeypatch):
    watch = Watch()
    silence = [Observation(KIND, AT, f"m{n}", is_unknown=True, answered_by="192.0.2.1") for n in range(1000)]
    other = Observation(KIND, AT, "other", is_unknown=True, answered_by="192.0.2.2")
    run = run_with(monkeypatch, check("dns-a", *silence, other), watch=watch)
    assert run.unknown == 1001
    assert len(run.findings) == ALIKE_SHOWN + 2
    assert run.findings == watch.told
    last = run.findings[-1]
    assert f"{1000 - ALIKE_SHOWN} more could not be told by 192.0.2.1" in last.message
    assert last.severity is Severity.UNKNOWN


def test_a_thousand_wrong_records_are_a_thousand_findings(monkeypatch):
    run = run_with(monkeypatch, check("dns-a", *(Observation(KIND, AT, f"m{n}") for n in range(1000))))
    assert len(run.findings) == 1000


def test_what_the_spec_lives_with_is_apart_with_its_reason(monkeypatch):
    run = run_with(
        monkeypatch,
        check("dns-a", Observation(KIND, AT, "m"), Observation(KIND, AT, "n", is_unknown=True)),
        accepting=lambda kind, at: "until spring" if (kind, at) == (KIND.id, AT) else None,
    )
    assert [finding.because for finding in run.accepted] == ["until spring"]
    # Nobody knows what it would have been, so nobody can have accepted it.
    assert [finding.severity for finding in run.findings] == [Severity.UNKNOWN]


def test_a_run_past_its_deadline_says_so(monkeypatch):
    run = run_with(monkeypatch, check("dns-a", Passed()), seconds=0.0)
    assert run.stopped == "the deadline of 0 s has passed"


def test_only_the_subjects_asked_for_are_looked_at():
    assert {found.subject for found in module.checks_of({Subject.SMTP})} == {Subject.SMTP}
    everything = module.checks_of(Subject)
    assert {found.subject for found in everything} == set(Subject)
    assert [found.id for found in everything] == sorted({found.id for found in everything})


def test_a_check_that_breaks_is_our_bug_and_no_finding(monkeypatch):
    async def breaks(setup: object, net: object) -> AsyncIterator[Seen]:
        yield Passed()
        raise RuntimeError("ours")

    broken = Check("dns-a", Subject.DNS, "t", (KIND,), breaks, lambda _setup: 1)
    with pytest.raises(RuntimeError, match="ours"):
        run_with(monkeypatch, broken)


def test_every_live_finding_is_documented_and_no_rule_has_its_id():
    kinds = live_kinds()
    assert len({kind.id for kind in kinds}) == len(kinds)
    rules = {document.id for document in all_rule_documents()}
    for kind in kinds:
        assert kind.id.startswith("live-"), kind.id
        assert kind.id not in rules
        assert kind.severity is not Severity.UNKNOWN
        assert kind.summary.endswith("."), kind.id
        assert kind.why, kind.id
        assert kind.instead, kind.id
        assert kind.source, kind.id
        assert kind.document.text.startswith(f"{kind.summary}\n\nWhy it matters: {kind.why}\n")


def test_every_check_is_called_as_its_place_and_declares_what_it_finds():
    for found in module.checks_of(Subject):
        name = found.run.__module__.removeprefix("sendspec.check.")
        assert found.id == name.replace(".", "-").replace("_", "-")
        assert found.id.startswith(f"{found.subject}-")
        assert found.kinds


def test_an_acceptance_of_a_live_finding_is_not_called_unused(northwind):
    from sendspec.pipeline import validate

    kind = live_kinds()[0].id
    spec = northwind / "northwind.yaml"
    spec.write_text(f"{spec.read_text()}\naccept: [{{rule: {kind}, because: 'seen and known'}}]\n")
    assert "accept-unused" not in {finding.rule for finding in validate(northwind).findings}
    spec.write_text(spec.read_text().replace(kind, f"{kind}x"))
    (unused,) = [finding for finding in validate(northwind).findings if finding.rule == "accept-unused"]
    assert unused.fix == f"did you mean `{kind}`?"
    assert compile_folder(northwind)


def test_what_the_watcher_raises_comes_through_as_it_is(monkeypatch):
    class Gone(Watch):
        def found(self, finding: Finding) -> None:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_with(monkeypatch, check("dns-a", Observation(KIND, AT, "m")), watch=Gone())
