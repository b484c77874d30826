"""Where a camera's pictures come from in each mode, behind one small interface.

Drawing and pacing are in `pump.py` and `loops.py`.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from cctv_gateway.base.clock import Clock
from cctv_gateway.model import Profile
from cctv_gateway.simulator.loops import LoopPlayer
from cctv_gateway.simulator.ptz import Head
from cctv_gateway.simulator.pump import LiveStream, Pump
from cctv_gateway.simulator.spec import CameraSpec
from cctv_gateway.simulator.streams import Source


class Studio(Protocol):
    """Makes the pictures of all cameras."""

    def sources(self, index: int, camera: CameraSpec, head: Head) -> Mapping[Profile, Source]:
        """The streams of the city's `index`-th camera."""

    def still(self, index: int, done: Callable[[bytes], None]) -> None:
        """Hand a JPEG of that camera to `done`, on the loop."""

    def want_keyframe(self, index: int, profile: Profile) -> None:
        """Make the next frame a keyframe, where pictures are made to order."""


class LiveStudio:
    """Every camera draws its own pictures."""

    def __init__(self, clock: Clock) -> None:
        self.pump = Pump(clock)
        self._streams: dict[int, dict[Profile, LiveStream]] = {}

    def sources(self, index: int, camera: CameraSpec, head: Head) -> Mapping[Profile, Source]:
        self._streams[index] = {
            profile: LiveStream(camera, profile, self.pump, head.view) for profile in Profile
        }
        return self._streams[index]

    def still(self, index: int, done: Callable[[bytes], None]) -> None:
        self.pump.still(self._streams[index][Profile.SUB], done)

    def want_keyframe(self, index: int, profile: Profile) -> None:
        self._streams[index][profile].wants_keyframe.set()


class SharedStudio:
    """Cameras share recorded loops; there is no main stream."""

    def __init__(self, player: LoopPlayer) -> None:
        self._player = player

    def sources(self, index: int, camera: CameraSpec, head: Head) -> Mapping[Profile, Source]:
        return {Profile.SUB: self._player.stream(index)}

    def still(self, index: int, done: Callable[[bytes], None]) -> None:
        done(self._player.still(index))

    def want_keyframe(self, index: int, profile: Profile) -> None:
        """A recording keeps its keyframes."""
