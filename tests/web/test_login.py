"""Login, logout, roles, expiry, throttling, and the record of each."""

import pytest

from cctv_gateway.base.redact import Redacted
from cctv_gateway.control.accounts import hash_token
from cctv_gateway.model import AccountId, EndReason
from tests.web.world import FAST_HASHER, ORIGIN, PASSWORD, World, configuration, document, log_in


async def test_a_login_sets_a_strict_cookie_and_tells_who_it_is(world: World) -> None:
    async with world.browser() as client:
        answer = await client.post("/api/login", json={"account": "kwan", "password": PASSWORD})
        assert answer.status_code == 200
        me = answer.json()
        assert me["account"] == "kwan"
        assert me["active"] == {"role": "control_operator", "agency": "center"}
        assert me["roles"][0]["purposes"] == ["crime_prevention"]
        assert me["roles"][0]["agency_name_en"] == "Control center"
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert (await client.get("/api/me")).json()["csrf"] == me["csrf"]
    assert world.audit.kinds() == ["login"]


async def test_only_a_hash_of_the_token_is_kept(world: World) -> None:
    async with world.as_user("kwan") as client:
        token = client.cookies["cctv_session"]
        (kept,) = world.logins.stored.values()
        assert len(token) >= 43
        assert kept.token_hash == hash_token(token)
        assert token not in repr(kept)
        assert kept.login not in token


@pytest.mark.parametrize(
    ("account", "password"), [("kwan", "wrong"), ("nobody", PASSWORD), ("", "x"), ("kwan", "")]
)
async def test_a_failed_login_never_says_what_was_wrong(
    world: World, account: str, password: str
) -> None:
    async with world.browser() as client:
        answer = await client.post("/api/login", json={"account": account, "password": password})
    if account and password:
        assert (answer.status_code, answer.json()["code"]) == (401, "LOGIN_FAILED")
        assert world.audit.kinds() == ["login.failed"]
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_disabled_account_looks_like_a_wrong_password(world: World) -> None:
    people = document()["accounts"]
    people["kwan"]["disabled"] = True
    world.run(configuration(accounts=people))
    async with world.browser() as client:
        answer = await client.post("/api/login", json={"account": "kwan", "password": PASSWORD})
    assert answer.json()["code"] == "LOGIN_FAILED"


@pytest.mark.parametrize("account", ["kwan", "nobody"])
async def test_failures_slow_down_known_and_unknown_names_alike(world: World, account: str) -> None:
    async with world.browser() as client:
        answers = []
        for _ in range(7):
            answers.append(
                await client.post("/api/login", json={"account": account, "password": "wrong"})
            )
        assert [one.status_code for one in answers] == [401] * 5 + [429] * 2
        refused = answers[-1]
        assert refused.json()["code"] == "TOO_MANY_TRIES"
        assert 0 < int(refused.headers["Retry-After"]) <= 31
        assert "retry_at" in refused.json()
        await world.clock.advance(31)
        again = await client.post("/api/login", json={"account": account, "password": "wrong"})
        assert again.status_code == 401
        longer = await client.post("/api/login", json={"account": account, "password": "wrong"})
        assert int(longer.headers["Retry-After"]) > 31


async def test_a_source_that_tries_many_names_is_slowed_down(world: World) -> None:
    async with world.browser() as client:
        statuses = []
        for number in range(23):
            tried = {"account": f"name{number}", "password": "wrong"}
            statuses.append((await client.post("/api/login", json=tried)).status_code)
        assert statuses[:21] == [401] * 21
        assert statuses[21:] == [429, 429]


async def test_success_clears_the_failures(world: World) -> None:
    async with world.browser() as client:
        for _ in range(4):
            await client.post("/api/login", json={"account": "kwan", "password": "wrong"})
        await log_in(client, "kwan")
        assert world.accounts.stored[AccountId("kwan")].failures == 0
        again = await client.post("/api/login", json={"account": "kwan", "password": "wrong"})
        assert again.status_code == 401


