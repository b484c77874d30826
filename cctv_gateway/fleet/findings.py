"""What scans have found, each under an id that tells no address and outlives reboots and moves.

Looking is done by `discovery.py`; taking a finding into `cameras.yaml` by `registration.py`.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from cctv_gateway.base.redact import Redacted
from cctv_gateway.config.schema import Camera, Configuration
from cctv_gateway.fleet.enrol import Inspection
from cctv_gateway.fleet.onvif_client import Place
from cctv_gateway.model import CameraId

MAX_FINDINGS = 8192


class FindingState(StrEnum):
    NEW = "new"
    REGISTERED = "registered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at one place. `endpoint` and names come from WS-Discovery, if it answered."""

    place: Place
    inspection: Inspection
    seen_at: datetime
    scan: str
    endpoint: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A found device. `camera` is its id in `cameras.yaml` when it is registered."""

    id: str
    place: Redacted[Place]
    endpoint: str = field(repr=False)
    name: str
    inspection: Inspection
    seen_at: datetime
    scan: str
    camera: CameraId | None = None

    @property
    def state(self) -> FindingState:
        if self.camera is not None:
            return FindingState.REGISTERED
        return FindingState.FAILED if self.inspection.reason else FindingState.NEW


class FindingBook:
    """Owns the findings; `key` keeps anybody from guessing an address back out of an id."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._found: dict[str, Finding] = {}
        self._at: dict[tuple[str, int], str] = {}

    def __len__(self) -> int:
        return len(self._found)

    def all(self, configuration: Configuration) -> tuple[Finding, ...]:
        """Everything found so far, with what the running configuration knows of it."""
        cameras = {_address(each): each.id for each in configuration.cameras}
        return tuple(
            replace(each, camera=cameras.get(_where(each.place.reveal())))
            for each in self._found.values()
        )

    def put(self, sighting: Sighting) -> Finding | None:
        """Merge a sighting into the book; None when the book is full."""
        id = self._id_of(sighting)
        before = self._found.get(id)
        if before is None and len(self._found) >= MAX_FINDINGS:
            return None
        if before is not None and _second_port(before, sighting):
            return before
        found = Finding(
            id=id,
            place=Redacted(sighting.place),
            endpoint=sighting.endpoint or (before.endpoint if before else ""),
            name=sighting.name or (before.name if before else ""),
            inspection=_merged(before, sighting.inspection),
            seen_at=sighting.seen_at,
            scan=sighting.scan,
        )
        if before is not None:
            self._at.pop(_where(before.place.reveal()), None)
        self._found[id] = found
        self._at[_where(sighting.place)] = id
        return found

    def _id_of(self, sighting: Sighting) -> str:
        here = self._found.get(self._at.get(_where(sighting.place), ""))
        if here is not None and not _another(here, sighting):
            return here.id
        id = self._sealed(_identity(sighting))
        holder = self._found.get(id)
        if holder is None or holder.scan != sighting.scan or _same_host(holder, sighting):
            return id  # New, or a known device that has moved to another address.
        # Two devices with one serial number, alive in the same scan.
        return self._sealed(f"{_identity(sighting)}@{sighting.place.url('')}")

    def _sealed(self, identity: str) -> str:
        return hmac.digest(self._key, identity.encode(), "sha256").hex()[:16]


def _identity(sighting: Sighting) -> str:
    device = sighting.inspection.information
    if device.serial:
        return f"serial/{device.vendor}/{device.model}/{device.serial}"
    if sighting.endpoint:
        return f"endpoint/{sighting.endpoint}/{sighting.place.port}"
    return f"place/{sighting.place.url('')}"


def _same_host(known: Finding, sighting: Sighting) -> bool:
    return known.place.reveal().host == sighting.place.host


def _second_port(known: Finding, sighting: Sighting) -> bool:
    """One device that answers at two ports is known by the lower one, in whatever order."""
    seen_now = known.scan == sighting.scan and _same_host(known, sighting)
    return seen_now and known.place.reveal().port < sighting.place.port


def _another(known: Finding, sighting: Sighting) -> bool:
    """Whether a different device now answers at a known place."""
    before, now = known.inspection.information.serial, sighting.inspection.information.serial
    return bool(before and now and before != now)


def _merged(before: Finding | None, now: Inspection) -> Inspection:
    """A device that fails today keeps what it told yesterday."""
    if before is None or now.reason is None or now.information.model:
        return now
    return replace(before.inspection, reason=now.reason, refused=now.refused)


def _where(place: Place) -> tuple[str, int]:
    return place.host, place.port


def _address(camera: Camera) -> tuple[str, int]:
    return camera.address.host, camera.address.onvif_port
