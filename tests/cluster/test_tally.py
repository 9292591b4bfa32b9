"""However the work is split, what the shares come to is what one run comes to."""

import pickle
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from sendspec.check.alike import ALIKE_SHOWN, Alike
from sendspec.check.run import CheckRun
from sendspec.check.shares import FAILED
from sendspec.cluster.tally import Tally
from sendspec.cluster.work import ShareRun
from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.observation import Measurement

MEASURED = Measurement("receipts.primary", "smtp.example:587", (("connect", 0.1),))
findings = st.builds(
    Finding,
    rule=st.sampled_from(["live-dns-a", "live-dns-b"]),
    severity=st.sampled_from([Severity.UNKNOWN, Severity.UNKNOWN, Severity.UNKNOWN, Severity.ERROR]),
    message=st.just("m"),
    where=st.builds(SourceSpan, st.just("a.yaml"), st.integers(1, 9), st.just(1), st.just(2)),
    answered_by=st.sampled_from(["ns1", ""]),
)


@dataclass
class Watch:
    told: list[Finding] = field(default_factory=list)
    progress: list[tuple[int, int, str]] = field(default_factory=list)

    def found(self, finding: Finding) -> None:
        self.told.append(finding)

    def advanced(self, done: int, total: int, title: str) -> None:
        self.progress.append((done, total, title))


def share_of(found: list[Finding]) -> ShareRun:
    """Give what a worker sends back, as its pickle comes out here."""
    run, alike = CheckRun(passed=3, measurements=[MEASURED]), Alike()
    for finding in found:
        run.unknown += finding.severity is Severity.UNKNOWN
        if finding.severity is not Severity.UNKNOWN or alike.is_shown(finding):
            run.findings.append(finding)
    run.folded = list(alike.rest())
    run.findings += [folded.finding for folded in run.folded]
    return pickle.loads(pickle.dumps(ShareRun(run, looked_at=len(found) + 3)))


def counted(run: CheckRun) -> dict[tuple[str, str], tuple[int, str]]:
    """Give how many findings there are of each cause, and what is said of the rest."""
    causes: dict[tuple[str, str], tuple[int, str]] = {}
    for finding in run.findings:
        shown, rest = causes.get((finding.rule, finding.answered_by), (0, ""))
        is_rest = finding.where is None
        causes[finding.rule, finding.answered_by] = (shown + (not is_rest), finding.message if is_rest else rest)
    return causes


@given(st.lists(st.lists(st.tuples(findings, st.integers(1, 40)), max_size=5), min_size=1, max_size=6))
def test_what_is_alike_is_folded_over_all_shares(drawn):
    parts = [[finding for finding, count in part for _ in range(count)] for part in drawn]
    tally = Tally(Watch(), len(parts), 1_000, lambda _share: 0)
    for part in parts:
        tally.add(share_of(part))
    together, alone = tally.finish(), share_of([finding for part in parts for finding in part]).run
    assert counted(together) == counted(alone)
    assert together.unknown == alone.unknown
    assert sorted((each.count, each.finding.message) for each in together.folded) == sorted(
        (each.count, each.finding.message) for each in alone.folded
    )


def test_everything_else_is_added_up_and_told_as_it_comes():
    watch = Watch()
    tally = Tally(watch, 2, 10, lambda _share: 4)
    known = Finding("live-dns-a", Severity.ERROR, "m")
    accepted = Finding("live-dns-b", Severity.ERROR, "m", because="known")
    part = share_of([known])
    part.run.accepted.append(accepted)
    part.run.stopped = "the deadline of 1 s has passed"
    tally.add(part)
    assert watch.told == [known]
    tally.add(share_of([]))
    run = tally.finish()
    assert (run.passed, run.unknown, run.accepted) == (6, 0, [accepted])
    assert run.measurements == [MEASURED, MEASURED]
    assert run.stopped == "the deadline of 1 s has passed"
    assert watch.progress == [(4, 10, "1 of 2 shares are back"), (7, 10, "2 of 2 shares are back")]


def test_a_lost_share_is_one_finding_and_as_many_unknown_things_as_it_holds():
    watch = Watch()
    tally = Tally(watch, 1, 1_234, lambda share: 1_234 if share == (3, 16) else 0)
    tally.lose((3, 16), FAILED, "its worker died")
    run = tally.finish()
    (finding,) = run.findings
    assert (finding.severity, run.unknown) == (Severity.UNKNOWN, 1_234)
    assert finding.message == "share 3/16, about 1,234 things: its worker died"
    assert finding.fix.endswith("`sendspec check --shard 3/16` looks at just this share")
    assert watch.progress == [(1_234, 1_234, "1 of 1 shares are back")]


def test_many_lost_shares_are_folded_and_not_each_looked_into():
    looked_into = []
    tally = Tally(Watch(), 500, 1_500, lambda share: looked_into.append(share) or 3)
    for number in range(1, 501):
        tally.lose((number, 500), FAILED, "its worker died")
    run = tally.finish()
    assert len(run.findings) == ALIKE_SHOWN + 1
    assert run.unknown == 1_500
    assert run.findings[-1].message == f"{500 - ALIKE_SHOWN} more could not be told for the same reason"
    assert len(looked_into) == ALIKE_SHOWN
