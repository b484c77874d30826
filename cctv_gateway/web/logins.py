"""Owner of login sessions: opens them for a right password, finds them by cookie, ends them.

HTTP belongs in `guard.py` and `routes/login.py`; where logins are kept belongs to `store`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind
from cctv_gateway.base.redact import Redacted
from cctv_gateway.control.accounts import (
    Accounts,
    Login,
    Logins,
    StoredAccount,
    hash_token,
    new_login,
)
from cctv_gateway.control.audit import AuditEvent, AuditKind
from cctv_gateway.model import AccountId, EndReason, RoleId
from cctv_gateway.web.errors import Refusal, login_required
from cctv_gateway.web.passwords import Passwords
from cctv_gateway.web.ports import AuditTrail, Person, RoleCard, Views, WebSettings
from cctv_gateway.web.registry import Registry
from cctv_gateway.web.throttle import Throttle, account_pace, source_pace

# `last_seen_at` is written this often at most; the idle limit is far longer.
SEEN_EVERY = timedelta(minutes=1)
MAX_CACHED = 4096
# Programs and a few desks; beyond this the account's login that was used longest ago ends.
MAX_PER_ACCOUNT = 64


class LoginBook:
    """All login sessions. The store is the truth; a bounded cache saves a query per request."""

    def __init__(
        self,
        *,
        logins: Logins,
        accounts: Accounts,
        passwords: Passwords,
        registry: Registry,
        views: Views,
        audit: AuditTrail,
        clock: Clock,
        settings: WebSettings,
        on_end: Callable[[str], None] = lambda login: None,
    ) -> None:
        """`on_end` hears the id of each login that ended or changed its role."""
        self._logins = logins
        self._accounts = accounts
        self._passwords = passwords
        self._registry = registry
        self._views = views
        self._audit = audit
        self._clock = clock
        self._on_end = on_end
        self._idle = timedelta(seconds=settings.login_idle_s)
        self._lifetime = timedelta(seconds=settings.login_lifetime_s)
        self._account_tries = Throttle(account_pace)
        self._source_tries = Throttle(source_pace)
        self._cache: OrderedDict[str, Login] = OrderedDict()
        # The store forgets an ended login a little later; until then it must not be found there.
        self._ended: OrderedDict[str, None] = OrderedDict()

    async def log_in(self, account: str, password: str, source: str) -> tuple[str, Login]:
        """A fresh token and its login. Raises LOGIN_FAILED or TOO_MANY_TRIES."""
        stored = await self._accounts.get(AccountId(account))
        self._hold_back(account, source, stored)
        person = self._registry.person(AccountId(account))
        phc = self._usable_hash(person, stored)
        fits = await self._passwords.matches(phc, password)
        if not fits or person is None or phc is None:
            await self._failed(account, source)
            raise Refusal(ErrorKind.UNAUTHORIZED, "LOGIN_FAILED")
        await self._succeeded(person.account, phc, password, source)
        return await self._open(person, source)

    def _hold_back(self, account: str, source: str, stored: StoredAccount | None) -> None:
        """Count the try before it is checked; refuse it when too many failed before."""
        now_s = self._clock.monotonic()
        wait_s = max(
            self._account_tries.wait_s(account, now_s),
            self._source_tries.wait_s(source, now_s),
            self._locked_s(stored),
        )
        if wait_s > 0:
            raise Refusal(
                ErrorKind.OVERLOADED,
                "TOO_MANY_TRIES",
                retry_at=self._clock.now() + timedelta(seconds=wait_s),
                headers={"Retry-After": str(int(wait_s) + 1)},
            )
        self._account_tries.count(account, now_s)
        self._source_tries.count(source, now_s)

    def _locked_s(self, stored: StoredAccount | None) -> float:
        if stored is None or stored.locked_until is None:
            return 0.0
        return (stored.locked_until - self._clock.now()).total_seconds()

    def _usable_hash(self, person: Person | None, stored: StoredAccount | None) -> str | None:
        if person is None or person.disabled or stored is None or stored.password_hash is None:
            return None
        return stored.password_hash.reveal()

    async def _failed(self, account: str, source: str) -> None:
        await self._accounts.record_failure(AccountId(account), self._clock.now())
        await self._record(AuditKind.LOGIN_FAILED, AccountId(account[:64]), source)

    async def _succeeded(self, account: AccountId, phc: str, password: str, source: str) -> None:
        self._account_tries.forgive(account)
        self._source_tries.take_back(source)
        now = self._clock.now()
        if self._passwords.is_outdated(phc):
            fresh = await self._passwords.hash(password)
            await self._accounts.set_password(account, Redacted(fresh), now)
        await self._accounts.record_success(account, now)

    async def _open(self, person: Person, source: str) -> tuple[str, Login]:
        token, login = new_login(person.account, self._clock.now(), source, self._lifetime)
        if len(person.roles) == 1:
            only = person.roles[0]
            login = replace(login, role=only.role, agency=only.agency)
        await self._make_room(person.account)
        await self._record(AuditKind.LOGIN, person.account, source, login)
        await self._logins.add(login)
        self._keep(login)
        return token.reveal(), login

    async def _make_room(self, account: AccountId) -> None:
        mine = [one for one in self._cache.values() if one.account == account]
        for oldest in mine[: len(mine) + 1 - MAX_PER_ACCOUNT]:
            await self.end(oldest, "too many logins")

    async def find(self, token: str) -> Login | None:
        """The living login of a cookie; what is expired or disabled is ended on the way."""
        now = self._clock.now()
        login = self._cache.get(hash_token(token))
        if login is None:
            login = await self._logins.by_token(Redacted(token), now)
        if login is None or login.login in self._ended:
            return None
        if (why := self._over(login, now)) is not None:
            await self.end(login, why)
            return None
        return await self._seen(self._with_held_role(login), now)

    def stands(self, login: Login) -> bool:
        """Whether the login still lives, in the same role: it may have ended since it was found."""
        now = self._cache.get(login.token_hash)
        return now is not None and (now.role, now.agency) == (login.role, login.agency)

    def _over(self, login: Login, now: datetime) -> str | None:
        """Why a login may not go on. Whoever watches a picture is not idle."""
        person = self._registry.person(login.account)
        if person is None or person.disabled:
            return "disabled"
        if now >= login.expires_at:
            return "expired"
        idle = now - login.last_seen_at > self._idle and not self._watches(login)
        return "idle" if idle else None

    def _watches(self, login: Login) -> bool:
        return any(view.login_id == login.login for view in self._views.views())

    def _with_held_role(self, login: Login) -> Login:
        """Without the active role when the running revision has taken it away."""
        if login.role is None or self.role_card(login) is not None:
            return login
        return replace(login, role=None, agency=None)

    async def _seen(self, login: Login, now: datetime) -> Login | None:
        if now - login.last_seen_at < SEEN_EVERY:
            self._keep(login)
            return login
        self._keep(replace(login, last_seen_at=now))
        await self._logins.touch(login.login, now)
        # Whoever ended or changed it meanwhile has the last word.
        return self._cache.get(login.token_hash)

    def role_card(self, login: Login) -> RoleCard | None:
        """The active role as the running revision has it."""
        person = self._registry.person(login.account)
        held = person.roles if person else ()
        wanted = (login.role, login.agency)
        return next((one for one in held if (one.role, one.agency) == wanted), None)

    async def choose_role(self, login: Login, role: RoleId, agency: str, source: str) -> Login:
        """Work in another role from now on; the old role's views end.

        Raises ROLE, or LOGIN_REQUIRED when the login ended meanwhile.
        """
        chosen = replace(login, role=role, agency=agency)
        if self.role_card(chosen) is None:
            raise Refusal(ErrorKind.DENIED, "ROLE")
        if (login.role, login.agency) == (role, agency):
            return login
        await self._record(AuditKind.ROLE_CHOSEN, login.account, source, chosen)
        await self._logins.choose_role(login.login, role, agency)
        if login.login in self._ended:
            raise login_required()
        # Before the views end, so that the old role opens no other in the meantime.
        self._keep(chosen)
        self._on_end(login.login)
        await self._views.end_login(login.login, EndReason.LOGGED_OUT)
        return chosen

    async def end(self, login: Login, why: str) -> None:
        """Forget the login and close its views; `why` goes into the record."""
        self._cache.pop(login.token_hash, None)
        self._ended[login.login] = None
        if len(self._ended) > MAX_CACHED:
            self._ended.popitem(last=False)
        self._on_end(login.login)
        # The pictures first: they must stop even when the database does not answer.
        await self._views.end_login(login.login, EndReason.LOGGED_OUT)
        await self._logins.end(login.login)
        await self._record(AuditKind.LOGOUT, login.account, login.terminal or "", login, why)

    async def sweep(self) -> None:
        """End what is over although nobody asks: its views must not outlive it.

        Raises what the store raised, after every view of such logins was cut.
        """
        now, known = self._clock.now(), list(self._cache.values())
        over = [(login, why) for login in known if (why := self._over(login, now)) is not None]
        tries = await asyncio.gather(*(self.end(*one) for one in over), return_exceptions=True)
        for failed in filter(None, tries):
            raise failed
        await self._logins.sweep(now)
        # The command line ends logins, too: in the store, which is the truth.
        living = await self._logins.living(now)
        for login in known:
            if login.login not in living and self._cache.get(login.token_hash) is not None:
                await self.end(login, "ended elsewhere")

    def _keep(self, login: Login) -> None:
        if login.login in self._ended:
            return
        self._cache[login.token_hash] = login
        self._cache.move_to_end(login.token_hash)
        while len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)

    async def _record(
        self,
        kind: AuditKind,
        account: AccountId,
        source: str,
        login: Login | None = None,
        code: str | None = None,
    ) -> None:
        event = AuditEvent(
            kind=kind,
            account=account,
            role=login.role if login else None,
            agency=login.agency if login else None,
            terminal=source or None,
            code=code,
            detail=f"login {login.login}" if login else None,
        )
        await self._audit.append(event)
