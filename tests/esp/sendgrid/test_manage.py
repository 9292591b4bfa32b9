"""An account from nothing to what the spec says; by hand away from it, and back: against the stand-in.

The first tests go over https; the others leave the wire out, because they say nothing about it.
"""

import json

import pytest
from sendgrid_estate import ACCOUNT, MANAGED, SEND, Estate, body_of, everything, tracking

from sendspec.esp.managing import Removal
from sendspec.esp.sendgrid.manage_calls import Call
from sendspec.esp.sendgrid.settings import Issued
from sendspec.model.live import Failure, Verification
from sendspec.model.plan import Action, Change, Hold, Stage

EU_SETTINGS = "{region: eu, subuser: northwind-eu, link_branding: true}"
NEWS = "news.northwind.example"
KINDS = {
    "subuser",
    "authenticated-domain",
    "link-branding",
    "event-webhook",
    "event-webhook-signature",
    "api-key",
    "tracking",
}
VARIANTS = {
    "EU subuser": EU_SETTINGS,
    "account of its own": "{link_branding: true}",
    "manual security": "{link_branding: true, security: manual, domain_label: bounce}",
    "native fields": (
        "{link_branding: true, extra: {authenticated_domain: {custom_dkim_selector: abc, ips: [192.0.2.1]}, "
        "event_webhook: {processed: true}}}"
    ),
}
DESCRIPTIONS = {
    "/v3/subusers": "tsg_subusers_v3",
    "/v3/whitelabel/domains": "tsg_domain_authentication_v3",
    "/v3/whitelabel/links": "tsg_link_branding_v3",
    "/v3/user/webhooks": "tsg_webhooks_v3",
    "/v3/api_keys": "tsg_api_keys_v3",
    "/v3/tracking_settings": "tsg_tracking_settings_v3",
}


@pytest.fixture
def make(variant):
    """Give a function to an account that exists and holds nothing."""

    def empty(*changes, settings: str = EU_SETTINGS, is_direct: bool = True) -> Estate:
        return Estate(variant((EU_SETTINGS, settings), MANAGED, *changes), is_direct=is_direct).emptied()

    return empty


@pytest.fixture
def made(variant):
    """Give an account that holds what the spec says, and that sendspec remembers as its own."""
    with Estate(variant(MANAGED), is_direct=True) as estate:
        yield estate.remembered()


@pytest.mark.parametrize("settings", VARIANTS.values(), ids=VARIANTS)
def test_from_nothing_to_what_the_spec_says_and_the_second_run_is_empty(make, settings):
    with make(settings=settings, is_direct=False) as estate:
        done = estate.work(tracking)
        assert [(change.key, outcome) for change, outcome in done if outcome.failure] == []
        kinds = {change.subject.partition("/")[0] for change, _ in done}
        assert kinds == (KINDS if "subuser" in settings else KINDS - {"subuser"})
        again = estate.plan()
        assert (again.changes, again.held, again.awaited, again.unread, again.notes) == ([], [], [], [], [])
        assert again.in_place == len(estate.resources())
        estate.calls.clear()
        assert estate.work(tracking) == []
        assert estate.changing() == []


def test_every_resource_is_read_as_the_spec_states_it(made):
    live = made.read()
    for resource in made.resources():
        unreadable = made.manager.kinds[resource.kind].unreadable
        seen = live.found[resource.key].properties
        for name, value in resource.properties.items():
            assert name in unreadable or seen[name] == value, (resource.key, name)


