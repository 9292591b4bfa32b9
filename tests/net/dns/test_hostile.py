"""Name servers that lie, babble or keep silent: nothing wrong is believed, nothing hangs, nothing raises."""

import asyncio
import itertools
import random
import time

import dns.message
import pytest
from hostile_dns import asked_name, hostile_dns, respond, silence, slowly, stream

from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Expected, Status
from sendspec.net.dns.client import Client

NAME = "_dmarc.shop.example"
TRUTH = "v=DMARC1; p=reject"
LIE = "v=DMARC1; p=none"
HOPELESS = {"timeouts_seconds": (0.06, 0.08)}
"""For servers that will never answer: nothing is gained by patience."""


def ask(server, name=NAME, rtype="TXT", *, deadline=10.0, is_recursive=False, **settings):
    async def run():
        async with Client([server], deadline=Deadline(deadline), **settings) as client:
            return await client.ask(server, name, rtype, is_recursive=is_recursive)

    return asyncio.run(run())


def ask_all(server, values=(TRUTH,), count=3, *, deadline=10.0, **settings):
    """Ask for many names the fast way; give the answers that are not as expected."""

    async def run():
        questions = (
            Expected(server, f"_dmarc.shop{number}.example", "TXT", values, False, number) for number in range(count)
        )
        async with Client([server], deadline=Deadline(deadline), **settings) as client:
            found = [(expected.tag, answer) async for expected, answer in client.ask_all(questions)]
        assert sorted(tag for tag, _ in found) == list(range(count))
        return [answer for _, answer in found if answer is not None]

    return asyncio.run(run())


def txt(question, value, **more):
    return respond(question, f'{asked_name(question)} 300 IN TXT "{value}"', **more)


def with_other_id(message):
    return bytes((message[0] ^ 0x55,)) + message[1:]


def before_the_truth(*lies):
    """Give a server that says something else first."""

    def behave(question):
        yield from (lie(question) for lie in lies)
        yield txt(question, TRUTH)

    return behave


def for_another_name(question):
    other = dns.message.make_query("_dmarc.other.example", "TXT", id=int.from_bytes(question[:2], "big"))
    return txt(other.to_wire(), LIE)


def for_another_type(question):
    other = dns.message.make_query(asked_name(question), "A", id=int.from_bytes(question[:2], "big"))
    return respond(other.to_wire(), f"{asked_name(question)} 300 IN A 192.0.2.66")


STRAYS = {
    "another id": lambda question: with_other_id(txt(question, LIE)),
    "another name": for_another_name,
    "another type": for_another_type,
    "the question itself": lambda question: question,
    "garbage": lambda _question: b"HTTP/1.1 400 Bad Request",
    "garbage behind the id": lambda question: question[:2] + random.Random(7).randbytes(200),
    "nothing": lambda _question: b"",
    "one octet": lambda question: question[:1],
    "a header with no question": lambda question: question[:2] + b"\x84\0" + bytes(8),
}


@pytest.mark.parametrize("kind", STRAYS)
def test_what_answers_no_question_of_ours_is_ignored_and_the_truth_is_waited_for(kind):
    with hostile_dns(before_the_truth(STRAYS[kind])) as hostile:
        assert ask(hostile.server).values == (TRUTH,)
        assert ask_all(hostile.server) == []


@pytest.mark.parametrize("kind", STRAYS)
def test_a_server_that_never_answers_the_question_is_no_answer(kind):
    with hostile_dns(lambda question: [STRAYS[kind](question)]) as hostile:
        # A sound answer with another id may be a late one, to another question.
        status = Status.TIMEOUT if kind == "another id" else Status.MALFORMED
        assert ask(hostile.server, **HOPELESS).status is status
        assert {answer.status for answer in ask_all(hostile.server, **HOPELESS)} == {status}


def test_answers_from_another_port_are_not_believed():
    with hostile_dns(lambda question: [txt(question, LIE)], from_elsewhere=True) as hostile:
        assert ask(hostile.server, **HOPELESS).status is Status.TIMEOUT
        assert [answer.status for answer in ask_all(hostile.server, **HOPELESS)] == [Status.TIMEOUT] * 3
        assert hostile.count("udp") == 2 * 4  # each was asked twice


def test_records_of_other_names_and_classes_are_not_believed():
    def behave(question):
        name = asked_name(question)
        message = bytearray(respond(question, f'{name} 300 IN TXT "{LIE}"', f'www.{name} 300 IN TXT "{LIE}"'))
        at = message.index(b"\xc0\x0c\0\x10\0\1")
        message[at + 5] = 3  # class CHAOS
        yield bytes(message)

    with hostile_dns(behave) as hostile:
        answer = ask(hostile.server)
        assert (answer.status, answer.values) == (Status.NODATA, ())
        assert [answer.values for answer in ask_all(hostile.server, (LIE,))] == [()] * 3


