"""The sweep: bounds, reasons for silence, and the pace."""

import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.clock import ManualClock, SystemClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.fleet.pace import Pace
from cctv_gateway.fleet.reasons import Reason
from cctv_gateway.fleet.sweep import (
    Knock,
    Limits,
    allowed,
    hosts_of,
    knock,
    parse_networks,
    reason_of,
    sweep,
)

SOON = Limits(connect_timeout_s=0.2, concurrency=8)


@contextmanager
def listening(host: str, port: int = 0) -> Iterator[int]:
    with socket.socket() as server:
        server.bind((host, port))
        server.listen()
        yield server.getsockname()[1]


@contextmanager
def firewalled(host: str) -> Iterator[int]:
    """A port whose backlog is full: the kernel drops further SYNs, as a firewall would."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((host, 0))
        server.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]


async def test_open_closed_and_silent_ports_are_told_apart() -> None:
    with listening("127.0.0.1") as port:
        assert await knock("127.0.0.1", port, 1.0) is None
    assert await knock("127.0.0.1", port, 1.0) is Reason.REFUSED
    with firewalled("127.0.0.1") as port:
        assert await knock("127.0.0.1", port, 0.2) is Reason.FIREWALLED


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ECONNREFUSED, Reason.REFUSED),
        (errno.ECONNRESET, Reason.REFUSED),
        (errno.ETIMEDOUT, Reason.FIREWALLED),
        (errno.EACCES, Reason.FIREWALLED),
        (errno.EHOSTUNREACH, Reason.NO_ANSWER),
        (errno.ENETUNREACH, Reason.NO_ANSWER),
    ],
)
def test_the_systems_errors_have_reasons(number: int, reason: Reason) -> None:
    assert reason_of(OSError(number, "")) is reason


async def test_every_host_is_told_once() -> None:
    told: list[Knock] = []

    def hear(knocks: Sequence[Knock]) -> None:
        told.extend(knocks)

    with listening("127.88.0.2") as port:
        hosts = hosts_of(parse_networks(["127.88.0.0/29"]))
        await sweep(hosts, (port, 9), SOON, SystemClock(), hear)
    assert sorted(one.host for one in told) == [f"127.88.0.{n}" for n in range(1, 7)]
    assert [one for one in told if one.port] == [Knock("127.88.0.2", port, None)]
    assert {one.reason for one in told if not one.port} == {Reason.REFUSED}


async def test_a_refusal_tells_more_than_silence() -> None:
    told: list[Knock] = []
    with firewalled("127.88.0.9") as silent:
        await sweep(["127.88.0.9"], (silent,), SOON, SystemClock(), told.extend)
        await sweep(["127.88.0.9"], (silent, 9), SOON, SystemClock(), told.extend)
    assert [one.reason for one in told] == [Reason.FIREWALLED, Reason.REFUSED]


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["10.0.0.0/8"], "RANGE_TOO_LARGE"),
        (["10.0.0.0/20", "10.1.0.0/20", "10.2.0.0/20"], "RANGE_TOO_LARGE"),
        (["::/0"], "RANGE_TOO_LARGE"),
        (["10.0.0"], "RANGE_INVALID"),
        (["camera.example/24"], "RANGE_INVALID"),
        ([""], "RANGE_INVALID"),
    ],
)
def test_too_large_and_senseless_ranges_are_refused(texts: list[str], code: str) -> None:
    with pytest.raises(GatewayError) as raised:
        parse_networks(texts)
    assert raised.value.code == code


def test_five_districts_of_a_slash_22_are_not_too_large() -> None:
    networks = parse_networks([f"10.20.{4 * n}.0/22" for n in range(5)])
    assert len(hosts_of(networks)) == 5 * 1022


def test_only_the_networks_given_may_be_touched() -> None:
    networks = parse_networks(["10.20.0.7", "10.30.0.0/24"])
    hosts = ("10.20.0.7", "10.20.0.8", "10.30.0.200", "::1")
    assert [allowed(host, networks) for host in hosts] == [True, False, True, False]
    assert allowed("10.20.0.8", ())


@given(st.lists(st.text(max_size=20), max_size=3))
def test_no_text_trips_the_parser(texts: list[str]) -> None:
    try:
        networks = parse_networks(texts)
    except GatewayError:
        return
    assert len(hosts_of(networks)) <= 8192 + 2 * len(texts)


async def test_the_pace_is_kept() -> None:
    clock = ManualClock()
    pace, turns = Pace(clock, 10.0), 0

    async def work() -> None:
        nonlocal turns
        for _ in range(100):
            await pace.turn()
            turns += 1

    async with TaskOwner("test") as tasks:
        tasks.start(work(), "work")
        await clock.advance(2.0)
        assert 18 <= turns <= 22
