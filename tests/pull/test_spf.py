"""SPF records of others: read from DNS, counted, compared; what is not whole leaves what was known."""

from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest
from fake_dns import RESOLVER
from name_servers import nsd, unbound
from pulls import GOOGLE, TODAY, Pulls, world_dns

from sendspec.lock.book import read_book
from sendspec.net.dns.answer import Status
from sendspec.net.open import NetSettings, open_net
from sendspec.pipeline import validate
from sendspec.pull.result import Turn
from sendspec.stores.interface import Surroundings
from sendspec.stores.resolve import StoreSecrets

GROWN = GOOGLE.replace("~all", "include:_netblocks4.google.com ~all")
DEEPER = {
    ("_spf.google.com", "TXT"): (GROWN,),
    ("_netblocks4.google.com", "TXT"): ("v=spf1 a:mail.google.com ~all",),
}


@pytest.fixture
def pulls(northwind) -> Pulls:
    return Pulls(northwind)


def changes(found):
    return {change.key: change for change in found.changes}


def entry(pulls, name):
    return read_book(pulls.folder, pulls.lock.read_bytes()).contents["spf"][name]


def test_what_is_as_it_was_changes_nothing_but_perhaps_its_form(pulls):
    before = validate(pulls.folder).setup.spf_trees
    run = pulls.run()
    assert (run.found.changes, run.found.troubles, run.is_complete) == ((), (), True)
    assert [(t.name, t.text, t.lookups, t.read) for t in validate(pulls.folder).setup.spf_trees] == [
        (t.name, t.text, t.lookups, t.read) for t in before
    ]
    first = pulls.lock.read_bytes()
    pulls.run()
    assert pulls.lock.read_bytes() == first


def test_a_vendor_whose_tree_grew_is_named_with_what_our_records_spend_now(pulls):
    pulls.dns = world_dns(DEEPER)
    change = changes(pulls.found())["spf/_spf.google.com"]
    assert change.turn is Turn.CHANGED
    assert change.words == (
        "_spf.google.com: 4 lookups -> 6; new: include:_netblocks4.google.com",
        "northwind.example now spends 7 of 10, 5 before",
    )
    tree = next(t for t in validate(pulls.folder).setup.spf_trees if t.name == "_spf.google.com")
    assert (tree.text, tree.lookups, tree.read) == (GROWN, 6, "2026-11-26")


def test_a_tree_that_no_longer_fits_says_what_receivers_do(pulls):
    pulls.dns = world_dns(
        {
            ("_spf.google.com", "TXT"): ("v=spf1 " + " ".join(f"a:h{n}.google.com" for n in range(9)) + " ~all",),
        }
    )
    words = changes(pulls.found())["spf/_spf.google.com"].words
    assert "northwind.example now spends 11 of 10, 5 before: a permanent error" in words[1]


def test_a_change_in_a_return_path_names_the_streams(pulls):
    pulls.dns = world_dns({("amazonses.com", "TXT"): ("v=spf1 ip4:192.0.2.0/24 mx:x.amazonses.com -all",)})
    change = changes(pulls.found())["spf/amazonses.com"]
    assert change.streams == ("password-reset", "receipts", "support")
    assert "bounce.auth.northwind.example, bounce.help.northwind.example" in change.words[1]


def test_an_include_that_is_not_known_yet_is_added_and_validate_is_satisfied(pulls):
    lock = pulls.lock.read_text()
    pulls.lock.write_text(lock[: lock.index("spf:\n")])
    assert any(finding.rule == "spf-tree-unknown" for finding in validate(pulls.folder).findings)
    found = changes(pulls.found())
    assert {key: change.turn for key, change in found.items()} == {
        "spf/_spf.google.com": Turn.NEW,
        "spf/amazonses.com": Turn.NEW,
        "spf/spf.crm.example": Turn.NEW,
    }
    assert not [finding for finding in validate(pulls.folder, TODAY).findings if finding.rule.startswith("spf-tree")]


def test_a_day_is_renewed_when_it_is_a_month_old_and_not_before(pulls):
    pulls.today = date(2026, 11, 20) + timedelta(days=29)
    assert pulls.found().changes == ()
    pulls.today += timedelta(days=1)
    run = pulls.run()
    assert {change.turn for change in run.found.changes} == {Turn.READ_AGAIN}
    assert run.is_quiet
    assert {tree.read for tree in validate(pulls.folder).setup.spf_trees} == {"2026-12-20"}


