"""A camera's head: where it looks, its presets, and how it turns with time.

How ONVIF asks for it is in `onvif_ptz.py`; how the street looks from there is in `backdrop.py`.
"""

from dataclasses import dataclass, replace

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.simulator.lens import View
from cctv_gateway.simulator.street import plan_street, presets

HOME = "P1"
MAX_PRESETS = 32
PAN_LIMIT_DEG = 60.0
TILT_LIMIT_DEG = 20.0
ZOOM_LIMIT = 5.0
# Full speed turns through half of the range in this time.
SWEEP_S = 5.0
# A turning head is drawn anew for every step, so steps are not finer than this.
STEP_DEG = 0.5
STEP_ZOOM = 0.05


@dataclass(frozen=True, slots=True)
class Position:
    """A place in ONVIF's generic spaces: pan and tilt in -1..1, zoom in 0..1."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    def clamped(self) -> "Position":
        return Position(
            max(-1.0, min(1.0, self.pan)),
            max(-1.0, min(1.0, self.tilt)),
            max(0.0, min(1.0, self.zoom)),
        )

    @property
    def view(self) -> View:
        pan = round(self.pan * PAN_LIMIT_DEG / STEP_DEG) * STEP_DEG
        tilt = round(self.tilt * TILT_LIMIT_DEG / STEP_DEG) * STEP_DEG
        zoom = 1.0 + round(self.zoom * (ZOOM_LIMIT - 1.0) / STEP_ZOOM) * STEP_ZOOM
        return View(pan, tilt, zoom)


@dataclass(frozen=True, slots=True)
class Preset:
    token: str
    name: str
    position: Position


@dataclass(frozen=True, slots=True)
class _Motion:
    """Turning at a constant speed since a moment; `until_s` is where ONVIF's timeout ends it."""

    start: Position
    speed: Position
    since_s: float
    until_s: float


class Head:
    """The head of one camera. The loop moves it; any thread may read `view()`."""

    def __init__(self, number: int, clock: Clock) -> None:
        self._clock = clock
        self._presets = {
            token: Preset(token, name, _position(view))
            for token, (name, view) in presets(plan_street(number)).items()
        }
        rest = self._presets[HOME].position
        self._motion = _Motion(rest, Position(), 0.0, 0.0)

    def position(self) -> Position:
        """Where it looks now."""
        motion = self._motion
        run_s = min(self._clock.monotonic(), motion.until_s) - motion.since_s
        share = max(0.0, run_s) / SWEEP_S
        return Position(
            motion.start.pan + motion.speed.pan * share,
            motion.start.tilt + motion.speed.tilt * share,
            motion.start.zoom + motion.speed.zoom * share,
        ).clamped()

    def view(self) -> View:
        return self.position().view

    def moving(self) -> bool:
        motion = self._motion
        return motion.speed != Position() and self._clock.monotonic() < motion.until_s

    def go(self, position: Position) -> None:
        """Look somewhere else at once."""
        self._motion = _Motion(position.clamped(), Position(), 0.0, 0.0)

    def move(self, speed: Position, timeout_s: float) -> None:
        """Turn with `speed` in -1..1 for each axis until `stop` or the timeout."""
        now = self._clock.monotonic()
        self._motion = _Motion(self.position(), speed, now, now + timeout_s)

    def stop(self) -> None:
        self.go(self.position())

    def presets(self) -> tuple[Preset, ...]:
        return tuple(self._presets.values())

    def go_to_preset(self, token: str) -> None:
        """Raises GatewayError PTZ_NO_PRESET for an unknown token."""
        if token not in self._presets:
            raise GatewayError(
                ErrorKind.NOT_FOUND, "PTZ_NO_PRESET",
                "the camera has no such preset", "카메라에 해당 프리셋이 없습니다",
            )  # fmt: skip
        self.go(self._presets[token].position)

    def set_preset(self, token: str | None, name: str | None) -> str:
        """Keep the current view as a preset and return its token.

        Raises GatewayError PTZ_TOO_MANY_PRESETS.
        """
        if token is None:
            if len(self._presets) >= MAX_PRESETS:
                raise GatewayError(
                    ErrorKind.OVERLOADED, "PTZ_TOO_MANY_PRESETS",
                    "the camera keeps no more presets", "카메라에 프리셋을 더 저장할 수 없습니다",
                )  # fmt: skip
            token = next(
                made for index in range(1, MAX_PRESETS + 2)
                if (made := f"P{index}") not in self._presets
            )  # fmt: skip
            self._presets[token] = Preset(token, name or token, self.position())
            return token
        if token not in self._presets:
            self.go_to_preset(token)
        kept = self._presets[token]
        self._presets[token] = replace(kept, name=name or kept.name, position=self.position())
        return token


def _position(view: View) -> Position:
    return Position(
        view.pan_deg / PAN_LIMIT_DEG,
        view.tilt_deg / TILT_LIMIT_DEG,
        (view.zoom - 1.0) / (ZOOM_LIMIT - 1.0),
    )
