"""Events: who hears what, what may be merged or dropped, and what never is."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.config.schema import RoleKind
from cctv_gateway.control.request import Holder
from cctv_gateway.control.views import ViewCut
from cctv_gateway.model import (
    AccountId,
    CameraId,
    CameraState,
    DenyCode,
    RevisionId,
    RoleId,
    ViewId,
)
from cctv_gateway.web.events import STREAMS_PER_LOGIN
from cctv_gateway.web.mailbox import Mailbox, Note
from cctv_gateway.web.ports import Caller, ConfigStatus, ScanCard, StateOfCamera
from cctv_gateway.web.routes.events import wire
from tests.web.fakes import START
from tests.web.world import World, configuration, document


def caller(account: str, role: RoleKind, agency: str) -> Caller:
    holder = Holder(f"login-{account}", AccountId(account), RoleId(role), agency)
    return Caller(holder, role)


PARK = caller("park", RoleKind.PARKING_OFFICER, "buk")
KWAN = caller("kwan", RoleKind.CONTROL_OPERATOR, "center")
REG = caller("reg", RoleKind.CAMERA_REGISTRAR, "buk")
ADMIN = caller("admin", RoleKind.SYSTEM_ADMIN, "city")
EVERYBODY = (PARK, KWAN, REG, ADMIN)


def names(mailbox: Mailbox) -> list[str]:
    return [note.name for note in mailbox.waiting()]


def test_a_newer_state_of_a_camera_replaces_the_older() -> None:
    mailbox = Mailbox()
    for data in ("1", "2", "3"):
        mailbox.put(Note("camera.state", data, key="cam-1"))
    mailbox.put(Note("camera.state", "4", key="cam-2"))
    assert [note.data for note in mailbox.waiting()] == ["3", "4"]
    assert mailbox.dropped == 0


def test_a_slow_browser_loses_the_oldest_news_but_no_cut() -> None:
    mailbox = Mailbox(max_notes=3)
    mailbox.put(Note("view.cut", "cut", vital=True))
    for number in range(10):
        mailbox.put(Note("camera.state", str(number), key=str(number)))
    assert [note.data for note in mailbox.waiting()] == ["cut", "7", "8", "9"]
    assert mailbox.dropped == 7


def test_a_browser_that_reads_no_cuts_is_given_up() -> None:
    mailbox = Mailbox(max_vital=2)
    for _ in range(5):
        mailbox.put(Note("view.cut", "{}", vital=True))
    assert mailbox.closed
    assert len(mailbox) == 3


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c", "d", None]), st.booleans(), st.integers(0, 99))
    )
)
def test_a_mailbox_stays_bounded_and_keeps_every_cut(
    puts: list[tuple[str | None, bool, int]],
) -> None:
    mailbox = Mailbox(max_notes=3, max_vital=1000)
    for key, vital, number in puts:
        mailbox.put(Note("n", str(number), key, vital))
        assert len(mailbox) <= 3 + sum(vital for _, vital, _ in puts)
    kept = [note.data for note in mailbox.waiting() if note.vital]
    assert kept == [str(number) for _, vital, number in puts if vital]


@pytest.mark.parametrize(
    "change",
    [{"roles": [{"role": "parking_officer", "agency": "buk"}]}, {"disabled": True}, None],
)
async def test_a_stream_ends_when_its_role_is_taken_away(
    world: World, change: dict[str, object] | None
) -> None:
    """What it was let in for no longer holds, and it must not hear the role's news on."""
    people = document()["accounts"]
    if change is None:
        del people["kwan"]
    else:
        people["kwan"] |= change
    live = StateOfCamera(CameraState.LIVE, START)
    events = world.services.events
    with events.listen("login-kwan", KWAN) as lost, events.listen("login-park", PARK) as kept:
        world.run(configuration(accounts=people))
        events.camera_changed(CameraId("cam-1"), live)
        assert lost.closed
        assert "camera.state" not in names(lost)
        assert names(kept) == ["rules.changed", "camera.state"]


