"""Proves, before a route runs, that its caller has the route's right; denies everything else.

Which right a route states is in `rights.py`, what a login is in `logins.py`.
"""

import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from cctv_gateway.base.errors import ErrorKind
from cctv_gateway.control.accounts import Login
from cctv_gateway.control.request import Holder
from cctv_gateway.web.errors import Refusal, login_required
from cctv_gateway.web.ports import Caller, WebSettings
from cctv_gateway.web.rights import Right, RightKind
from cctv_gateway.web.services import services_of

COOKIE = "cctv_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_TOKEN_CHARS = 128


async def enforce(right: Right, request: Request) -> None:
    """Raise the refusal that fits, or leave `request.state.login` and `.caller` behind."""
    settings = services_of(request).settings
    match right.kind:
        case RightKind.PUBLIC:
            _check_origin(request, settings)
        case RightKind.WHEP_SECRET:
            pass  # the secret is in the path; the route's own lookup is the check
        case RightKind.LOCAL:
            _check_local(request, settings)
        case RightKind.LOGIN | RightKind.ROLE:
            await _check_login(right, request, settings)


async def _check_login(right: Right, request: Request, settings: WebSettings) -> None:
    login = await _login(request)
    if request.method not in SAFE_METHODS:
        _check_origin(request, settings)
        sent = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(sent.encode(), login.csrf.reveal().encode()):
            raise Refusal(ErrorKind.DENIED, "CSRF")
    caller = _caller(request, login)
    request.state.login = login
    request.state.caller = caller
    if right.kind is RightKind.ROLE:
        await _check_role(right, caller, request)


async def _login(request: Request) -> Login:
    token = request.cookies.get(COOKIE, "")
    found = None
    if 0 < len(token) <= MAX_TOKEN_CHARS:
        found = await services_of(request).logins.find(token)
    if found is None:
        raise login_required()
    return found


def _caller(request: Request, login: Login) -> Caller | None:
    card = services_of(request).logins.role_card(login)
    if card is None:
        return None
    terminal = source_of(request) or None
    return Caller(Holder(login.login, login.account, card.role, card.agency, terminal), card.kind)


async def _check_role(right: Right, caller: Caller | None, request: Request) -> None:
    if caller is None:
        raise Refusal(ErrorKind.DENIED, "CHOOSE_ROLE")
    if not right.admits(caller.kind):
        template = request.scope["route"].path
        await services_of(request).denials.note(caller.holder, f"{request.method} {template}")
        raise Refusal(ErrorKind.DENIED, "ROLE")


def _check_origin(request: Request, settings: WebSettings) -> None:
    """A browser's change must come from our own pages; programs send neither header."""
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Refusal(ErrorKind.DENIED, "WRONG_ORIGIN")
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.origins:
        return
    if urlsplit(origin).netloc != request.headers.get("Host", ""):
        raise Refusal(ErrorKind.DENIED, "WRONG_ORIGIN")


def _check_local(request: Request, settings: WebSettings) -> None:
    token = settings.metrics_token
    sent = request.headers.get("Authorization", "")
    if token and secrets.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return
    # A proxy on this machine makes every caller look local, so what it forwards is not trusted.
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers.keys())
    if forwarded or not _is_loopback(source_of(request)):
        raise Refusal(ErrorKind.NOT_FOUND, "NOT_FOUND")


def source_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
