"""The door between control and media: plain data in, plain data out, no media object crosses it.

`relay/local.py` hosts the media in this process; a worker process can stand behind the same calls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cctv_gateway.model import (
    CameraId,
    CameraLink,
    EndReason,
    Grant,
    Profile,
    Quality,
    StreamStatus,
    ViewId,
    ViewStats,
)


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """A camera's pull moved to another state."""

    camera: CameraId
    profile: Profile
    status: StreamStatus


@dataclass(frozen=True, slots=True)
class ViewStarted:
    """The first packet of a view left for its viewer."""

    view: ViewId


@dataclass(frozen=True, slots=True)
class ViewLost:
    """A view ended from the media side; the session must be closed with this reason."""

    view: ViewId
    reason: EndReason


RelayEvent = CameraChanged | ViewStarted | ViewLost


class Relay(Protocol):
    """What control and web may ask of the media side. All calls raise `GatewayError` only."""

    async def configure(self, links: Mapping[CameraId, CameraLink]) -> None:
        """Make `links` the cameras there are; streams whose link is unchanged are not touched."""

    async def open(self, view: ViewId, grant: Grant, offer_sdp: str, quality: Quality) -> str:
        """Start a view for a live.view grant; returns the SDP answer (RFC 8829, ICE-lite)."""

    async def trickle(self, view: ViewId, fragment: str) -> str | None:
        """Apply a WHEP PATCH body (trickle ICE or restart, RFC 8840); the answer, if any."""

    async def cut(self, view: ViewId) -> None:
        """End a view; no RTP packet leaves after this returns. Unknown views are no error."""

    async def select(self, view: ViewId, quality: Quality) -> None:
        """Show another quality from its next keyframe on, in the same track."""

    async def poster(self, grant: Grant) -> bytes:
        """A JPEG of the camera's latest keyframe, masked when the grant says so."""

    def statuses(self) -> Mapping[tuple[CameraId, Profile], StreamStatus]:
        """Every pull that is or was open, for lists and metrics."""

    def stats(self, view: ViewId) -> ViewStats | None:
        """Counters of a running view."""

    def counters(self) -> Mapping[str, int]:
        """Bad input and drops by name, for metrics."""

    def levels(self) -> Mapping[str, int]:
        """What is open right now, by name, for metrics."""

    def on_event(self, listener: Callable[[RelayEvent], None]) -> None:
        """Register the one listener; it is called on the loop and returns at once."""