@pytest.mark.parametrize("name", ["_spf.google.com", "_netblocks2.google.com"])
@pytest.mark.parametrize("status", [Status.SERVFAIL, Status.TIMEOUT, Status.REFUSED, Status.STOPPED])
def test_what_cannot_be_read_anywhere_in_a_tree_is_unknown_and_the_rest_is_pulled(pulls, name, status):
    before = entry(pulls, "_spf.google.com")
    changed = {**DEEPER, ("spf.crm.example", "TXT"): ("v=spf1 -all",)}
    pulls.dns = world_dns(changed).but(RESOLVER, name, "TXT", status)
    run = pulls.run()
    assert not run.is_complete
    (unread,) = run.found.unread
    assert unread.where.startswith("SPF of _spf.google.com")
    assert (name in unread.where) is True
    assert entry(pulls, "_spf.google.com") == before
    assert [change.key for change in run.found.changes] == ["spf/spf.crm.example"]


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [
        ({("spf.crm.example", "TXT"): None}, "spf.crm.example: there is no SPF record: no such name (NXDOMAIN)"),
        ({("spf.crm.example", "TXT"): ("hello",)}, "there is no SPF record: TXT records, none of them SPF"),
        ({("spf.crm.example", "TXT"): ("v=spf1 -all", "v=spf1 ~all")}, "there are 2 SPF records"),
        (
            {("spf.crm.example", "TXT"): ("v=spf1 ip4:no -all",)},
            "its record cannot be read: ip4:no: does not hold an IPv4 address",
        ),
        ({("spf.crm.example", "TXT"): ("v=spf1 " + "a " * 3000,)}, "its record has more than 4,000 characters"),
        ({("spf.crm.example", "TXT"): ("v=spf1 include:spf.crm.example -all",)}, "leads back to itself"),
        (
            {("_netblocks2.google.com", "TXT"): None},
            "_spf.google.com (by way of _netblocks2.google.com): there is no SPF record",
        ),
    ],
)
def test_a_record_that_is_a_permanent_error_is_told_and_what_was_known_stays(pulls, changed, trouble):
    before = validate(pulls.folder).setup.spf_trees
    pulls.dns = world_dns(changed)
    run = pulls.run()
    (told,) = run.found.troubles
    assert trouble in told
    assert "permanent error" in told
    assert run.found.changes == ()
    assert [(t.name, t.text) for t in validate(pulls.folder).setup.spf_trees] == [(t.name, t.text) for t in before]


def test_a_record_with_the_shape_of_a_secret_is_not_written(pulls):
    key = "key-" + "0123456789abcdef" * 2
    pulls.dns = world_dns({("spf.crm.example", "TXT"): (f"v=spf1 include:{key}.crm.example -all",), (f"{key}.crm.example", "TXT"): ("v=spf1 -all",)})  # fmt: skip
    run = pulls.run()
    assert "has the shape of a Mailgun API key" in run.found.unread[0].reason
    assert key not in pulls.lock.read_text()
    assert key not in repr(run)
    assert validate(pulls.folder)


def test_what_nothing_leads_to_any_more_goes_and_a_name_that_somebody_added_further_down_stays_fresh(pulls):
    lock = pulls.lock.read_text()
    more = '  _netblocks2.google.com: {text: "v=spf1 ~all", lookups: 1, read: 2026-11-20}\n'
    more += '  old.vendor.example: {text: "v=spf1 ~all", lookups: 1, read: 2026-11-20}\nowned:'
    pulls.lock.write_text(lock.replace("owned:", more))
    found = changes(pulls.found())
    assert found["spf/old.vendor.example"].turn is Turn.DROPPED
    assert found["spf/_netblocks2.google.com"].turn is Turn.CHANGED
    assert "old.vendor.example" not in pulls.lock.read_text()
    assert not [each for each in validate(pulls.folder).findings if each.rule == "spf-tree-contradicts-itself"]


def test_nothing_goes_while_something_could_not_be_read(pulls):
    lock = pulls.lock.read_text()
    more = '  old.vendor.example: {text: "v=spf1 ~all", lookups: 1, read: 2026-11-20}\nowned:'
    pulls.lock.write_text(lock.replace("owned:", more))
    pulls.dns = world_dns().but(RESOLVER, "_spf.google.com", "TXT", Status.SERVFAIL)
    assert pulls.found().changes == ()


def test_records_without_end_are_followed_only_so_far(pulls):
    tower = {(f"t{n}.crm.example", "TXT"): (f"v=spf1 include:t{n + 1}.crm.example -all",) for n in range(500)}
    pulls.dns = world_dns({**tower, ("spf.crm.example", "TXT"): ("v=spf1 include:t0.crm.example -all",)})
    pulls.run()
    asked = [name for _, name, _ in pulls.dns.asked if name.startswith("t")]
    assert 50 < len(asked) <= 100
    assert validate(pulls.folder)


def test_names_in_another_case_are_the_same(pulls):
    pulls.lock.write_text(pulls.lock.read_text().replace("  spf.crm.example:", "  SPF.CRM.example:"))
    pulls.dns = world_dns({("spf.crm.example", "TXT"): ("v=spf1 -all",)})
    assert list(changes(pulls.found())) == ["spf/SPF.CRM.example"]
    assert pulls.lock.read_text().lower().count("spf.crm.example:") == 1


def test_real_name_servers_are_read(pulls, find_tool, tmp_path):
    google = "\n".join(
        [
            f'_spf TXT "{GROWN}"',
            *(f'_netblocks{n} TXT "v=spf1 ip4:192.0.2.0/24 ~all"' for n in ("", "2", "3")),
            '_netblocks4 TXT "v=spf1 " "a:mail.google.com ~all"',
        ]
    )
    zones = {"google.com": f"@ NS ns1.invalid.\n{google}\n", "crm.example": "@ NS ns1.invalid.\nspf TXT plain\n"}
    with (
        nsd(find_tool, tmp_path / "nsd", zones) as server,
        unbound(find_tool, tmp_path / "unbound", {**dict.fromkeys(zones, server), "com": server}) as resolver,
    ):

        @asynccontextmanager
        async def net():
            settings = NetSettings(deadline_seconds=20, resolvers=(resolver,), dns_timeouts_seconds=(1.0, 2.0))
            async with open_net(settings, lambda d: StoreSecrets(d, Surroundings({}, tmp_path))) as opened:
                yield opened

        pulls.net = net
        run = pulls.run()
    assert changes(run.found)["spf/_spf.google.com"].words[0].startswith("_spf.google.com: 4 lookups -> 6")
    assert run.found.troubles[0].startswith("spf.crm.example: there is no SPF record: TXT records, none of them SPF")
    assert [unread.where for unread in run.found.unread] == ["SPF of amazonses.com"]
