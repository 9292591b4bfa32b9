"""SES logins are replaced by keys of their IAM user: made, tried, kept, and the old key revoked in two steps."""

from datetime import timedelta

import pytest
from aws_world import Fault, make_empty
from iam_user import IamUser, Logins
from rotation_bench import Bench, KilledError, Shelf, Wish

from sendspec.esp.ses import manage_calls
from sendspec.esp.ses.rotate import mark
from sendspec.esp.ses.smtp_password import smtp_password
from sendspec.model.live import Failure
from sendspec.model.rotation import Todo
from sendspec.model.secret import Secret

HOST = "email-smtp.eu-west-1.amazonaws.com"
NAME, PASSWORD = "aws-sm://prod/mail/ses#username", "aws-sm://prod/mail/ses#password"
US_PASSWORD = "aws-sm://prod/mail/ses-us#password"
ALL = Wish(("ses-eu",))
DUE = Wish(("ses-eu",), is_due_only=True)
OLD = timedelta(hours=25)
SPEC = """
version: 1
domains: {northwind.example: {}}
esps:
  ses-eu:
    kind: ses
    managed: apply
    settings: {region: eu-west-1}
    credentials:
      smtp_username: {from: "aws-sm://prod/mail/ses#username", env: SES_SMTP_USERNAME}
      smtp_password: {from: "aws-sm://prod/mail/ses#password", env: SES_SMTP_PASSWORD, rotate_every: 90d}
streams:
  support:
    kind: support
    from: Northwind Support <support@help.northwind.example>
    routes: [{role: primary, via: smtp, esp: ses-eu}]
apps:
  helpdesk: {streams: [support], speaks: [smtp], targets: [postfix]}
"""
US = """
  ses-us:
    kind: ses
    managed: apply
    settings: {region: us-east-1}
    credentials:
      smtp_username: {from: "aws-sm://prod/mail/ses-us#username", env: US_USERNAME}
      smtp_password: {from: "aws-sm://prod/mail/ses-us#password", env: US_PASSWORD}
streams:
"""


@pytest.mark.parametrize(
    ("region", "password"),
    [
        ("us-east-1", "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"),
        ("us-west-2", "BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd"),
        ("eu-west-1", "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"),
        ("eu-central-1", "BF0/eIJm0ruTHsSjOkRuOGzGF+zeSyE3aiRzrzUQ8LwG"),
    ],
)
def test_the_password_is_what_awss_algorithm_derives(region, password):
    secret = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    assert smtp_password(secret, region).reveal() == password