@pytest.mark.parametrize("size", [2, 20])
def test_a_cname_loop_ends(size):
    def behave(question):
        names = [asked_name(question), *(f"n{number}.example." for number in range(1, size)), asked_name(question)]
        yield respond(question, *(f"{name} 300 IN CNAME {target}" for name, target in itertools.pairwise(names)))

    with hostile_dns(behave) as hostile:
        answer = ask(hostile.server)
        assert answer.status is Status.OTHER
        assert ("loop" if size == 2 else "more than 16") in answer.rcode


def test_a_compression_loop_is_malformed():
    def behave(question):
        at = len(question) - 11  # without OPT
        yield question[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + question[12:at] + bytes((0xC0, at)) + b"\0\x10\0\1" + bytes(6)

    with hostile_dns(behave) as hostile:
        assert ask(hostile.server).status is Status.MALFORMED
        assert {answer.status for answer in ask_all(hostile.server)} == {Status.MALFORMED}


def test_an_answer_cut_in_the_middle_is_malformed():
    with hostile_dns(lambda question: [txt(question, LIE)[:-20]]) as hostile:
        assert ask(hostile.server).status is Status.MALFORMED


def test_silence_ends_in_time_and_only_a_few_questions_are_wasted_on_it():
    with hostile_dns(silence) as hostile:
        started = time.monotonic()
        answers = ask_all(hostile.server, count=500, window=16, **HOPELESS)
        assert {answer.status for answer in answers} == {Status.TIMEOUT}
        assert len({question for _, question in hostile.asked}) < 50
        assert time.monotonic() - started < 5


def test_a_server_that_comes_back_after_silence_is_asked_again():
    is_awake = []

    def behave(question):
        return [txt(question, TRUTH)] if is_awake else []

    async def run(server):
        async with Client([server], deadline=Deadline(20), **HOPELESS) as client:
            await asyncio.gather(*(client.ask(server, f"n{number}.example", "TXT") for number in range(30)))
            before = hostile.count("udp")
            answers = await asyncio.gather(*(client.ask(server, f"s{number}.example", "TXT") for number in range(30)))
            assert {answer.status for answer in answers} == {Status.TIMEOUT}
            assert hostile.count("udp") - before == 2  # one was asked, twice
            is_awake.append(True)
            assert (await client.ask(server, "a.example", "TXT")).status is Status.ANSWER
            answers = await asyncio.gather(*(client.ask(server, f"m{number}.example", "TXT") for number in range(30)))
            assert {answer.status for answer in answers} == {Status.ANSWER}

    with hostile_dns(behave) as hostile:
        asyncio.run(run(hostile.server))


def test_a_slow_answer_counts_even_after_the_question_was_sent_again():
    with hostile_dns(lambda question: slowly([txt(question, TRUTH)], 0.2)) as hostile:
        assert ask(hostile.server, timeouts_seconds=(0.1, 0.1, 3.0)).values == (TRUTH,)


@pytest.mark.parametrize("drop", [2, 3])
def test_a_lost_datagram_is_sent_again(drop):
    seen = itertools.count(1)
    with hostile_dns(lambda question: [] if next(seen) % drop else [txt(question, TRUTH)]) as hostile:
        assert ask_all(hostile.server, count=40, timeouts_seconds=(0.1,) * 30) == []


def test_a_truncated_answer_without_tcp_is_unreachable():
    with hostile_dns(lambda question: [respond(question, flags="AA TC")]) as hostile:
        answer = ask(hostile.server)
        assert answer.status is Status.UNREACHABLE
        assert "over TCP" in answer.rcode
        assert {found.status for found in ask_all(hostile.server)} == {Status.UNREACHABLE}


def truncated(question):
    return [respond(question, flags="AA TC")]


def long_text(question):
    values = " ".join(f'"{"x" * 255}"' for _ in range(250))
    return [stream(respond(question, f"{asked_name(question)} 300 IN TXT {values}"))]


def test_a_text_of_64_kilobytes_is_read_over_tcp():
    with hostile_dns(truncated, long_text) as hostile:
        answer = ask(hostile.server)
        assert (answer.status, answer.over_tcp) == (Status.ANSWER, True)
        assert answer.values == ("x" * 255 * 250,)
        assert answer.octets > 63_000
        assert ask_all(hostile.server, ("x" * 255 * 250,)) == []


def endless(question):
    """Give a stream of answers to other questions, each sound, without end."""
    while True:
        yield stream(with_other_id(txt(question, LIE)))


TCP = {
    "never begins": (silence, Status.MALFORMED),  # the connection is closed
    "waits": (lambda _question: slowly([b"\0"], 1), Status.TIMEOUT),
    "comes octet by octet": (
        lambda question: slowly((bytes((o,)) for o in stream(txt(question, LIE))), 0.1),
        Status.TIMEOUT,
    ),
    "ends in the middle": (lambda question: [stream(txt(question, LIE))[:-9]], Status.MALFORMED),
    "is longer than it is": (lambda question: [b"\xff\xff" + txt(question, LIE)], Status.MALFORMED),
    "is for another question": (lambda question: [stream(for_another_name(question))], Status.MALFORMED),
    "has another id, without end": (endless, Status.MALFORMED),
    "is garbage": (lambda _question: [random.Random(1).randbytes(70_000)], Status.MALFORMED),
    "is truncated too": (lambda question: [stream(respond(question, flags="AA TC"))], Status.OTHER),
}


@pytest.mark.parametrize("kind", TCP)
def test_over_tcp_nothing_wrong_is_believed_either(kind):
    behave, status = TCP[kind]
    with hostile_dns(truncated, behave) as hostile:
        answer = ask(hostile.server, tcp_timeout_seconds=0.5)
        assert answer.status is status
        assert answer.values == ()


def test_a_flood_of_answers_to_nothing_ends_with_the_deadline():
    def flood(question):
        lie = with_other_id(txt(question, LIE))
        while True:
            yield lie

    with hostile_dns(flood) as hostile:
        started = time.monotonic()
        answer = ask(hostile.server, timeouts_seconds=(30.0,), deadline=0.5)
        assert answer.status is Status.STOPPED
        assert time.monotonic() - started < 5


def test_the_deadline_ends_everything_that_is_open():
    with hostile_dns(silence) as hostile:
        started = time.monotonic()
        answers = ask_all(hostile.server, count=5000, timeouts_seconds=(60.0,), deadline=0.4, window_a_server=100)
        assert {answer.status for answer in answers} == {Status.STOPPED}
        assert "0.4 s has passed" in answers[0].said
        assert time.monotonic() - started < 5


def test_the_deadline_ends_a_wait_for_tcp():
    with hostile_dns(truncated, lambda _question: slowly([b"\0"], 1)) as hostile:
        answers = ask_all(hostile.server, count=20, tcp_timeout_seconds=60.0, deadline=0.4, most_connections_a_server=2)
        assert {answer.status for answer in answers} == {Status.STOPPED}


@pytest.mark.parametrize("rcode", ["FORMERR", "NOTIMP"])
def test_a_server_that_knows_no_edns_is_asked_without(rcode):
    def behave(question):
        if dns.message.from_wire(question).edns >= 0:
            return [question[:2] + bytes((0x80, {"FORMERR": 1, "NOTIMP": 4}[rcode])) + bytes(8)]
        return [txt(question, TRUTH)]

    with hostile_dns(behave) as hostile:
        assert ask(hostile.server).values == (TRUTH,)
        hostile.asked.clear()
        assert ask_all(hostile.server, count=600, window=8) == []
        assert hostile.count("udp") < 700  # most were asked without EDNS at once


def test_a_server_that_refuses_even_without_edns_is_told_so():
    with hostile_dns(lambda question: [respond(question, rcode="FORMERR")]) as hostile:
        answer = ask(hostile.server)
        assert (answer.status, answer.said) == (Status.OTHER, "an error: FORMERR")
        assert hostile.count("udp") == 2


def test_an_answer_larger_than_asked_for_is_asked_again_over_tcp():
    def large(question):
        values = " ".join(f'"{"x" * 250}"' for _ in range(20))
        yield respond(question, f"{asked_name(question)} 300 IN TXT {values}")

    with hostile_dns(large, lambda question: map(stream, large(question))) as hostile:
        answer = ask(hostile.server)
        assert (answer.status, answer.over_tcp, len(answer.texts[0])) == (Status.ANSWER, True, 5000)


def test_an_answer_may_write_the_name_in_another_case():
    def behave(question):
        yield txt(question, TRUTH).replace(b"example", b"eXaMPLe").replace(b"shop", b"SHOP")

    with hostile_dns(behave) as hostile:
        assert ask(hostile.server).values == (TRUTH,)
        assert ask_all(hostile.server) == []


@pytest.mark.parametrize(
    "name", ["a..example", "x" * 64 + ".example", "a." * 140 + "example", "\ud800.example", "ü\0.example"]
)
def test_a_name_that_dns_cannot_carry_is_an_answer_not_an_exception(name):
    with hostile_dns(lambda question: [txt(question, TRUTH)]) as hostile:
        assert ask(hostile.server, name).status in {Status.OTHER, Status.ANSWER}


def test_a_type_that_does_not_exist_is_an_answer_not_an_exception():
    with hostile_dns(silence) as hostile:
        assert ask(hostile.server, rtype="NONSENSE").status is Status.OTHER
