"""How much a name server is asked at a time."""

import pytest

from sendspec.net.address import Server, dial_straight
from sendspec.net.dns.peer import FIRST_WINDOW, SMALLEST_WINDOW, Peer


def peer(most=2000, pace=None):
    return Peer(Server("127.0.0.1"), dial_straight, most, pace)


def answer(server, count):
    """Answer so many questions of a server that is always busy."""
    for _ in range(count):
        server.outstanding = server.window
        server.answered()


def test_a_server_that_answers_gets_more_at_a_time_up_to_the_most():
    busy = peer(most=200)
    assert busy.window == FIRST_WINDOW
    answer(busy, 20)
    assert busy.window == FIRST_WINDOW + 20
    answer(busy, 100)
    assert busy.window == 200
    assert peer(most=5).window == 5


def test_a_server_that_is_not_busy_gets_no_larger_window():
    idle = peer()
    idle.outstanding = 1
    idle.answered()
    assert idle.window == FIRST_WINDOW


def test_a_window_halves_where_more_than_one_in_eight_gets_lost():
    server = peer()
    for _ in range(20):
        answer(server, 5)
        server.lost()
    assert server.window < FIRST_WINDOW
    for _ in range(50):
        server.lost()
    assert server.window == SMALLEST_WINDOW


@pytest.mark.parametrize("loss", [0.01, 0.05])
def test_the_loss_of_an_ordinary_network_costs_nothing(loss):
    server = peer()
    for _ in range(300):
        answer(server, round(1 / loss) - 1)
        server.lost()
    assert server.window == 2000


def test_loss_counts_only_while_it_lasts():
    server = peer()
    answer(server, 100_000)  # long ago
    for _ in range(400):
        answer(server, 1)
        server.lost()
    assert server.window < 1000


def test_a_pace_is_kept_over_time():
    server = peer(pace=100.0)
    sent = sum(server.may_send(1000.0 + step / 1000) for step in range(2000))
    assert 195 <= sent <= 210
    assert sum(server.may_send(5000.0) for _ in range(100)) <= 10