@pytest.fixture
def make_bench(world, tmp_path, monkeypatch):
    """Give a function that starts anew: an IAM user with one key, which the store holds."""
    monkeypatch.setattr(manage_calls, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(manage_calls, "LONGEST_PAUSE_SECONDS", 0.001)
    count = 0

    def make(spec: str = SPEC, **shelf) -> Bench:
        nonlocal count
        count += 1
        make_empty(world)
        user = IamUser(world)
        key, secret = user.make()
        held = {NAME: key, PASSWORD: smtp_password(Secret(secret), "eu-west-1").reveal()}
        folder = tmp_path / str(count)
        folder.mkdir()
        (folder / "spec.yaml").write_text(spec)
        return Bench(folder, Shelf(held, **shelf), aws=user, logins=Logins(user), smtp_hosts=(HOST,))

    return make


@pytest.fixture
def bench(make_bench):
    found = make_bench()
    yield found
    found.assert_no_secret_was_told(*found.aws.secrets.values(), *found.aws.secrets)


def is_served(bench: Bench) -> bool:
    """Tell whether what the store holds is a login."""
    return (bench.shelf.held[NAME], bench.shelf.held[PASSWORD]) in bench.aws.login()


def outcome(run):
    [found] = run.rotated
    return found


def test_a_login_is_replaced_and_the_old_key_goes_in_two_steps(bench):
    first = bench.shelf.held[NAME]
    run = outcome(bench.rotate(ALL))
    assert run.failure is None, run
    second = bench.shelf.held[NAME]
    assert second != first
    assert is_served(bench)
    assert bench.aws.states() == {first: "Active", second: "Active"}
    assert any("helpdesk" in words for words in run.then)

    waiting = outcome(bench.rotate(ALL))
    assert waiting.done == ()
    assert waiting.failure is None
    assert bench.aws.states() == {first: "Active", second: "Active"}

    bench.passed = OLD
    disabled = outcome(bench.rotate(ALL))
    assert bench.aws.states() == {first: "Inactive", second: "Active"}
    assert any("switches it on again" in words for words in disabled.then)

    bench.passed = 2 * OLD
    assert outcome(bench.rotate(DUE)).failure is None
    assert bench.aws.states() == {second: "Active"}
    assert is_served(bench)
    assert set(bench.entry("ses-eu.smtp_password")) == {"key", "made"}
    assert bench.rotate(DUE).rotated == ()


API = (
    SPEC.replace("smtp_username:", "access_key_id:")
    .replace("smtp_password:", "secret_access_key:")
    .replace("SES_SMTP_USERNAME", "MAIL_KEY_ID")
    .replace("SES_SMTP_PASSWORD", "MAIL_KEY_SECRET")
    .replace("via: smtp", "via: api")
    .replace("speaks: [smtp], targets: [postfix]", "targets: [dotenv]")
)


def test_a_pair_that_calls_the_api_is_replaced_by_the_key_itself_and_no_password_is_derived(make_bench):
    bench = make_bench(API)
    first = bench.shelf.held[NAME]
    bench.shelf.held[PASSWORD] = bench.aws.secrets[first]

    def accepts(values):
        return bench.aws.secrets.get(values["ses-eu.access_key_id"]) == values["ses-eu.secret_access_key"]

    bench.accepts = accepts
    run = outcome(bench.rotate(ALL))
    assert run.failure is None, run
    second = bench.shelf.held[NAME]
    assert second != first
    assert bench.shelf.held[PASSWORD] == bench.aws.secrets[second]
    bench.passed = OLD
    assert outcome(bench.rotate(ALL)).failure is None
    assert bench.aws.states() == {first: "Inactive", second: "Active"}
    bench.assert_no_secret_was_told(*bench.aws.secrets.values(), *bench.aws.secrets)


def test_a_cron_job_is_quiet_until_the_key_is_as_old_as_the_spec_says(bench):
    before = bench.aws.states()
    bench.passed = timedelta(days=89)
    assert bench.rotate(DUE).rotated == ()
    assert bench.aws.states() == before
    bench.passed = timedelta(days=91)
    [prospect] = bench.rotate(DUE).prospects
    assert prospect.todo is Todo.BEGIN
    assert prospect.age_seconds > 90 * 86_400
    assert len(bench.aws.states()) == 2


def test_nothing_happens_to_who_does_not_agree(bench):
    before, bench.agrees = bench.aws.states(), False
    run = bench.rotate(ALL)
    assert not run.is_agreed
    assert (bench.aws.states(), bench.lock) == (before, "")


def test_accounts_of_one_user_are_replaced_together_each_with_the_password_of_its_region(make_bench):
    bench = make_bench(SPEC.replace("streams:\n", US, 1))
    old = bench.shelf.held[NAME]
    secret = Secret(bench.aws.secrets[old])
    bench.shelf.held |= {
        "aws-sm://prod/mail/ses-us#username": old,
        US_PASSWORD: smtp_password(secret, "us-east-1").reveal(),
    }
    run = bench.rotate(Wish(("ses-eu", "ses-us")))
    assert outcome(run).failure is None, run
    new = bench.shelf.held[NAME]
    assert bench.shelf.held["aws-sm://prod/mail/ses-us#username"] == new != old
    assert bench.shelf.held[US_PASSWORD] == smtp_password(Secret(bench.aws.secrets[new]), "us-east-1").reveal()
    assert len(bench.aws.states()) == 2
    assert bench.entry("ses-us.smtp_password")["key"] == mark(new)

    other = bench.rotate(Wish(("ses-us",)))  # the same rotation, seen from the other account
    assert [each.todo for each in other.prospects] == [Todo.WAIT]
    assert len(bench.aws.states()) == 2


def test_a_user_with_two_keys_gets_no_third_and_loses_none(bench):
    other, _ = bench.aws.make()
    before = bench.aws.states()
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.NEEDS
    assert other[-4:] in run.said
    assert "in no store of the spec" in run.said
    assert "delete-access-key" in run.fix
    assert bench.aws.states() == before


def test_a_store_that_refuses_leaves_everything_as_it_was(bench):
    before, held = bench.aws.states(), dict(bench.shelf.held)
    bench.shelf.refuses = "access denied"
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.NEEDS
    assert "access denied" in run.said
    assert bench.aws.states() == before
    assert bench.shelf.held == held
    assert "under_way" not in bench.entry("ses-eu.smtp_password")
    bench.shelf.refuses = ""
    assert outcome(bench.rotate(ALL)).failure is None


def test_a_key_that_is_not_accepted_reaches_no_store(bench):
    before, held = bench.aws.states(), dict(bench.shelf.held)
    bench.logins = set()
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.REFUSED
    assert "refused" in run.said
    assert (bench.aws.states(), bench.shelf.held) == (before, held)


def test_the_old_key_stays_while_a_store_holds_it(bench):
    first, held = bench.shelf.held[NAME], dict(bench.shelf.held)
    bench.rotate(ALL)
    bench.shelf.held |= held  # somebody has gone back
    bench.passed = OLD
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.NEEDS
    assert "holds the old access key" in run.said
    assert bench.aws.states()[first] == "Active"


def test_the_old_key_stays_while_the_new_one_is_not_accepted(bench):
    bench.rotate(ALL)
    first = next(iter(bench.aws.states()))
    bench.passed, bench.logins = OLD, set()
    assert outcome(bench.rotate(ALL)).failure is Failure.REFUSED
    assert bench.aws.states()[first] == "Active"


def test_a_key_that_somebody_switched_on_again_gets_another_overlap(bench):
    first = bench.shelf.held[NAME]
    bench.rotate(ALL)
    bench.passed = OLD
    bench.rotate(ALL)
    bench.aws.iam.update_access_key(UserName="mailer", AccessKeyId=first, Status="Active")
    bench.passed = 2 * OLD
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.NEEDS
    assert "switched" in run.said
    assert bench.aws.states()[first] == "Active"
    bench.passed = 3 * OLD
    bench.rotate(ALL)
    assert bench.aws.states()[first] == "Inactive"


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.BROKEN, Fault.RESET_BEFORE, Fault.THROTTLE, Fault.DENIED])
def test_whatever_becomes_of_the_call_no_key_is_left_over(bench, world, fault):
    world.forget_calls()
    world.fail["iam.CreateAccessKey", 1] = fault
    first = outcome(bench.rotate(ALL))
    assert is_served(bench)
    if first.failure is not None:
        world.fail.clear()
        assert outcome(bench.rotate(ALL)).failure is None
    assert is_served(bench)
    assert len(bench.aws.states()) == 2
    assert set(bench.aws.states()) <= set(bench.aws.secrets)  # a key whose secret nobody saw is gone