@pytest.mark.parametrize("settings", VARIANTS.values(), ids=VARIANTS)
def test_every_call_is_as_the_vendor_describes_it(make, open_api, settings):
    with make(settings=settings) as estate:
        estate.work(tracking)
        by_hand(estate)
        estate.work(tracking)
        for resource in reversed(estate.resources()):
            live = estate.read([resource.key]).found[resource.key]
            estate.apply(deletion(estate, resource, live))
        calls = estate.calls
    assert {call.method for call in calls} == {"GET", "POST", "PATCH", "PUT", "DELETE"}
    assert sum(call.path.endswith("/validate") for call in calls) == 4
    for call in calls:
        described = open_api(
            f"sendgrid/{next(name for path, name in DESCRIPTIONS.items() if call.path.startswith(path))}"
        )
        shown = {
            name: value
            for name, value in call.headers.items()
            if name in {"authorization", "content-type", "on-behalf-of"}
        }
        asked = {"method": call.method, "url": f"https://{call.host}{call.path}", "headers": shown}
        asked |= {"body": body_of(call)} if call.body else {}
        assert described.problems(asked) == [], call
        _, operation = described.operation(asked)
        known = {described._follow(each)["name"] for each in operation.get("parameters", ())}
        assert {name for name, _ in call.query} <= known, call
        answer = {"subuser": call.path.startswith("/v3/subusers")}
        assert ("on-behalf-of" in call.headers) == ("subuser" in settings and not answer["subuser"])


def by_hand(estate):
    """Change one thing of every resource, as somebody would on a Friday; give the path that differs then."""
    user = estate.user
    expected = {}
    if user.profile:
        user.profile["disabled"] = True
        expected["subuser/northwind-eu"] = ["disabled"]
    user.domains[0]["default"] = True
    expected[f"authenticated-domain/{user.domains[0]['domain']}"] = ["default"]
    user.links[0]["default"] = True
    expected[f"link-branding/{user.links[0]['domain']}"] = ["default"]
    user.webhooks[0]["bounce"] = False
    expected["event-webhook/newsletter"] = ["bounce"]
    user.webhooks[0]["public_key"] = ""
    user.signing.clear()
    expected["event-webhook-signature/newsletter"] = ["(missing)"]
    secret = next(each for each in user.keys if each not in user.managing)
    user.keys[secret] = frozenset({"mail.send", "user.profile.read"})
    expected["api-key/sendgrid-eu.api_key"] = ["scopes"]
    user.tracking["open"] = True
    expected["tracking/open"] = ["enabled"]
    return expected


def deletion(estate, resource, live) -> Change:
    return Change(
        f"esp/{ACCOUNT}/{resource.key}",
        ACCOUNT,
        resource.key,
        Action.DELETE,
        Stage.REMOVE,
        live.properties,
        None,
        resource.origin,
        native_id=live.native_id,
        is_owned=True,
    )


def test_what_somebody_changed_by_hand_differs_in_exactly_that_path_and_is_put_back(variant):
    with Estate(variant(MANAGED)) as made:
        made.remembered()
        assert made.differences() == {}
        expected = by_hand(made)
        assert made.differences() == expected
        done = made.work(tracking)
        assert {change.subject for change, outcome in done if outcome.failure is None} == set(expected)
        assert made.differences() == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "https://elsewhere.example/"), ("enabled", False), ("friendly_name", "Tom's"), ("processed", True)],
)
def test_a_webhook_that_was_changed_is_still_known_as_ours(made, field, value):
    made.user.webhooks[0][field] = value
    assert made.differences() == {"event-webhook/newsletter": [field]}
    made.work(tracking)
    assert made.differences() == {}
    assert len(made.user.webhooks) == 1


def test_what_was_deleted_by_hand_is_made_again(made):
    made.user.domains.clear()
    made.user.links.clear()
    made.user.webhooks.clear()
    missing = made.differences()
    assert set(missing) == {
        *(
            f"{kind}/{name}"
            for kind in ("authenticated-domain", "link-branding")
            for name in (NEWS, "auth.northwind.example")
        ),
        "event-webhook/newsletter",
        "event-webhook-signature/newsletter",
    }
    assert {paths[0] for paths in missing.values()} == {"(missing)"}
    made.work(tracking)
    assert made.differences() == {}


def test_an_account_that_was_set_up_by_hand_is_adopted_without_a_change(variant):
    with Estate(variant(MANAGED), is_direct=True) as estate:
        found = estate.plan()
        assert (found.changes, found.held) == ([], [])
        done = estate.work(everything)
        assert {change.action for change, _ in done} == {Action.ADOPT}
        assert estate.changing() == []
        assert set(estate.owned) == {each.key for each in estate.resources()}
        assert estate.owned[f"authenticated-domain/{NEWS}"].native_id.isdecimal()
        assert estate.differences() == {}


