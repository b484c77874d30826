"""A small city for web tests: two districts, six people, three cameras, secrets to look for."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.config.schema import Configuration
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.control.posters import PosterDesk
from cctv_gateway.control.rules import Rules, compile_rules
from cctv_gateway.model import AccountId, RevisionId
from cctv_gateway.web.app import create_web
from cctv_gateway.web.console_files import ConsoleFiles
from cctv_gateway.web.denials import DenialBook
from cctv_gateway.web.events import EventHub
from cctv_gateway.web.logins import LoginBook
from cctv_gateway.web.metrics import WebMetrics
from cctv_gateway.web.passwords import Passwords
from cctv_gateway.web.ports import WebSettings
from cctv_gateway.web.registry import Registry
from cctv_gateway.web.services import Services
from tests.web.fakes import (
    FakeAccounts,
    FakeAudit,
    FakeConfigDesk,
    FakeDiscovery,
    FakeLogins,
    FakeStates,
    FakeStills,
    FakeViews,
)

SITE = Path(__file__).parent / "site"
HOST = "gateway.test"
ORIGIN = f"http://{HOST}"
PASSWORD = "a fine long pass phrase"
# Every camera has this host and a port of its own.
CAMERA_ADDRESS = "198.51.100.77"
CAMERA_PATH = "/Streaming/Channels/101"
# As weak as Argon2 goes: tests check the wiring, not the cost.
FAST_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

GROUND = {
    "ground": "PIPA25-1-2",
    "notice": "2024-117",
    "notice_date": "2024-03-02",
    "sign_updated": "2024-03-20",
    "effective_from": "2024-04-01",
}
# account -> roles as role@agency
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "park": ("parking_officer@buk",),
    "kwan": ("control_operator@center",),
    "dual": ("parking_officer@buk", "control_operator@center"),
    "reg": ("camera_registrar@buk",),
    "bo": ("privacy_officer@city",),
    "gam": ("auditor@city",),
    "admin": ("system_admin@city",),
}


def _camera(number: int, site: str, purposes: tuple[str, ...]) -> dict[str, Any]:
    parking = "parking_enforcement" in purposes
    return {
        "id": f"cam-{number}",
        "number": number,
        "name": f"카메라 {number}",
        "name_en": f"Camera {number}",
        "site": site,
        "address": {"host": CAMERA_ADDRESS, "rtsp_port": 10_000 + number},
        "streams": {"main": CAMERA_PATH},
        "credentials": "default",
        "sharing_mode": "always",
        "purposes": dict.fromkeys(purposes, GROUND),
        "enforcement": {"schedule": "days"} if parking else None,
    }


def _rule(name: str, role: str, purpose: str, cameras: object, **more: object) -> dict[str, Any]:
    return {
        "id": name,
        "effect": "allow",
        "roles": [role],
        "purposes": [purpose],
        "actions": ["live.view", "snapshot"],
        "cameras": cameras,
        "variant": "raw",
        "obligations": ["wm", "au"],
        **more,
    }


def document(count: int = 3) -> dict[str, Any]:
    """The configuration as JSON; every third camera stands in the other district."""
    both = ("parking_enforcement", "crime_prevention")
    return {
        "version": 1,
        "city": {"name": "시험시", "name_en": "Testville"},
        "districts": {
            "buk": {"name": "북구", "name_en": "Buk-gu"},
            "nam": {"name": "남구", "name_en": "Nam-gu"},
        },
        "agencies": {
            "center": {"name": "통합관제센터", "name_en": "Control center"},
            "city": {"name": "시청", "name_en": "City hall"},
        },
        "sites": {
            "buk-1": {
                "district": "buk",
                "name": "북구청 앞",
                "location": {"lat": 35.17, "lon": 126.9},
            },
            "nam-1": {
                "district": "nam",
                "name": "남구청 앞",
                "location": {"lat": 35.13, "lon": 126.9},
            },
        },
        "cameras": [
            _camera(number, "nam-1" if number % 3 == 0 else "buk-1", both)
            for number in range(1, count + 1)
        ],
        "schedules": {
            "days": {"days": ["mon", "tue", "wed", "thu", "fri"], "windows": ["08:00-20:00"]}
        },
        "roles": {
            one.split("@")[0]: {"name": one.split("@")[0]}
            for held in PEOPLE.values()
            for one in held
        },
        "rules": [
            _rule(
                "parking",
                "parking_officer",
                "parking_enforcement",
                {"district": "own"},
                conditions=["own_district", "schedule"],
            ),
            _rule("crime", "control_operator", "crime_prevention", "all"),
        ],
        "agreements": [
            {
                "id": f"{district}-center",
                "owner": district,
                "recipient": "center",
                "purposes": ["crime_prevention"],
                "actions": ["live.view", "snapshot"],
                "from": "2024-04-01",
                "to": "2029-03-31",
                "cameras": "all",
            }
            for district in ("buk", "nam")
        ],
        "accounts": {
            account: {
                "name": f"이름 {account}",
                "roles": [
                    dict(zip(("role", "agency"), one.split("@"), strict=True)) for one in held
                ],
            }
            for account, held in PEOPLE.items()
        },
    }


def configuration(count: int = 3, **changes: object) -> Configuration:
    return Configuration.model_validate_json(json.dumps(document(count) | changes))


@dataclass
class World:
    """The web on fakes, with what a test may look at or change."""

    app: FastAPI
    services: Services
    clock: ManualClock
    rules: Rules
    accounts: FakeAccounts
    logins: FakeLogins
    audit: FakeAudit
    views: FakeViews
    states: FakeStates
    config: FakeConfigDesk
    discovery: FakeDiscovery
    stills: FakeStills

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client that behaves like the console: same origin, keeps cookies."""
        transport = httpx.ASGITransport(self.app, client=("192.0.2.9", 5000))
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}
        ) as client:
            yield client

    @asynccontextmanager
    async def as_user(
        self, account: str, role: str | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that is logged in, in `role@agency` if the account has several."""
        async with self.browser() as client:
            await log_in(client, account)
            if role is not None:
                name, agency = role.split("@")
                chosen = await client.post("/api/me/role", json={"role": name, "agency": agency})
                assert chosen.status_code == 200, chosen.text
            yield client

    def run(self, changed: Configuration, revision: str = "r2") -> None:
        """Let another revision run, as the composition root does."""
        rules = compile_rules(changed, RevisionId(revision))
        self.services.registry.replace(changed, rules)
        self.views.rules = rules
        self.services.events.rules_changed(revision)


async def log_in(client: httpx.AsyncClient, account: str, password: str = PASSWORD) -> None:
    answer = await client.post("/api/login", json={"account": account, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]


def make_world(
    clock: ManualClock,
    meter: Meter,
    *,
    cameras: int = 3,
    settings: WebSettings | None = None,
    console: ConsoleFiles | None = None,
) -> World:
    settings = settings or WebSettings(hosts=frozenset({HOST, "127.0.0.1"}))
    running = configuration(cameras)
    rules = compile_rules(running, RevisionId("r1"))
    registry = Registry(running, rules, clock)
    accounts, logins, audit = FakeAccounts(), FakeLogins(), FakeAudit(clock)
    views, states, stills = FakeViews(rules, clock), FakeStates(), FakeStills()
    events = EventHub(registry=registry, clock=clock, ping_s=settings.ping_s)
    config, discovery = FakeConfigDesk(), FakeDiscovery()
    book = LoginBook(
        logins=logins,
        accounts=accounts,
        passwords=Passwords(FAST_HASHER),
        registry=registry,
        views=views,
        audit=audit,
        clock=clock,
        settings=settings,
        on_end=events.end_login,
    )
    services = Services(
        clock=clock,
        meter=meter,
        settings=settings,
        registry=registry,
        views=views,
        posters=PosterDesk(
            clock=clock,
            audit=cast(AuditLog, audit),
            rules=lambda: views.rules,
            picture=lambda grant: stills.poster(grant),
        ),
        states=states,
        audit=audit,
        config=config,
        logins=book,
        denials=DenialBook(audit, clock),
        events=events,
        metrics=WebMetrics(counters=meter.totals),
        ready=lambda: {"database": True, "config": True, "relay": True},
        discovery=discovery,
    )
    app = create_web(services, console or ConsoleFiles(SITE))
    return World(
        app=app,
        services=services,
        clock=clock,
        rules=rules,
        accounts=accounts,
        logins=logins,
        audit=audit,
        views=views,
        states=states,
        config=config,
        discovery=discovery,
        stills=stills,
    )


async def give_passwords(world: World) -> None:
    phc = FAST_HASHER.hash(PASSWORD)
    for account in PEOPLE:
        await world.accounts.set_password(AccountId(account), Redacted(phc), world.clock.now())