def test_killed_after_any_call_the_next_run_finishes(make_bench):
    """The store has a login at every moment, there are never more than two keys, and nothing is left over."""
    for is_after in (False, True):
        position = 0
        while True:
            position += 1
            bench = make_bench()
            first = bench.shelf.held[NAME]
            if not bench.killed(ALL, position, is_after=is_after):
                break
            what = f"{position} {bench.deadly.calls[-1]} {'after' if is_after else 'before'}"
            assert is_served(bench), what
            run = bench.rotate(ALL)
            assert [each.failure for each in run.rotated] == [None], (what, run)
            assert is_served(bench), what
            assert len(bench.aws.states()) <= 2, what
            if bench.shelf.held[NAME] != first:
                assert set(bench.aws.states()) == {first, bench.shelf.held[NAME]}, what
            bench.assert_no_secret_was_told(*bench.aws.secrets.values(), *bench.aws.secrets)
        assert position > 10


@pytest.mark.parametrize(("days", "moments"), [(2, (False, True)), (4, (True,))])
def test_killed_while_the_old_key_is_revoked_the_next_run_finishes(make_bench, days, moments):
    for is_after in moments:
        position = 0
        while True:
            position += 1
            bench = make_bench()
            for earlier in range(0, days, 2):
                bench.passed = timedelta(days=earlier)
                bench.rotate(ALL)
            bench.passed = timedelta(days=days)
            if not bench.killed(DUE, position, is_after=is_after):
                break
            assert is_served(bench)
            bench.rotate(DUE)
            assert is_served(bench)
            assert bench.aws.states()[bench.shelf.held[NAME]] == "Active"
            old = [status for key, status in bench.aws.states().items() if key != bench.shelf.held[NAME]]
            assert old == (["Inactive"] if days == 2 else []), (position, is_after)


def test_a_store_that_writes_one_value_at_a_time_is_completed_after_a_kill(make_bench):
    """Between the two writes the store holds no login, which no order can help; the next run makes it one with the new key."""
    position = 0
    completed = 0
    while True:
        position += 1
        bench = make_bench(is_atomic=False)
        if not bench.killed(ALL, position, is_after=True):
            break
        was_served = is_served(bench)
        completed += not was_served
        assert outcome(bench.rotate(ALL)).failure is None
        assert is_served(bench)
        assert len(bench.aws.states()) == 2
    assert completed == 1


def test_a_kill_between_two_secrets_leaves_both_valid_and_says_what_to_do(make_bench):
    bench = make_bench(SPEC.replace("streams:\n", US, 1))
    old = bench.shelf.held[NAME]
    bench.shelf.held |= {
        "aws-sm://prod/mail/ses-us#username": old,
        US_PASSWORD: smtp_password(Secret(bench.aws.secrets[old]), "us-east-1").reveal(),
    }
    other = dict(bench.shelf.held)
    bench.shelf.dies_after = "write aws-sm://prod/mail/ses"
    with pytest.raises(KilledError):
        bench.rotate(ALL)
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.NEEDS
    assert "killed between two stores" in run.said
    assert len(bench.aws.states()) == 2
    assert is_served(bench)
    assert bench.shelf.held[NAME] != old
    assert bench.shelf.held[US_PASSWORD] == other[US_PASSWORD]
    assert bench.shelf.held["aws-sm://prod/mail/ses-us#username"] == old


def test_somebody_elses_accounts_are_refused_with_the_way_out(make_bench):
    bench = make_bench(SPEC.replace("    managed: apply\n", ""))
    run = bench.rotate(ALL)
    [(account, way_out)] = run.refused
    assert account == "ses-eu"
    assert "managed: apply" in way_out
    assert run.prospects == ()
    assert bench.rotate(DUE).refused == ()
