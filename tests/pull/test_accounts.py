"""What ESPs issue, into the lock file: believed only as far as their own models go, and said in words."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulls import KEY, SENDGRID, TODAY, Pulls, there

from sendspec.lock.book import open_book, read_book
from sendspec.model.live import LiveAccount, Unread
from sendspec.pipeline import compile_folder, validate
from sendspec.pull.issued import note_issued
from sendspec.pull.result import Turn

NEWS, MAIL = "news.northwind.example", "mail.northwind.example"
TOKENS = ["tokena" * 5, "tokenb" * 5, "tokenc" * 5]
EASY = {"dkim": {"tokens": TOKENS, "hosted_zone": "dkim.amazonses.com"}}


@pytest.fixture
def pulls(northwind) -> Pulls:
    return Pulls(northwind)


def changes(found):
    return {change.key: change for change in found.changes}


def ses_account(pulls, **changed):
    """Give what ses-eu has issued by the lock file, but for some domains; None takes one away."""
    known = read_book(pulls.folder, pulls.lock.read_bytes()).contents["issued"]["ses-eu"]
    parts = {
        domain: {name: {key: value for key, value in part.items() if key != "read"} for name, part in entry.items()}
        for domain, entry in known.items()
    }
    parts |= {f"{label}.northwind.example": entry for label, entry in changed.items()}
    return LiveAccount(issued={domain: entry for domain, entry in parts.items() if entry is not None})


def test_what_was_issued_is_taken_and_its_records_are_no_longer_pending(pulls):
    pulls.accounts["sendgrid-eu"] = LiveAccount(issued={NEWS: SENDGRID})
    found = changes(pulls.found())
    assert {key: change.turn for key, change in found.items()} == {
        f"issued/sendgrid-eu/{NEWS}/domain": Turn.NEW,
        f"issued/sendgrid-eu/{NEWS}/links": Turn.NEW,
    }
    assert found[f"issued/sendgrid-eu/{NEWS}/links"].words == (
        f"{NEWS} at sendgrid-eu: issued, for `newsletter`: links.{NEWS} CNAME can be published now",
    )
    after = validate(pulls.folder, TODAY)
    assert not [each for each in after.findings if each.rule == "pending-values"]
    assert not [each for each in after.findings if each.severity.name in {"ERROR", "WARNING"}]
    issued = read_book(pulls.folder, pulls.lock.read_bytes()).contents["issued"]["sendgrid-eu"][NEWS]
    assert issued["domain"] == {**SENDGRID["domain"], "read": "2026-11-26"}


def test_the_second_pull_changes_nothing(pulls):
    pulls.accounts["sendgrid-eu"] = LiveAccount(issued={NEWS: SENDGRID})
    pulls.run()
    first = pulls.lock.read_bytes()
    run = pulls.run()
    assert (run.found.changes, run.is_quiet, run.found.in_place) == ((), True, 3 + 2 + 2 + 3)
    assert pulls.lock.read_bytes() == first


def test_other_tokens_are_said_with_their_records_and_streams(pulls):
    pulls.accounts["ses-eu"] = ses_account(pulls, mail=EASY)
    change = changes(pulls.found())[f"issued/ses-eu/{MAIL}/dkim"]
    assert (change.turn, change.streams) == (Turn.CHANGED, ("receipts",))
    first, second = change.words
    assert first.startswith(f"{MAIL} at ses-eu: other values are issued, for `receipts`; no more: ")
    assert f"{TOKENS[0]}._domainkey.{MAIL} CNAME" in first
    assert second == (
        "until DNS has the new records, mail of `receipts` by ses-eu suffers: receivers cannot check its signature"
    )


def test_another_selector_is_said_too(pulls):
    dkim = {"selector": "20261201pm", "value": f"k=rsa; p={KEY}"}
    pulls.accounts["postmark-main"] = LiveAccount(issued={MAIL: {"dkim": dkim}}, found=there(f"domain/{MAIL}"))
    (change,) = changes(pulls.found()).values()
    assert f"now: 20261201pm._domainkey.{MAIL} TXT" in change.words[0]


def test_a_key_that_waits_beside_another_is_taken_and_goes_again_when_it_is_none(pulls):
    known = read_book(pulls.folder, pulls.lock.read_bytes()).contents["issued"]["postmark-main"][MAIL]["dkim"]
    current = {name: value for name, value in known.items() if name != "read"}
    waiting = {"selector": "20261201pm", "value": f"k=rsa; p={KEY}"}
    auth = {"auth.northwind.example": {}}
    pulls.accounts["postmark-main"] = LiveAccount(issued={**auth, MAIL: {"dkim": current, "next": waiting}})
    assert changes(pulls.found())[f"issued/postmark-main/{MAIL}/next"].turn is Turn.NEW
    assert "20261201pm" in pulls.lock.read_text()
    pulls.accounts["postmark-main"] = LiveAccount(issued={**auth, MAIL: {"dkim": current, "next": {}}})
    assert changes(pulls.found())[f"issued/postmark-main/{MAIL}/next"].turn is Turn.DROPPED
    assert "20261201pm" not in pulls.lock.read_text()


def test_another_spelling_of_the_same_values_is_no_change(pulls):
    live = ses_account(pulls)
    shouted = copy.deepcopy(live.issued[MAIL])
    shouted["dkim"]["tokens"] = tuple(token.upper() for token in shouted["dkim"]["tokens"])
    pulls.accounts["ses-eu"] = ses_account(pulls, mail=shouted)
    assert pulls.found().changes == ()


def test_a_domain_that_people_spelt_otherwise_in_the_lock_file_is_the_same(pulls):
    pulls.lock.write_text(pulls.lock.read_text().replace(f"    {MAIL}:", "    Mail.Northwind.Example:"))
    live = ses_account(pulls)
    pulls.accounts["ses-eu"] = LiveAccount(issued={domain.lower(): parts for domain, parts in live.issued.items()})
    pulls.accounts["postmark-main"] = LiveAccount(unread={"": Unread("postmark-main", "no key")})
    assert pulls.found().changes == ()


@pytest.mark.parametrize(
    "issued",
    [
        {"dkim": {"tokens": TOKENS, "hosted_zone": "dkim.evil.example"}},
        {"dkim": {"tokens": ["a.b", "c", "d"], "hosted_zone": "dkim.amazonses.com"}},
        {"dkim": {"tokens": [*TOKENS[:2], "hunter2\n"], "hosted_zone": "dkim.amazonses.com"}},
        {"dkim": {"tokens": "hunter2"}},
        {"dkim": "hunter2"},
        {"dkim": {"tokens": TOKENS, "hosted_zone": "dkim.amazonses.com", "hunter2": "x"}},
        {"hunter2": {"a": 1}},
        {"dkim": {"tokens": TOKENS, "hosted_zone": object()}},
        {"dkim": {"selector": "s1", "value": "v=DKIM1; p=\u2028hunter2"}},
    ],
)
def test_what_the_esps_model_refuses_is_not_written_and_not_shown(pulls, issued):
    before = pulls.lock.read_text()
    pulls.accounts["ses-eu"] = ses_account(pulls, mail=issued)
    run = pulls.run()
    (unread,) = run.found.unread
    assert unread.where.startswith("ses-eu, ")
    assert "is not what this ESP issues" in unread.reason
    assert "evil" not in repr(run.found.unread)
    assert run.found.changes == ()
    assert validate(pulls.folder)
    assert before.count("evil") == pulls.lock.read_text().count("evil")


def test_a_value_with_the_shape_of_a_secret_is_refused(pulls):
    secret = "SG." + "a" * 22 + "." + "b" * 43
    records = [*SENDGRID["domain"]["records"], {"type": "TXT", "name": f"x.{NEWS}", "value": secret}]
    hostile = {"domain": {"id": 1, "records": records}, "links": SENDGRID["links"]}
    pulls.accounts["sendgrid-eu"] = LiveAccount(issued={NEWS: hostile})
    run = pulls.run()
    (unread,) = run.found.unread
    assert unread.reason == "what came has the shape of a SendGrid API key"
    assert secret not in f"{run!r}{pulls.lock.read_text()}"
    assert list(changes(run.found)) == [f"issued/sendgrid-eu/{NEWS}/links"]
    assert validate(pulls.folder)


def test_a_domain_that_nobody_asked_for_is_not_taken(pulls):
    pulls.accounts["ses-eu"] = ses_account(pulls, evil=EASY)
    assert pulls.found().changes == ()
    assert "evil" not in pulls.lock.read_text()


def test_an_account_that_could_not_be_read_keeps_what_it_had_and_the_others_are_pulled(pulls):
    unread = Unread("ses-eu", "there are no AWS credentials", "sign in")
    pulls.accounts["ses-eu"] = LiveAccount(unread={"": unread})
    pulls.accounts["sendgrid-eu"] = LiveAccount(issued={NEWS: SENDGRID}, notes=("a trial account",))
    run = pulls.run()
    assert (run.is_complete, run.found.unread, run.found.notes) == (False, (unread,), ("sendgrid-eu: a trial account",))
    assert len(run.found.changes) == 2
    assert run.found.troubles == ()
    assert compile_folder(pulls.folder).setup.identity("ses-eu", MAIL).pending == ()


def test_what_is_gone_at_the_esp_is_told_and_stays_while_the_spec_needs_it(pulls):
    pulls.accounts["ses-eu"] = ses_account(pulls, mail=None)
    run = pulls.run()
    (told,) = run.found.troubles
    assert told.startswith(f"{MAIL} is not at ses-eu, and `receipts` sends from it")
    assert "2026-11-20" in told
    assert run.found.changes == ()
    assert not run.is_quiet


def test_a_domain_that_exists_and_of_which_the_esp_tells_nothing_is_not_gone(pulls):
    known = ses_account(pulls, mail=None)
    pulls.accounts["ses-eu"] = LiveAccount(issued=known.issued, found=there(f"identity/{MAIL}"))
    assert pulls.found().troubles == ()


def test_what_is_gone_and_nothing_needs_leaves_the_lock_file(pulls):
    lock = pulls.lock.read_text()
    old = "    old.northwind.example:\n      dkim:\n        tokens: [a1, b2, c3]\n        read: 2026-11-20\nspf:\n"
    pulls.lock.write_text(lock.replace("spf:\n", old))
    pulls.accounts["ses-eu"] = ses_account(pulls, old=None)
    change = changes(pulls.found())["issued/ses-eu/old.northwind.example"]
    assert (change.turn, change.after) == (Turn.DROPPED, None)
    assert "old.northwind.example" not in pulls.lock.read_text()


def test_a_key_that_was_made_here_is_never_dropped(pulls):
    for path in pulls.folder.glob("*.yaml"):
        path.write_text(path.read_text().replace("dkim: easy", "dkim: byodkim"))
    own = f'    old.northwind.example: {{dkim: {{selector: s1, value: "p={KEY}", read: 2026-11-20}}}}\n'
    lock = pulls.lock.read_text()
    head, _, tail = lock.partition("  ses-eu:\n")
    pulls.lock.write_text(
        f"{head}  ses-eu:\n{own}spf:\n{tail.partition('spf:')[2].lstrip()}".replace("spf:\n_", "spf:\n  _")
    )
    pulls.accounts["ses-eu"] = LiveAccount()
    assert "issued/ses-eu/old.northwind.example" not in changes(pulls.found())
    assert "old.northwind.example" in pulls.lock.read_text()


def test_apply_takes_values_in_the_same_way(pulls):
    setup = compile_folder(pulls.folder).setup
    with open_book(pulls.folder, pulls.lock.read_bytes()) as book:
        account = setup.account("sendgrid-eu")
        assert note_issued(book, account, {NEWS: SENDGRID}, TODAY)
        assert not note_issued(book, account, {NEWS: SENDGRID}, TODAY)
        assert not note_issued(book, account, {NEWS: {"domain": {"id": "x"}}}, TODAY)
    assert validate(pulls.folder)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["dkim", "domain", "links", "next", "previous"]) | st.text(max_size=8),
        JSON
        | st.fixed_dictionaries(
            {}, optional={"tokens": JSON, "selector": JSON, "value": JSON, "records": JSON, "id": JSON}
        ),
        max_size=4,
    ),
    st.sampled_from([NEWS, MAIL, "auth.northwind.example", "Mail.Northwind.Example."]) | st.text(max_size=20),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_esp_says_the_lock_file_can_be_read(pulls, parts, domain):
    for account in ("ses-eu", "postmark-main", "sendgrid-eu"):
        pulls.accounts[account] = LiveAccount(issued={domain: parts})
    pulls.run()
    validate(pulls.folder)
