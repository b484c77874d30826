"""Login, logout, who am I, which role do I work in.

Passwords, sessions and throttling live in `web/logins.py`; cookies and JSON live here.
"""

from fastapi import Request, Response

from cctv_gateway.control.accounts import Login
from cctv_gateway.model import AccountId, RoleId
from cctv_gateway.web.errors import not_found
from cctv_gateway.web.guard import COOKIE, source_of
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.ports import Person, RoleCard
from cctv_gateway.web.rights import LOGIN, PUBLIC, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas import ActiveRole, LoginRequest, Me, RoleChoice, RoleItem
from cctv_gateway.web.services import LoggedIn, Services, Use

router = GuardedRouter(tags=["login"])


@router.post(
    "/api/login",
    operation_id="logIn",
    responses=problems(
        422, s401=("LOGIN_FAILED",), s403=("WRONG_ORIGIN",), s429=("TOO_MANY_TRIES",)
    ),
)
@needs(PUBLIC)
async def log_in(body: LoginRequest, request: Request, response: Response, use: Use) -> Me:
    """Open a login session; the answer sets its cookie. An old session of the browser ends."""
    old = await use.logins.find(request.cookies.get(COOKIE, ""))
    token, login = await use.logins.log_in(body.account, body.password, source_of(request))
    if old is not None:
        await use.logins.end(old, "replaced")
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(use.settings.login_lifetime_s),
        path="/",
        secure=use.settings.cookie_secure,
        httponly=True,
        samesite="strict",
    )
    return _me(use, login)


@router.post("/api/logout", status_code=204, operation_id="logOut", responses=problems(401, 403))
@needs(LOGIN)
async def log_out(use: Use, login: LoggedIn, response: Response) -> None:
    """End the login session, its views and its event streams."""
    await use.logins.end(login, "logout")
    response.delete_cookie(
        COOKIE, path="/", secure=use.settings.cookie_secure, httponly=True, samesite="strict"
    )


@router.get("/api/me", operation_id="me", responses=problems(401))
@needs(LOGIN)
async def me(use: Use, login: LoggedIn) -> Me:
    """Who is logged in, with the roles to choose from and the CSRF token."""
    return _me(use, login)


@router.post("/api/me/role", operation_id="chooseRole", responses=problems(401, 403, 422))
@needs(LOGIN)
async def choose_role(body: RoleChoice, request: Request, use: Use, login: LoggedIn) -> Me:
    """Work in another of one's roles; views and event streams of the old role end."""
    chosen = await use.logins.choose_role(login, RoleId(body.role), body.agency, source_of(request))
    return _me(use, chosen)


def _me(use: Services, login: Login) -> Me:
    person = use.registry.person(AccountId(login.account))
    if person is None:
        raise not_found()
    return Me(
        account=person.account,
        name=person.name,
        name_en=person.name_en,
        roles=[_role(card) for card in person.roles],
        active=_active(login, person),
        csrf=login.csrf.reveal(),
        now=use.clock.now(),
    )


def _active(login: Login, person: Person) -> ActiveRole | None:
    if login.role is None or login.agency is None:
        return None
    return ActiveRole(role=login.role, agency=login.agency)


def _role(card: RoleCard) -> RoleItem:
    return RoleItem(
        role=card.role,
        kind=card.kind,
        agency=card.agency,
        name=card.name,
        name_en=card.name_en,
        agency_name=card.agency_name,
        agency_name_en=card.agency_name_en,
        purposes=list(card.purposes),
    )
