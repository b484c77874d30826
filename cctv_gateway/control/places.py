"""How many views may stand open or wait: for one login, one account, and the whole gateway.

What is answered when there is no room belongs in `control/sessions.py`.
"""

from collections.abc import Iterable

from cctv_gateway.control.request import Holder
from cctv_gateway.control.views import View

MAX_VIEWS_PER_LOGIN = 64
MAX_WAITING_VIEWS = 1000
# However many logins it has, one account cannot use up the waiting places of a city.
MAX_WAITING_PER_ACCOUNT = 200


def has_room(views: Iterable[View], who: Holder) -> bool:
    """Whether `who` may open one more view beside `views`; those without a player yet wait."""
    mine = waiting = my_waiting = 0
    for view in views:
        mine += view.holder.login == who.login
        if view.resource is None:
            waiting += 1
            my_waiting += view.holder.account == who.account
    return (
        mine < MAX_VIEWS_PER_LOGIN
        and waiting < MAX_WAITING_VIEWS
        and my_waiting < MAX_WAITING_PER_ACCOUNT
    )