async def test_taking_waits_for_news_and_ends_when_closed() -> None:
    mailbox = Mailbox()
    taken: list[str] = []

    async def read() -> None:
        while notes := await mailbox.take():
            taken.extend(note.data for note in notes)

    async with TaskOwner("test") as tasks:
        task = tasks.start(read(), "read")
        await asyncio.sleep(0)
        mailbox.put(Note("a", "1"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        mailbox.put(Note("a", "2"))
        mailbox.close()
        mailbox.put(Note("a", "3"))
        await task
    assert taken == ["1", "2"]


def test_wire_format() -> None:
    assert wire(Note("ping", '{"a":1}')) == b'event: ping\ndata: {"a":1}\n\n'


@pytest.mark.parametrize(
    ("camera", "hearing"),
    [("cam-1", [PARK, KWAN]), ("cam-3", [KWAN]), ("cam-99", [])],
)
def test_only_those_who_may_see_a_camera_hear_of_it(
    world: World, camera: str, hearing: list[Caller]
) -> None:
    events = world.services.events
    boxes = {one.holder.login: events.listen(one.holder.login, one) for one in EVERYBODY}
    opened = {login: box.__enter__() for login, box in boxes.items()}
    events.camera_changed(CameraId(camera), StateOfCamera(CameraState.LIVE, START))
    heard = [login for login, box in opened.items() if names(box) == ["camera.state"]]
    assert heard == [one.holder.login for one in hearing]
    for box in boxes.values():
        box.__exit__(None, None, None)
    assert len(events) == 0


def test_a_cut_is_told_to_its_own_login_with_words(world: World) -> None:
    events = world.services.events
    with events.listen("login-park", PARK) as mine, events.listen("login-kwan", KWAN) as other:
        events.view_cut(
            ViewCut(
                ViewId("v1"),
                "login-park",
                AccountId("park"),
                CameraId("cam-1"),
                DenyCode.OUT_OF_WINDOW,
                START,
            )
        )
        assert names(other) == []
        (note,) = mine.waiting()
        body = json.loads(note.data)
        assert note.vital
        assert (body["view_id"], body["code"]) == ("v1", "OUT_OF_WINDOW")
        assert body["message"] != body["message_ko"]


def test_config_and_discovery_reach_their_roles_only(world: World) -> None:
    events = world.services.events
    with (
        events.listen("login-kwan", KWAN) as operator,
        events.listen("login-reg", REG) as registrar,
        events.listen("login-admin", ADMIN) as admin,
        events.listen("login-new", None) as nobody_yet,
    ):
        events.config_status(ConfigStatus(RevisionId("r2"), START, 3, refused=True))
        events.discovery_changed(ScanCard("s1", "done", START, 1.0, found=4))
        events.rules_changed("r2")
        assert names(operator) == ["rules.changed"]
        assert names(registrar) == ["discovery.changed", "rules.changed"]
        assert names(admin) == ["config.status", "rules.changed"]
        assert names(nobody_yet) == ["rules.changed"]
        assert json.loads(admin.waiting()[0].data)["state"] == "refused"
        assert json.loads(registrar.waiting()[0].data)["found"] == 4


def test_another_revision_changes_who_hears(world: World) -> None:
    events = world.services.events
    with events.listen("login-park", PARK) as mailbox:
        changed = document()
        changed["cameras"][0]["site"] = "nam-1"
        world.run(configuration(cameras=changed["cameras"]))
        events.camera_changed(CameraId("cam-1"), StateOfCamera(CameraState.LIVE, START))
        assert names(mailbox) == ["rules.changed"]


def test_streams_per_login_are_bounded(world: World) -> None:
    events = world.services.events
    boxes = [events.listen("login-kwan", KWAN) for _ in range(STREAMS_PER_LOGIN)]
    for box in boxes:
        box.__enter__()
    with pytest.raises(GatewayError, match="TOO_MANY_STREAMS"):
        events.listen("login-kwan", KWAN).__enter__()
    boxes.pop().__exit__(None, None, None)
    with events.listen("login-kwan", KWAN):
        pass
    for box in boxes:
        box.__exit__(None, None, None)


async def test_pings_come_every_fifteen_seconds(world: World) -> None:
    events = world.services.events
    async with TaskOwner("test") as tasks:
        tasks.start(events.run(), "run")
        with events.listen("login-kwan", KWAN) as mailbox:
            await world.clock.advance(14)
            assert names(mailbox) == []
            await world.clock.advance(1)
            assert names(mailbox) == ["ping"]
            await world.clock.advance(60)
            assert names(mailbox) == ["ping"]


def test_logout_and_shutdown_end_streams(world: World) -> None:
    events = world.services.events
    with events.listen("login-kwan", KWAN) as gone, events.listen("login-park", PARK) as stays:
        events.end_login("login-kwan")
        assert (gone.closed, stays.closed) == (True, False)
        events.close()
        assert stays.closed
        with pytest.raises(GatewayError, match="TOO_MANY_STREAMS"):
            events.listen("login-reg", REG).__enter__()