def test_the_switches_of_a_subuser_that_sendspec_made_are_its_own(make):
    with make() as estate:
        assert [outcome for _, outcome in estate.work() if outcome.failure] == []
        assert estate.user.tracking == {"open": False}
        assert estate.differences() == {}


def test_the_switches_of_an_account_that_was_there_are_left_alone_until_they_are_adopted(make):
    with make(settings="{link_branding: true}") as estate:
        estate.work()
        assert [held.change.subject for held in estate.plan().held] == ["tracking/open"]
        assert estate.user.tracking == {}


def test_what_is_foreign_and_differs_is_held_and_changed_once_it_is_adopted(variant):
    with Estate(variant(MANAGED), is_direct=True) as estate:
        expected = by_hand(estate)
        found = estate.plan()
        # a signature that is off does not exist: there is nothing to adopt
        assert {held.change.subject: held.hold for held in found.held} == dict.fromkeys(
            set(expected) - {"event-webhook-signature/newsletter"}, Hold.FOREIGN
        )
        estate.work(everything)
        assert estate.differences() == {}


def test_nobody_reads_what_lies_in_a_subuser_that_is_not_there(make):
    with make() as estate:
        live = estate.read()
        assert (live.found, live.unread) == ({}, {})
        assert {call.path for call in estate.calls} == {"/v3/subusers"}
        assert all(call.host == "api.sendgrid.com" and "on-behalf-of" not in call.headers for call in estate.calls)


def test_inputs_go_into_the_call_and_nowhere_else(make):
    with make() as estate:
        estate.work(tracking)
        [call] = [call for call in estate.calls if (call.method, call.path) == ("POST", "/v3/subusers")]
        assert body_of(call) == {
            "username": "northwind-eu",
            "email": "mail@northwind.example",
            "password": "correct-horse-battery-staple",
            "ips": ["192.0.2.25"],
            "region": "eu",
            "include_region": True,
        }
        live = estate.read()
        assert live.found["subuser/northwind-eu"].properties["password"] == "${input:subuser_password}"


def test_without_an_input_the_subuser_waits_for_it(make):
    with make() as estate:
        change = estate.plan().changes[0]
        del estate.vault.inputs["subuser_ip"]
        assert estate.plan().held[0].hold is Hold.INPUT
        outcome = estate.apply(change)
        assert (outcome.failure, outcome.fix) == (Failure.NEEDS, "--input subuser_ip=REFERENCE")
        assert estate.changing() == []


def test_a_name_that_somebody_else_has_is_refused(make):
    with make((EU_SETTINGS, EU_SETTINGS.replace("northwind-eu", "taken"))) as estate:
        outcome = estate.apply(estate.plan().changes[0])
        assert outcome.failure is Failure.REFUSED
        assert "username exists" in outcome.said


def test_what_is_issued_is_exactly_what_the_answer_lists_without_the_proposed_dmarc(made):
    live = made.read()
    domain = next(each for each in made.user.domains if each["domain"] == NEWS)
    part = live.issued[NEWS]["domain"]
    assert part["id"] == domain["id"]
    names = {record["name"] for record in part["records"]}
    assert names == {record["host"] for key, record in domain["dns"].items() if key != "dmarc"}
    assert all(record["type"] == "CNAME" for record in part["records"])
    assert {record["value"] for record in live.issued[NEWS]["links"]["records"]} == {"sendgrid.net"}
    for entry in live.issued.values():
        Issued.model_validate({name: {**value, "read": "2026-11-26"} for name, value in entry.items()})


def test_manual_security_is_issued_as_mx_and_text(make):
    with make(settings=VARIANTS["manual security"]) as estate:
        done = estate.work(tracking)
        issued = next(outcome.issued for change, outcome in done if change.subject == f"authenticated-domain/{NEWS}")
        records = {(record["type"], record["name"]): record["value"] for record in issued[NEWS]["domain"]["records"]}
        assert records[("MX", f"bounce.{NEWS}")] == "mx.sendgrid.net"
        assert records[("TXT", f"bounce.{NEWS}")] == "v=spf1 include:sendgrid.net ~all"
        assert records[("TXT", f"m1._domainkey.{NEWS}")].startswith("k=rsa; t=s; p=")
        assert len(records) == 3


