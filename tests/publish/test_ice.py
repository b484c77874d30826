"""The ICE-lite agent: authentication, nomination, restart, consent, hostile bytes."""

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.publish.ice import (
    CONSENT_S,
    Check,
    IceAgent,
    Peer,
    Refusal,
    Reply,
    new_credentials,
    parse_check,
    unmapped,
)
from cctv_gateway.publish.offer import IceCredentials

OURS = IceCredentials("ours", "o" * 24)
THEIRS = IceCredentials("them", "t" * 24)
A: Peer = ("192.0.2.1", 1111)
B: Peer = ("192.0.2.2", 2222)


def request(
    *,
    user: str = "ours:them",
    password: str = OURS.password,
    use: bool = True,
    extra: dict[str, object] | None = None,
) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes |= {"USERNAME": user, "PRIORITY": 1, "ICE-CONTROLLING": 1}
    message.attributes |= extra or {}
    if use:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


def check(data: bytes) -> Check:
    parsed = parse_check(data)
    assert isinstance(parsed, Check)
    return parsed


def agent() -> IceAgent:
    return IceAgent(OURS, THEIRS, now_s=0.0)


def test_a_good_check_is_answered_with_the_mapped_address() -> None:
    data = request()
    reply = agent().answer(check(data), A, 1.0)
    assert isinstance(reply, Reply)
    assert reply.nominated
    message = stun.parse_message(reply.data)
    assert message.message_class is stun.Class.RESPONSE
    assert message.attributes["XOR-MAPPED-ADDRESS"] == A
    assert message.check_message_integrity(OURS.password.encode())
    assert len(reply.data) <= len(data)


def test_the_first_pair_serves_until_another_is_nominated() -> None:
    lite = agent()
    assert lite.answer(check(request(use=False)), A, 0.0) != Refusal.BAD_INTEGRITY
    assert lite.peer == A
    lite.answer(check(request(use=False)), B, 0.0)
    assert lite.peer == A
    lite.answer(check(request()), B, 0.0)
    assert lite.peer == B


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (request(user="ours:other"), Refusal.UNKNOWN_USER),
        (request(user="nobody:them"), Refusal.UNKNOWN_USER),
        (request(password="x" * 24), Refusal.BAD_INTEGRITY),
    ],
)
def test_strangers_get_no_answer(data: bytes, refusal: Refusal) -> None:
    lite = agent()
    assert lite.answer(check(data), A, 0.0) is refusal
    assert lite.peer is None


def test_a_controlled_peer_learns_of_the_conflict() -> None:
    reply = agent().answer(check(request(extra={"ICE-CONTROLLED": 5})), A, 0.0)
    assert isinstance(reply, Reply)
    assert stun.parse_message(reply.data).error_code == 487


def test_consent_ends_30_s_after_the_last_authenticated_check() -> None:
    lite = agent()
    lite.answer(check(request()), A, 10.0)
    lite.answer(check(request(password="x" * 24)), A, 39.0)
    assert not lite.consent_lost(10.0 + CONSENT_S)
    assert lite.consent_lost(10.1 + CONSENT_S)


def test_restart_keeps_the_old_pair_until_the_new_one_is_used() -> None:
    lite = agent()
    local = lite.restart(IceCredentials("newt", "n" * 24))
    assert lite.ufrags() == (local.ufrag, "ours")
    assert isinstance(lite.answer(check(request()), A, 0.0), Reply)
    fresh = request(user=f"{local.ufrag}:newt", password=local.password)
    assert isinstance(lite.answer(check(fresh), B, 0.0), Reply)
    assert lite.ufrags() == (local.ufrag,)
    assert lite.answer(check(request()), A, 0.0) is Refusal.UNKNOWN_USER


def bare(**changes: object) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = "ours:them"
    message.attributes |= changes
    return bytes(message)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", Refusal.MALFORMED),
        (bytes(2_000), Refusal.MALFORMED),
        (request()[:-1], Refusal.MALFORMED),
        (request()[:-4] + b"\0\0\0\0", Refusal.MALFORMED),
        (bare(), Refusal.NOT_A_CHECK),
        (request(user="no colon"), Refusal.NOT_A_CHECK),
    ],
)
def test_what_is_no_check_is_dropped(data: bytes, refusal: Refusal) -> None:
    assert parse_check(data) is refusal


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert isinstance(parse_check(data), Refusal)


@given(st.integers(0, 200), st.binary(min_size=1, max_size=8))
def test_broken_checks_are_refused_by_parsing_or_integrity(at: int, noise: bytes) -> None:
    good = request()
    at %= len(good) - 16  # the fingerprint's own header is authenticated by nothing
    broken = good[:at] + noise + good[at + len(noise) :]
    parsed = parse_check(broken)
    if isinstance(parsed, Check) and broken != good:
        assert isinstance(agent().answer(parsed, A, 0.0), Refusal)


def test_new_credentials_differ_and_keep_to_the_alphabet() -> None:
    made = {new_credentials() for _ in range(50)}
    assert len(made) == 50
    assert all(
        (one.ufrag + one.password).replace("+", "").replace("/", "").isalnum() for one in made
    )
    assert repr(OURS) == "IceCredentials(ufrag='ours')"


@pytest.mark.parametrize(
    ("host", "shown"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("192.0.2.1", "192.0.2.1")],
)
def test_addresses_are_told_as_the_peer_knows_them(host: str, shown: str) -> None:
    assert unmapped(host) == shown
