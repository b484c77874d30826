"""A login that ends or changes while something else is under way: nothing brings it back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.control.accounts import Login
from cctv_gateway.model import EndReason, RoleId
from cctv_gateway.web import logins
from tests.web.world import World, log_in

CRIME = b'{"camera": "cam-1", "purpose": "crime_prevention"}'
JSON = {"Content-Type": "application/json"}
PARKING = {"role": "parking_officer", "agency": "buk"}


class Held:
    """From now on the call `owner.name` waits to be let go before it does its work."""

    def __init__(self, owner: object, name: str) -> None:
        self._work = getattr(owner, name)
        self._let_go = asyncio.Event()
        self.reached = asyncio.Event()
        setattr(owner, name, self._call)

    async def _call(self, *args: object) -> object:
        self.reached.set()
        await self._let_go.wait()
        return await self._work(*args)

    def let_go(self) -> None:
        self._let_go.set()


async def test_a_request_during_a_logout_does_not_revive_the_login(world: World) -> None:
    async with world.as_user("kwan") as client:
        held = Held(world.views, "end_login")
        leaving = asyncio.ensure_future(client.post("/api/logout"))
        await held.reached.wait()
        # The views are still being cut, and the store still knows the login.
        assert (await client.get("/api/me")).status_code == 401
        held.let_go()
        assert (await leaving).status_code == 204
        assert (await client.get("/api/me")).status_code == 401


async def test_a_request_that_began_before_the_logout_does_not_revive_the_login(
    world: World,
) -> None:
    async with world.as_user("kwan") as client:
        token, (login,) = client.cookies["cctv_session"], world.logins.stored.values()
        await world.clock.advance(61)
        held = Held(world.logins, "touch")
        slow = asyncio.ensure_future(client.get("/api/me"))
        await held.reached.wait()
        await world.services.logins.end(login, "logout")
        world.logins.stored[login.login] = login  # whatever the store still says
        held.let_go()
        assert (await slow).status_code == 401
        client.cookies.set("cctv_session", token)
        assert (await client.get("/api/me")).status_code == 401


async def test_a_request_that_began_before_a_change_of_role_does_not_undo_it(world: World) -> None:
    async with world.as_user("dual", "control_operator@center") as client:
        await world.clock.advance(61)
        held = Held(world.logins, "touch")
        slow = asyncio.ensure_future(client.get("/api/me"))
        await held.reached.wait()
        (login,) = world.services.logins._cache.values()
        await world.services.logins.choose_role(
            login, RoleId(PARKING["role"]), PARKING["agency"], "192.0.2.9"
        )
        held.let_go()
        assert (await slow).json()["active"] == PARKING
        assert (await client.get("/api/me")).json()["active"] == PARKING


@pytest.mark.parametrize("ending", ["/api/logout", "/api/me/role"])
async def test_no_view_opens_for_a_login_that_ended_while_the_body_came(
    world: World, ending: str
) -> None:
    async with world.as_user("dual", "control_operator@center") as client:
        begun, sent = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield CRIME[:10]
            begun.set()
            await sent.wait()
            yield CRIME[10:]

        opening = asyncio.ensure_future(client.post("/api/views", content=slowly(), headers=JSON))
        await begun.wait()
        answer = await client.post(ending, json=PARKING if "role" in ending else None)
        assert answer.is_success
        sent.set()
        assert (await opening).json()["code"] == "LOGIN_REQUIRED"
        assert world.views.views() == ()


async def test_no_view_of_the_old_role_opens_while_the_role_changes(world: World) -> None:
    async with world.as_user("dual", "control_operator@center") as client:
        held = Held(world.logins, "choose_role")
        changing = asyncio.ensure_future(client.post("/api/me/role", json=PARKING))
        await held.reached.wait()
        late = await client.post("/api/views", content=CRIME, headers=JSON)
        held.let_go()
        assert (await changing).json()["active"] == PARKING
        # It was still the old role's right, so it opened; the change ended it.
        assert late.status_code == 201
        assert world.views.views() == ()


async def test_a_login_ended_in_the_store_ends_here_with_its_views(world: World) -> None:
    """As `user passwd` does from the command line."""
    async with world.as_user("kwan") as client, world.as_user("park") as other:
        assert (await client.post("/api/views", content=CRIME, headers=JSON)).status_code == 201
        (login,) = (one for one in world.logins.stored.values() if one.account == "kwan")
        await world.logins.end_account(login.account)
        await world.services.logins.sweep()
        assert world.views.ended_logins == [(login.login, EndReason.LOGGED_OUT)]
        assert (await client.get("/api/me")).status_code == 401
        assert (await other.get("/api/me")).status_code == 200


async def test_an_account_holds_a_few_logins_the_oldest_one_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "MAX_PER_ACCOUNT", 2)
    async with world.as_user("kwan") as first, world.as_user("park") as other:
        async with world.as_user("kwan") as second, world.browser() as third:
            await first.get("/api/me")
            await log_in(third, "kwan")
            alive = [(await one.get("/api/me")).status_code for one in (first, second, third)]
        assert alive == [200, 401, 200]
        assert (await other.get("/api/me")).status_code == 200
    assert len(world.logins.stored) == 3


async def test_a_store_that_fails_keeps_no_view_of_an_ended_login_running(world: World) -> None:
    async with world.as_user("kwan") as one, world.as_user("kwan") as two:
        for client in (one, two):
            assert (await client.post("/api/views", content=CRIME, headers=JSON)).status_code == 201
        await world.clock.advance(13 * 3600)

        async def fails(login: str) -> bool:
            raise GatewayError(ErrorKind.UNREACHABLE, "DATABASE_FAILED", "no disk")

        world.logins.end = fails  # type: ignore[method-assign]
        with pytest.raises(GatewayError):
            await world.services.logins.sweep()
        assert world.views.views() == ()


async def test_nothing_is_kept_for_ever_of_ended_logins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "MAX_CACHED", 3)
    async with world.as_user("kwan"):
        (login,) = world.logins.stored.values()
    for number in range(20):
        gone: Login = replace(login, login=f"l{number}", token_hash=f"h{number}")
        await world.services.logins.end(gone, "logout")
    assert len(world.services.logins._ended) == 3