def test_records_that_would_let_somebody_else_sign_do_not_come_into_the_lock(made):
    domain = next(each for each in made.user.domains if each["domain"] == NEWS)
    domain["dns"]["dkim1"]["data"] = "s1.evil.example"
    live = made.read()
    assert "domain" not in live.issued.get(NEWS, {})
    assert f"authenticated-domain/{NEWS}" in live.found
    assert any("not taken into the lock file" in note and "evil.example" in note for note in live.notes)


def test_a_domain_is_verified_when_sendgrid_sees_its_records_and_says_what_it_misses(make):
    with make() as estate:
        estate.user.unseen = {NEWS}
        done = estate.work(tracking)
        checks = {change.subject: outcome for change, outcome in done if change.action is Action.VERIFY}
        assert len(checks) == 4
        assert all(outcome.failure is None for outcome in checks.values())
        [note] = checks[f"authenticated-domain/{NEWS}"].notes
        assert "does not see every record" in note
        assert f"s1._domainkey.{NEWS}" in note
        live = estate.read().found
        assert live[f"authenticated-domain/{NEWS}"].verification in {Verification.PENDING, Verification.FAILED}
        assert "dkim1" in live[f"authenticated-domain/{NEWS}"].verification_words
        assert live["authenticated-domain/auth.northwind.example"].verification is Verification.DONE
        estate.user.unseen = set()
        estate.work(tracking)
        assert estate.plan().changes == []


@pytest.mark.parametrize(
    ("settings", "kind", "path"),
    [
        ("{link_branding: true, security: manual}", "authenticated-domain", "automatic_security"),
        ("{link_branding: true, domain_label: bounce}", "authenticated-domain", "subdomain"),
        ("{link_branding: true, link_label: click}", "link-branding", "subdomain"),
    ],
)
def test_what_cannot_be_changed_is_replaced(make, variant, settings, kind, path):
    with make(settings="{link_branding: true}") as estate:
        estate.work(tracking)
        before = {each["id"] for each in estate.user.domains + estate.user.links}
        estate.with_setup(variant((EU_SETTINGS, settings), MANAGED))
        changes = [change for change in estate.plan().changes if change.subject.startswith(kind)]
        assert {(change.action, change.differences[0].path) for change in changes} == {(Action.REPLACE, path)}
        estate.work(tracking)
        assert estate.differences() == {}
        after = {each["id"] for each in estate.user.domains + estate.user.links}
        assert (len(after), len(after & before)) == (4, 2)


def test_one_that_was_removed_and_is_still_listed_is_not_taken_for_the_new_one(make, variant):
    with make(settings="{link_branding: true}") as estate:
        estate.work(tracking)
        estate.with_setup(variant((EU_SETTINGS, "{link_branding: true, security: manual}"), MANAGED))
        estate.user.lag = 2
        done = estate.work(tracking)
        assert [outcome for _, outcome in done if outcome.failure] == []
        assert {each["automatic_security"] for each in estate.user.domains} == {False}
        assert len(estate.user.domains) == 2


def test_a_subuser_is_never_replaced(made):
    made.user.profile["region"] = "global"
    [change] = [change for change in made.plan().changes if change.action is Action.REPLACE]
    outcome = made.apply(change)
    assert outcome.failure is Failure.REFUSED
    assert made.changing() == []


def test_a_webhooks_public_key_is_told_to_whoever_sets_up_the_receiver(make):
    with make() as estate:
        done = estate.work(tracking)
        [note] = next(o.notes for c, o in done if c.subject == "event-webhook-signature/newsletter")
        key = estate.user.webhooks[0]["public_key"]
        assert note.endswith(key)
        assert "https://hooks.northwind.example/mail/sendgrid" in note
        assert estate.read().found["event-webhook-signature/newsletter"].properties["public_key"] == key


