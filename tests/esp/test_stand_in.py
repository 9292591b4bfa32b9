"""What every ESP's stand-in owes a rehearsal. ESPs are found by discovery."""

from datetime import UTC, datetime

import pytest
from esp_worlds import World, call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendspec.esp.interface import KeyPurpose, esp_ids, load_account, load_stand_in
from sendspec.model.account_state import Access, Standing
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.stand_in import TakenMail
from sendspec.pipeline import compile_folder

HEADERS = st.dictionaries(
    st.sampled_from(
        ["authorization", "x-postmark-server-token", "x-postmark-account-token", "content-type", "x-amz-date", "host"]
    ),
    st.text(max_size=80),
)
FAULTS = (401, 403, 422, 429, 500)


@pytest.fixture(scope="module")
def world(repository) -> World:
    return World(compile_folder(repository / "specs").setup)


@pytest.mark.parametrize("esp_id", esp_ids())
def test_it_is_named_after_its_folder_and_answers_for_hosts_in_order(world, esp_id):
    assert load_stand_in(esp_id).id == esp_id
    hosts = world.stand_ins[esp_id].hosts
    assert hosts
    assert list(hosts) == sorted(set(hosts))


@pytest.mark.parametrize("esp_id", esp_ids())
def test_a_value_is_the_same_every_time_and_another_one_for_every_credential(esp_id):
    def value(name: str) -> str:
        return load_stand_in(esp_id).value(Credential(f"a.{name}", "a", name, "env://X", "X", None, Origin()))

    names = ("api_key", "server_token", "smtp_username", "smtp_password", "access_key_id", "secret_access_key")
    assert [value(name) for name in names] == [value(name) for name in names]
    assert len({value(name) for name in names}) == len(names)


@pytest.mark.parametrize("esp_id", esp_ids())
@pytest.mark.parametrize("status", FAULTS)
def test_it_has_its_own_answer_for_every_fault(world, esp_id, status):
    answer = world.stand_ins[esp_id].fault(status)
    assert 400 <= answer.status < 600
    with pytest.raises(KeyError):
        world.stand_ins[esp_id].fault(299)


@pytest.mark.parametrize("esp_id", esp_ids())
def test_its_answers_are_what_the_account_reader_knows(world, esp_id):
    """The setup's own accounts are sound, and every fault is told apart from every other."""
    account = next(each for each in world.setup.accounts if each.kind == esp_id)
    for key in load_account(esp_id).keys(world.setup, account):
        state = world.ask_as(account.id, key)
        assert state.access is Access.GOOD, state
        assert state.standing in {Standing.UNKNOWN, Standing.SENDING}
        assert state.differences == ()
    faulty = World(world.setup)
    told = set()
    for status in (401, 403, 429, 500):
        faulty.faulty(esp_id, status)
        told.add(faulty.ask(account.id, load_account(esp_id).keys(world.setup, account)[0].purpose).access)
    assert told == {Access.REFUSED, Access.FORBIDDEN, Access.RATE_LIMITED, Access.BROKEN}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.parametrize("esp_id", esp_ids())
def test_no_call_and_no_mail_makes_it_raise(world, esp_id, data):
    stand_in = world.stand_ins[esp_id]
    paths = ["/server", "/email", "/email/batch", "/messages/outbound", "/messages/outbound/x/details", "/v3/mail/send"]
    paths += ["/v2/email/account", "/v2/email/outbound-emails", "/v3/scopes", "/%00", "//"]
    path = data.draw(st.sampled_from(paths) | st.text(max_size=30))
    headers = data.draw(HEADERS)
    token = data.draw(st.sampled_from(sorted(world.secrets.values.values())))
    headers |= {
        "x-postmark-server-token": token,
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
    }
    body = data.draw(
        st.binary(max_size=200) | st.sampled_from([b"{}", b"[]", b"[{}]", b'{"From":"@","To":","}', b"null"])
    )
    method = data.draw(st.sampled_from(["GET", "POST", "PUT", "X"]))
    answer = stand_in.answer(
        call(method, f"https://{stand_in.hosts[0]}{path if path.startswith('/') else '/'}", headers, body)
    )
    assert 200 <= answer.status < 600
    mail = TakenMail(data.draw(st.text()), (data.draw(st.text()),), data.draw(HEADERS))
    assert isinstance(stand_in.take_mail((token, token), mail), str)
    stand_in.take_events()


def test_every_key_of_the_example_can_ask(world):
    purposes = {
        (account.id, key.purpose)
        for account in world.setup.accounts
        for key in load_account(account.kind).keys(world.setup, account)
    }
    assert purposes == {
        ("postmark-main", KeyPurpose.SEND),
        ("postmark-main", KeyPurpose.MANAGE),
        ("sendgrid-eu", KeyPurpose.SEND),
        ("ses-eu", KeyPurpose.MANAGE),
    }


def test_time_is_an_argument(world):
    moment = datetime(2031, 5, 6, tzinfo=UTC)
    stand_in = load_stand_in("sendgrid").make(world.setup, world.secrets.values, lambda: moment)
    headers = dict(stand_in.fault(429).headers)
    assert int(headers["X-RateLimit-Reset"]) == int(moment.timestamp()) + 30
    assert headers["X-RateLimit-Remaining"] == "0"
