"""Who asks and what for: the values that a decision starts from.

Whether it is allowed belongs in `control/decide.py`.
"""

from dataclasses import dataclass

from cctv_gateway.model import AccountId, Action, CameraId, IncidentId, Purpose, RoleId


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants to do what, on which camera, why. `terminal` is the source address as seen.

    `purpose` is None when none was named, or none that exists.
    """

    account: AccountId
    role: RoleId
    agency: str
    camera: CameraId
    purpose: Purpose | None
    action: Action = Action.LIVE_VIEW
    reason: str | None = None
    incident: IncidentId | None = None
    letter: str | None = None
    terminal: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a view: an account in the one role of its login, at a terminal."""

    login: str
    account: AccountId
    role: RoleId
    agency: str
    terminal: str | None = None

    def request(
        self,
        camera: CameraId,
        purpose: Purpose | None,
        action: Action = Action.LIVE_VIEW,
        *,
        reason: str | None = None,
        incident: IncidentId | None = None,
    ) -> Request:
        return Request(
            account=self.account,
            role=self.role,
            agency=self.agency,
            camera=camera,
            purpose=purpose,
            action=action,
            reason=reason,
            incident=incident,
            terminal=self.terminal,
        )
