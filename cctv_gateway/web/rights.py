"""What a route may demand of its caller; every route states exactly one `Right`.

Whether a camera may be watched is decided in `control`; proving who calls belongs in `guard.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_ATTRIBUTE = "cctv_gateway_right"


class RightKind(StrEnum):
    """`LOCAL` is a caller on this machine, or one that holds the metrics token."""

    PUBLIC = "public"
    LOGIN = "login"
    ROLE = "role"
    WHEP_SECRET = "whep_secret"  # noqa: S105 - a kind of right, not a secret
    LOCAL = "local"


class Role(StrEnum):
    """The role ids of the domain page that a route may name."""

    PARKING_OFFICER = "parking_officer"
    CAMERA_REGISTRAR = "camera_registrar"
    CONTROL_OPERATOR = "control_operator"
    CONTROL_SUPERVISOR = "control_supervisor"
    AGENCY_LIAISON = "agency_liaison"
    DSR_HANDLER = "dsr_handler"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    INTEGRATION_CLIENT = "integration_client"


@dataclass(frozen=True, slots=True)
class Right:
    """`roles` empty and kind ROLE: any role, as long as one is active."""

    kind: RightKind
    roles: frozenset[Role] = frozenset()

    def __str__(self) -> str:
        return ":".join([self.kind, ",".join(sorted(self.roles))]).rstrip(":")

    def admits(self, role: str) -> bool:
        """Whether an active role is enough; only asked of kind ROLE."""
        return not self.roles or role in self.roles


PUBLIC = Right(RightKind.PUBLIC)
LOGIN = Right(RightKind.LOGIN)
ANY_ROLE = Right(RightKind.ROLE)
WHEP_SECRET = Right(RightKind.WHEP_SECRET)
LOCAL = Right(RightKind.LOCAL)
REGISTRAR = Right(RightKind.ROLE, frozenset({Role.CAMERA_REGISTRAR}))
ADMIN = Right(RightKind.ROLE, frozenset({Role.SYSTEM_ADMIN}))
CONFIG_READERS = Right(
    RightKind.ROLE, frozenset({Role.SYSTEM_ADMIN, Role.PRIVACY_OFFICER, Role.AUDITOR})
)
REVIEWERS = Right(RightKind.ROLE, frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR}))


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
