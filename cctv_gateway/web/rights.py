"""What a route may demand of its caller; every route states exactly one `Right`.

Whether a camera may be watched is decided in `control`; proving who calls belongs in `guard.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from cctv_gateway.config.schema import RoleKind

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_ATTRIBUTE = "cctv_gateway_right"


class RightKind(StrEnum):
    """`LOCAL` is a caller on this machine, or one that holds the metrics token."""

    PUBLIC = "public"
    LOGIN = "login"
    ROLE = "role"
    WHEP_SECRET = "whep_secret"  # noqa: S105 - a kind of right, not a secret
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Right:
    """`roles` empty and kind ROLE: any role, as long as one is active.

    Routes name kinds of work, because a city may give its roles other ids.
    """

    kind: RightKind
    roles: frozenset[RoleKind] = frozenset()

    def __str__(self) -> str:
        return ":".join([self.kind, ",".join(sorted(self.roles))]).rstrip(":")

    def admits(self, role: RoleKind) -> bool:
        """Whether an active role is enough; only asked of kind ROLE."""
        return not self.roles or role in self.roles


PUBLIC = Right(RightKind.PUBLIC)
LOGIN = Right(RightKind.LOGIN)
ANY_ROLE = Right(RightKind.ROLE)
WHEP_SECRET = Right(RightKind.WHEP_SECRET)
LOCAL = Right(RightKind.LOCAL)
REGISTRAR = Right(RightKind.ROLE, frozenset({RoleKind.CAMERA_REGISTRAR}))
ADMIN = Right(RightKind.ROLE, frozenset({RoleKind.SYSTEM_ADMIN}))
CONFIG_READERS = Right(
    RightKind.ROLE, frozenset({RoleKind.SYSTEM_ADMIN, RoleKind.PRIVACY_OFFICER, RoleKind.AUDITOR})
)
REVIEWERS = Right(RightKind.ROLE, frozenset({RoleKind.PRIVACY_OFFICER, RoleKind.AUDITOR}))


def needs(right: Right) -> Callable[[Endpoint], Endpoint]:
    """Declare the right of an endpoint; stands below the route's decorator."""

    def declare(endpoint: Endpoint) -> Endpoint:
        vars(endpoint)[_ATTRIBUTE] = right
        return endpoint

    return declare


def right_of(endpoint: Callable[..., Any]) -> Right:
    """The declared right; a route without one is our bug and stops the start."""
    right = vars(endpoint).get(_ATTRIBUTE)
    if not isinstance(right, Right):
        raise TypeError(f"route {endpoint.__name__} states no right")
    return right