def test_more_webhooks_than_the_plan_allows_are_foreseen_and_refused(make):
    with make() as estate:
        estate.user.max_webhooks = 0
        estate.work(tracking)
        assert any("allows 0 event webhooks" in note for note in estate.read().notes)
        change = next(c for c in estate.plan().changes if c.subject == "event-webhook/newsletter")
        outcome = estate.apply(change)
        assert outcome.failure is Failure.REFUSED
        assert "maximum number of webhooks" in outcome.said


def test_a_webhook_that_appeared_since_the_plan_is_brought_to_what_is_wanted(made):
    webhook = dict(made.user.webhooks[0])
    made.user.webhooks.clear()
    [change] = [c for c in made.plan().changes if c.subject == "event-webhook/newsletter"]
    made.user.webhooks.append(webhook | {"delivered": False})
    assert made.apply(change).failure is None
    assert [each["delivered"] for each in made.user.webhooks] == [True]


def test_a_webhook_of_another_name_is_not_taken_for_one_that_nothing_wants(made, variant):
    """The id of a webhook names its streams: one stream more, and the same address has another id."""
    more = (
        "    routes:\n      - {role: primary, via: smtp",
        (
            '    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [bounced]}\n'
            "    routes:\n      - {role: primary, via: smtp"
        ),
    )
    made.with_setup(variant(MANAGED, more))
    live = made.read()
    assert "event-webhook/newsletter+password-reset" in live.found
    assert "event-webhook/newsletter" not in live.found
    assert not [change for change in made.plan().changes if change.action is Action.DELETE]


@pytest.mark.parametrize("kind", sorted(KINDS - {"tracking"}))
def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_failure(made, kind):
    resource = next(each for each in made.resources() if each.kind == kind)
    change = deletion(made, resource, made.read().found[resource.key])
    assert made.apply(change).failure is None
    assert resource.key not in made.read().found
    assert made.apply(change).failure is None


def test_lists_are_read_to_their_end(made):
    for place in range(120):
        made.user.domains.insert(0, dict(made.user.domains[0]) | {"id": 9000 + place, "domain": f"c{place}.example"})
        made.user.links.insert(0, dict(made.user.links[0]) | {"id": 9000 + place, "domain": f"c{place}.example"})
    assert made.differences() == {}
    asked = [dict(call.query) for call in made.calls if call.path == "/v3/whitelabel/domains"]
    assert asked == [{"limit": "50"}, {"limit": "50", "offset": "50"}, {"limit": "50", "offset": "100"}]


def test_a_list_that_gives_the_same_page_again_is_not_read(made):
    for place in range(120):
        made.user.links.insert(0, dict(made.user.links[0]) | {"id": 9000 + place, "domain": f"c{place}.example"})
    first = made.user.links[:50]
    made.fault_on = lambda call: f"before:{json.dumps(first)}" if call.path == "/v3/whitelabel/links" else ""
    live = made.read()
    assert set(live.unread) == {"link-branding"}
    assert "does not come to an end" in live.unread["link-branding"].reason


def test_what_was_just_made_and_is_in_no_list_yet_is_asked_for_by_its_id(make):
    with make(settings="{link_branding: true}") as estate:
        estate.user.lag = 3
        done = estate.work(tracking)
        assert [outcome for _, outcome in done if outcome.failure] == []
        assert (len(estate.user.domains), len(estate.user.links), len(estate.user.webhooks)) == (2, 2, 1)
        assert estate.differences() == {}


def test_the_key_in_the_store_is_the_one_at_sendgrid(made):
    secret = made.vault.values[SEND]
    assert made.user.names[secret] == "sendgrid-eu.api_key"
    assert made.user.keys[secret] == {"mail.send"}


def test_every_difference_has_a_meaning(made):
    for resource in made.resources():
        kind = made.manager.kinds[resource.kind]
        told = {*kind.meanings, *kind.create_only, *kind.unreadable}
        assert set(resource.properties) <= told, resource.key
        assert kind.without or kind.removal is Removal.BY_HAND


def test_a_call_shows_its_body_in_no_repr():
    assert "hunter2" not in repr(Call("POST", "/v3/subusers", "subusers.create", {"password": "hunter2"}))
