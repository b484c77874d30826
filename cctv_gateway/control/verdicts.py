"""What lists show beside a camera: for each purpose, what a live view would be answered now.

Nothing is granted or recorded here; opening a view decides again in `control/sessions.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cctv_gateway.control.decide import judge
from cctv_gateway.control.request import Holder
from cctv_gateway.control.rules import Rules
from cctv_gateway.model import (
    REGISTERED_PURPOSES,
    Action,
    CameraId,
    Denial,
    DenyCode,
    Purpose,
    Variant,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` and `retry_at` belong to a refusal, the rest to a yes."""

    allowed: bool
    code: DenyCode | None = None
    retry_at: datetime | None = None
    valid_until: datetime | None = None
    variant: Variant | None = None


def verdicts(
    rules: Rules, holder: Holder, camera: CameraId, now: datetime
) -> Mapping[Purpose, Verdict]:
    """A verdict for each of `usable_purposes`."""
    return {
        purpose: verdict(rules, holder, camera, purpose, now)
        for purpose in usable_purposes(rules, holder, camera)
    }


def verdict(
    rules: Rules, holder: Holder, camera: CameraId, purpose: Purpose, now: datetime
) -> Verdict:
    answer = judge(holder.request(camera, purpose), rules, now)
    if isinstance(answer, Denial):
        return Verdict(False, answer.code, answer.retry_at)
    return Verdict(True, valid_until=answer.until, variant=answer.candidate.variant)


def usable_purposes(rules: Rules, holder: Holder, camera: CameraId) -> tuple[Purpose, ...]:
    """The purposes for which the role may ever see the camera, and which the camera may serve."""
    facts = rules.cameras.get(camera)
    if facts is None:
        return ()
    return tuple(
        purpose
        for purpose in rules.purposes(holder.role)
        if (purpose in facts.purposes or purpose not in REGISTERED_PURPOSES)
        and _reaches(rules, holder, camera, purpose)
    )


def visible(rules: Rules, holder: Holder) -> tuple[CameraId, ...]:
    """The cameras that a list may name to the holder, in the order of the file."""
    return tuple(camera for camera in rules.cameras if usable_purposes(rules, holder, camera))


def _reaches(rules: Rules, holder: Holder, camera: CameraId, purpose: Purpose) -> bool:
    candidates = rules.candidates.get((holder.role, purpose, Action.LIVE_VIEW), ())
    return any(one.allows and camera in one.scope.get(holder.agency, ()) for one in candidates)
