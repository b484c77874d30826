"""The wait after failures grows, is bounded and forgotten; the table never outgrows its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.control.accounts import lock_out
from cctv_gateway.web.passwords import Passwords
from cctv_gateway.web.throttle import Throttle, account_pace, source_pace
from tests.web.world import FAST_HASHER


def test_waits_grow_and_stay_bounded() -> None:
    waits = [account_pace(count) for count in range(100)]
    assert waits[:5] == [0.0] * 5
    assert waits == sorted(waits)
    longest = lock_out(10_000)
    assert longest is not None
    assert max(waits) == longest.total_seconds()
    sources = [source_pace(count) for count in range(100)]
    assert sources[20:23] == [0.0, 1.0, 2.0]
    assert max(sources) == 60.0


def test_the_wait_runs_down_and_a_success_clears_it() -> None:
    throttle = Throttle(source_pace)
    for _ in range(23):
        throttle.count("here", 100.0)
    assert throttle.wait_s("here", 100.0) == 4.0
    assert throttle.wait_s("here", 103.0) == 1.0
    assert throttle.wait_s("there", 100.0) == 0.0
    throttle.take_back("here")
    assert throttle.wait_s("here", 100.0) == 2.0
    throttle.forgive("here")
    assert throttle.wait_s("here", 100.0) == 0.0


def test_an_hour_forgets() -> None:
    throttle = Throttle(source_pace)
    for _ in range(50):
        throttle.count("here", 0.0)
    throttle.count("here", 3601.0)
    assert throttle.wait_s("here", 3601.0) == 0.0


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("cft")), max_size=60))
def test_the_table_is_bounded_whatever_happens(steps: list[tuple[str, str]]) -> None:
    throttle = Throttle(source_pace, max_keys=3)
    for now, (key, step) in enumerate(steps):
        if step == "c":
            throttle.count(key, float(now))
        elif step == "f":
            throttle.forgive(key)
        else:
            throttle.take_back(key)
        assert len(throttle) <= 3
        assert throttle.wait_s(key, float(now)) >= 0.0


async def test_passwords_match_themselves_only() -> None:
    passwords = Passwords(FAST_HASHER)
    phc = await passwords.hash("correct horse battery")
    assert phc.startswith("$argon2id$")
    assert await passwords.matches(phc, "correct horse battery")
    assert not await passwords.matches(phc, "correct horse batterY")
    assert not await passwords.matches(None, "nobody has this password")
    assert not await passwords.matches("no hash at all", "x")


def test_the_default_is_argon2id_at_full_strength() -> None:
    parameters = Passwords()._hasher
    assert parameters.memory_cost >= 47_104
    assert parameters.type.name == "ID"


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
async def test_lengths_are_checked_when_a_password_is_set(password: str) -> None:
    with pytest.raises(GatewayError, match="PASSWORD_LENGTH"):
        await Passwords(FAST_HASHER).hash(password)