async def test_an_outdated_hash_is_made_anew(world: World) -> None:
    weak = type(FAST_HASHER)(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    await world.accounts.set_password(AccountId("kwan"), Redacted(weak), world.clock.now())
    async with world.as_user("kwan"):
        kept = world.accounts.stored[AccountId("kwan")].password_hash
        assert kept is not None
        assert kept.reveal() != weak
        assert FAST_HASHER.verify(kept.reveal(), PASSWORD)


async def test_logout_ends_the_login_and_its_views(world: World) -> None:
    async with world.as_user("kwan") as client:
        opened = {"camera": "cam-1", "purpose": "crime_prevention"}
        assert (await client.post("/api/views", json=opened)).status_code == 201
        token = client.cookies["cctv_session"]
        assert (await client.post("/api/logout")).status_code == 204
        assert world.views.views() == ()
        client.cookies.set("cctv_session", token)
        assert (await client.get("/api/me")).json()["code"] == "LOGIN_REQUIRED"
    assert world.audit.kinds() == ["login", "logout"]


async def test_a_new_login_in_the_same_browser_ends_the_old_one(world: World) -> None:
    async with world.as_user("kwan") as client:
        await log_in(client, "park")
        assert [one.account for one in world.logins.stored.values()] == ["park"]


async def test_a_person_with_two_jobs_works_in_one_at_a_time(world: World) -> None:
    async with world.as_user("dual") as client:
        assert (await client.get("/api/me")).json()["active"] is None
        assert (await client.get("/api/cameras")).json()["code"] == "CHOOSE_ROLE"
        role = {"role": "control_operator", "agency": "center"}
        assert (await client.post("/api/me/role", json=role)).json()["active"] == role
        opened = {"camera": "cam-1", "purpose": "crime_prevention"}
        assert (await client.post("/api/views", json=opened)).status_code == 201
        other = {"role": "parking_officer", "agency": "buk"}
        assert (await client.post("/api/me/role", json=other)).json()["active"] == other
        assert world.views.views() == ()
        assert world.views.ended_logins[-1][1] is EndReason.LOGGED_OUT
        wrong = {"role": "parking_officer", "agency": "nam"}
        assert (await client.post("/api/me/role", json=wrong)).json()["code"] == "ROLE"
    assert world.audit.kinds() == ["login", "role.chosen", "role.chosen"]


async def test_a_role_taken_away_in_the_file_is_gone_at_once(world: World) -> None:
    async with world.as_user("kwan") as client:
        people = document()["accounts"]
        people["kwan"]["roles"] = [{"role": "parking_officer", "agency": "buk"}]
        world.run(configuration(accounts=people))
        assert (await client.get("/api/cameras")).json()["code"] == "CHOOSE_ROLE"


async def test_an_account_disabled_in_the_file_is_out_at_once(world: World) -> None:
    async with world.as_user("kwan") as client:
        people = document()["accounts"]
        people["kwan"]["disabled"] = True
        world.run(configuration(accounts=people))
        assert (await client.get("/api/me")).status_code == 401
    assert world.audit.records[-1].event.code == "disabled"


@pytest.mark.parametrize(("wait_s", "alive"), [(29 * 60, True), (31 * 60, False)])
async def test_an_idle_login_ends(world: World, wait_s: float, alive: bool) -> None:
    async with world.as_user("kwan") as client:
        await world.clock.advance(wait_s)
        assert ((await client.get("/api/me")).status_code == 200) is alive


async def test_whoever_watches_is_not_idle_but_no_login_lasts_for_ever(world: World) -> None:
    async with world.as_user("kwan") as client:
        opened = {"camera": "cam-1", "purpose": "crime_prevention"}
        await client.post("/api/views", json=opened)
        await world.clock.advance(3 * 3600)
        await world.services.logins.sweep()
        assert len(world.views.views()) == 1
        await world.clock.advance(9 * 3600 + 1)
        await world.services.logins.sweep()
        assert world.views.views() == ()
        assert (await client.get("/api/me")).status_code == 401
    assert world.audit.records[-1].event.code == "expired"


async def test_activity_is_written_rarely(world: World) -> None:
    async with world.as_user("kwan") as client:
        (before,) = world.logins.stored.values()
        await client.get("/api/me")
        assert next(iter(world.logins.stored.values())).last_seen_at == before.last_seen_at
        await world.clock.advance(61)
        await client.get("/api/me")
        assert next(iter(world.logins.stored.values())).last_seen_at == world.clock.now()


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-CSRF-Token": "wrong"}, "CSRF"),
        ({"X-CSRF-Token": ""}, "CSRF"),
        ({"X-CSRF-Token": "\u00e9"}, "CSRF"),
        ({"Origin": "https://evil.example"}, "WRONG_ORIGIN"),
        ({"Origin": "null"}, "WRONG_ORIGIN"),
        ({"Sec-Fetch-Site": "cross-site"}, "WRONG_ORIGIN"),
        ({"Sec-Fetch-Site": "same-site"}, "WRONG_ORIGIN"),
    ],
)
async def test_a_change_from_elsewhere_is_refused(
    world: World, headers: dict[str, str], code: str
) -> None:
    async with world.as_user("kwan") as client:
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        answer = await client.post("/api/logout", headers=encoded)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
        assert (await client.get("/api/me")).status_code == 200


async def test_login_itself_is_guarded_against_other_sites(world: World) -> None:
    async with world.browser() as client:
        body = {"account": "kwan", "password": PASSWORD}
        answer = await client.post("/api/login", json=body, headers={"Origin": "https://evil.test"})
        assert answer.json()["code"] == "WRONG_ORIGIN"
        del client.headers["Origin"]
        assert (await client.post("/api/login", json=body)).status_code == 200
        assert ORIGIN not in client.headers
