"""Replies are read the same however they come in pieces, and nothing that comes is read without end."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.net.smtp.wire import (
    MOST_OCTETS,
    ConnectionEndedError,
    EndlessReplyError,
    MalformedReplyError,
    Reply,
    Wire,
)


class Transport(asyncio.Transport):
    """Keeps what is written and whether it is read from."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_read = True

    def write(self, data: bytes) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.is_read = False


async def wire_with(*pieces: bytes, ended: bool = True) -> Wire:
    wire = Wire()
    wire.connection_made(Transport())
    for piece in pieces:
        wire.data_received(piece)
    if ended:
        wire.connection_lost(None)
    return wire


def read(*pieces: bytes) -> Reply:
    async def run() -> Reply:
        return await (await wire_with(*pieces)).reply()

    return asyncio.run(run())


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[start:end] for start, end in pairwise(edges)]


TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)


@given(st.integers(200, 599), st.lists(TEXTS, min_size=1, max_size=5), st.lists(st.integers(0, 1000), max_size=8))
def test_a_reply_is_the_same_in_whatever_pieces_it_comes(code, lines, places):
    sent = "".join(f"{code}-{line}\r\n" for line in lines[:-1]) + f"{code} {lines[-1]}\r\n"
    assert read(*cut(sent.encode(), places)) == Reply(code, tuple(line.strip() for line in lines))


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_whatever_comes_is_a_reply_or_one_of_three_errors(pieces):
    try:
        reply = read(*pieces)
    except (ConnectionEndedError, EndlessReplyError, MalformedReplyError):
        return
    assert 200 <= reply.code <= 599


def test_replies_that_come_together_are_read_one_by_one():
    async def run() -> list[int]:
        wire = await wire_with(b"250 sender\r\n250 recipient\r\n25", b"0 reset\r\n")
        return [(await wire.reply()).lines[0] for _ in range(3)]

    assert asyncio.run(run()) == ["sender", "recipient", "reset"]


@pytest.mark.parametrize("line", [b"250\r\n", b"250 \r\n", b"250\n"])
def test_a_reply_may_be_a_code_alone(line):
    assert read(line) == Reply(250, ("",))


@pytest.mark.parametrize(
    "octets", [b"hello\r\n", b"99 no\r\n", b"2500 no\r\n", b"650 no\r\n", b"\r\n", "２５０ ok\r\n".encode()]
)
def test_what_is_no_reply_is_not_taken_for_one(octets):
    with pytest.raises(MalformedReplyError):
        read(octets)


def test_a_tls_record_is_named_without_waiting_for_a_line():
    with pytest.raises(MalformedReplyError, match="a TLS record"):
        read(b"\x15\x03\x01\x00\x02\x02\x28")


def test_octets_outside_utf_8_and_control_characters_do_no_harm():
    assert read(b"250 \xff\x00\x1b[2J\r\n").code == 250


@pytest.mark.parametrize("piece", [b"220-more\r\n", b"x" * 100, b"220-"])
def test_a_reply_without_end_is_given_up_and_not_read_any_further(piece):
    async def run() -> Transport:
        wire = await wire_with(*([piece] * (MOST_OCTETS // len(piece) + 2)), ended=False)
        with pytest.raises((EndlessReplyError, MalformedReplyError)):
            await wire.reply()
        assert len(wire._octets) <= MOST_OCTETS + 1
        return wire.transport

    assert not asyncio.run(run()).is_read


def test_what_came_unasked_is_not_taken_for_the_answer_to_the_next_command():
    async def run() -> Reply:
        wire = await wire_with(b"250 I was not asked\r\n", ended=False)
        wire.send("NOOP")
        wire.data_received(b"500 I was asked\r\n")
        return await wire.reply()

    assert asyncio.run(run()).code == 500


@pytest.mark.parametrize("command", ["MAIL FROM:<a@b>\r\nRCPT TO:<c@d>", "NOOP\n", "NOOP\0"])
def test_a_command_cannot_hold_another_one(command):
    async def run() -> None:
        (await wire_with()).send(command)

    with pytest.raises(ValueError, match="control character"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (b"a\nb", b"a\r\nb\r\n.\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b".a\r.b", b"..a\r\n..b\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_a_message_ends_only_where_it_ends(message, sent):
    async def run() -> bytes:
        wire = await wire_with()
        wire.send_message(message)
        return wire.transport.written

    assert asyncio.run(run()) == sent
