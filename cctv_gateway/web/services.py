"""Everything the routes may use, in one frozen value that the composition root fills.

Behaviour is in the members; how real rooms become these members is in `adapters.py`.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.control.accounts import Login
from cctv_gateway.web.denials import DenialBook
from cctv_gateway.web.events import EventHub
from cctv_gateway.web.logins import LoginBook
from cctv_gateway.web.metrics import WebMetrics
from cctv_gateway.web.ports import (
    AuditTrail,
    Caller,
    ConfigDesk,
    Discovery,
    Posters,
    Ready,
    States,
    Views,
    WebSettings,
)
from cctv_gateway.web.registry import Registry


@dataclass(frozen=True, slots=True)
class Services:
    """`discovery` is None where no network may be searched."""

    clock: Clock
    meter: Meter
    settings: WebSettings
    registry: Registry
    views: Views
    posters: Posters
    states: States
    audit: AuditTrail
    config: ConfigDesk
    logins: LoginBook
    denials: DenialBook
    events: EventHub
    metrics: WebMetrics
    ready: Ready
    discovery: Discovery | None = None


def services_of(request: Request) -> Services:
    found = request.app.state.services
    assert isinstance(found, Services), "create_web puts them there"
    return found


def login_of(request: Request) -> Login:
    """The login that the guard proved; only for routes whose right asks for one."""
    found = request.state.login
    assert isinstance(found, Login), "the guard ran before"
    return found


def caller_of(request: Request) -> Caller:
    """The caller in the active role; only for routes whose right asks for a role."""
    found = request.state.caller
    assert isinstance(found, Caller), "the guard ran before"
    return found


Use = Annotated[Services, Depends(services_of)]
LoggedIn = Annotated[Login, Depends(login_of)]
InRole = Annotated[Caller, Depends(caller_of)]
