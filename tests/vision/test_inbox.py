"""The bounded way into a variant: order, replay, skipping to keyframes, interruptions."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.model import AccessUnit
from cctv_gateway.vision.inbox import MAX_BYTES, MAX_UNITS, Entry, Inbox
from cctv_gateway.vision.wire import MAX_UNIT_BYTES


class Counts:
    def __init__(self) -> None:
        self.late = 0
        self.cuts = 0
        self.inbox = Inbox(self.count_late, self.count_cut)

    def count_late(self, units: int) -> None:
        self.late += units

    def count_cut(self) -> None:
        self.cuts += 1


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def inbox(counts: Counts) -> Inbox:
    return counts.inbox


def unit(at: int, keyframe: bool = False, size: int = 10) -> AccessUnit:
    return AccessUnit((bytes(size),), at, keyframe, 0.0)


async def drain(inbox: Inbox) -> list[Entry]:
    taken: list[Entry] = []
    while True:
        task = asyncio.ensure_future(inbox.take())
        for _ in range(3):
            await asyncio.sleep(0)
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return taken
        taken.append(task.result())


async def taken_at(inbox: Inbox) -> list[int]:
    return [entry.unit.rtp_90k for entry in await drain(inbox)]


async def test_nothing_is_kept_before_it_begins(inbox: Inbox) -> None:
    inbox.deliver(unit(1, keyframe=True))
    assert await drain(inbox) == []


async def test_of_a_replay_only_the_newest_is_shown(inbox: Inbox) -> None:
    replay = [unit(1, keyframe=True), unit(2), unit(3)]
    inbox.begin(replay, None)
    inbox.deliver(unit(4))
    assert await drain(inbox) == [
        Entry(replay[0], silent=True, fresh=True),
        Entry(replay[1], silent=True),
        Entry(replay[2]),
        Entry(unit(4)),
    ]


async def test_a_picture_that_was_shown_is_not_shown_again(inbox: Inbox) -> None:
    inbox.begin([unit(1, keyframe=True), unit(2)], 2)
    inbox.deliver(unit(3))
    assert [entry.silent for entry in await drain(inbox)] == [True, True, False]


async def test_it_waits_for_a_keyframe(inbox: Inbox, counts: Counts) -> None:
    inbox.begin([], None)
    for delivered in (unit(1), unit(2, keyframe=True), unit(3)):
        inbox.deliver(delivered)
    assert [(e.unit.rtp_90k, e.fresh) for e in await drain(inbox)] == [(2, True), (3, False)]
    assert counts.late == 0


async def test_take_wakes_for_a_unit(inbox: Inbox) -> None:
    inbox.begin([], None)
    waiting = asyncio.ensure_future(inbox.take())
    await asyncio.sleep(0)
    inbox.deliver(unit(1, keyframe=True))
    assert (await waiting).unit == unit(1, keyframe=True)


async def test_who_is_late_skips_to_the_newest_keyframe_at_hand(
    inbox: Inbox, counts: Counts
) -> None:
    inbox.begin([], None)
    for at in range(MAX_UNITS + 1):
        inbox.deliver(unit(at, keyframe=at in (0, 12)))
    assert await taken_at(inbox) == list(range(12, MAX_UNITS + 1))
    assert counts.late == 12


async def test_or_waits_for_the_next_one(inbox: Inbox, counts: Counts) -> None:
    inbox.begin([], None)
    for at in range(MAX_UNITS + 5):
        inbox.deliver(unit(at, keyframe=at == 0))
    inbox.deliver(unit(90, keyframe=True))
    inbox.deliver(unit(91))
    assert await taken_at(inbox) == [90, 91]
    assert counts.late == MAX_UNITS + 5


async def test_bytes_are_bounded_too(inbox: Inbox, counts: Counts) -> None:
    inbox.begin([], None)
    for at in range(3):
        inbox.deliver(unit(at, keyframe=at == 0, size=MAX_BYTES // 2))
    assert await drain(inbox) == []
    assert counts.late == 3


async def test_an_absurd_unit_costs_its_group_only(inbox: Inbox, counts: Counts) -> None:
    inbox.begin([], None)
    inbox.deliver(unit(1, keyframe=True))
    inbox.deliver(unit(2, size=MAX_UNIT_BYTES + 1))
    for delivered in (unit(3), unit(4, keyframe=True)):
        inbox.deliver(delivered)
    assert await taken_at(inbox) == [1, 4]
    assert counts.late == 2


async def test_an_absurd_replay_is_none(inbox: Inbox) -> None:
    inbox.begin([unit(1, keyframe=True), unit(2, size=MAX_UNIT_BYTES + 1)], None)
    inbox.deliver(unit(3))
    inbox.deliver(unit(4, keyframe=True))
    assert await taken_at(inbox) == [4]


async def test_an_interruption_forgets_and_begins_anew(inbox: Inbox, counts: Counts) -> None:
    inbox.begin([unit(1, keyframe=True)], None)
    epoch = inbox.epoch
    inbox.interrupted()
    assert counts.cuts == 1
    assert inbox.epoch != epoch
    for delivered in (unit(2), unit(3, keyframe=True)):
        inbox.deliver(delivered)
    assert await drain(inbox) == [Entry(unit(3, keyframe=True), fresh=True)]


async def test_after_the_end_nothing_is_kept(inbox: Inbox) -> None:
    inbox.begin([unit(1, keyframe=True)], None)
    inbox.end()
    inbox.deliver(unit(2, keyframe=True))
    assert await drain(inbox) == []


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 500_000)), max_size=150))
def test_it_stays_bounded_and_whole(pushed: list[tuple[bool, int]]) -> None:
    """Whatever comes, what is taken starts at a keyframe and has no hole inside a group."""

    async def play() -> None:
        inbox = Counts().inbox
        inbox.begin([], None)
        for at, (keyframe, size) in enumerate(pushed):
            inbox.deliver(unit(at, keyframe, size))
        taken = [entry.unit for entry in await drain(inbox)]
        assert len(taken) <= MAX_UNITS
        assert sum(one.size for one in taken) <= MAX_BYTES
        before: AccessUnit | None = None
        for one in taken:
            assert one.keyframe or (before is not None and before.rtp_90k == one.rtp_90k - 1)
            before = one

    asyncio.run(play())
