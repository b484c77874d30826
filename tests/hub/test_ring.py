"""The GOP ring starts at a keyframe, holds no more than its cap, and never has a hole."""

from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.hub.ring import GopRing
from cctv_gateway.model import AccessUnit


def unit(number: int, *, keyframe: bool = False, size: int = 100) -> AccessUnit:
    return AccessUnit((bytes(size),), rtp_90k=number * 6000, keyframe=keyframe, received_s=0.0)


def push(ring: GopRing, one: AccessUnit) -> None:
    ring.push(one, one.size)


def test_nothing_is_kept_before_the_first_keyframe() -> None:
    ring = GopRing()
    push(ring, unit(1))
    assert ring.units() == ()


def test_a_keyframe_begins_anew() -> None:
    ring = GopRing()
    for number in range(5):
        push(ring, unit(number, keyframe=number in {0, 3}))
    assert [held.rtp_90k for held in ring.units()] == [3 * 6000, 4 * 6000]


def test_a_gop_beyond_the_cap_is_forgotten_until_the_next_keyframe() -> None:
    ring = GopRing(cap_bytes=250)
    for number in range(4):
        push(ring, unit(number, keyframe=number == 0))
    assert ring.units() == ()
    assert ring.overflows == 1
    push(ring, unit(9, keyframe=True))
    assert len(ring.units()) == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=60))
def test_whatever_comes_the_ring_is_bounded_and_whole(pushes: list[tuple[bool, int]]) -> None:
    ring = GopRing(cap_bytes=1000)
    for number, (keyframe, size) in enumerate(pushes):
        push(ring, unit(number, keyframe=keyframe, size=size))
        held = ring.units()
        assert ring.size == sum(one.size for one in held) <= 1000
        if held:
            assert held[0].keyframe
            assert not any(one.keyframe for one in held[1:])
            steps = [one.rtp_90k // 6000 for one in held]
            assert steps == list(range(steps[0], number + 1))
