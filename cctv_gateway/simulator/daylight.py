"""How bright a street is at a local time, in steps, so that drawn backgrounds can be kept.

Only the light is decided here; lamps and windows are drawn in `backdrop.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

# Korea keeps UTC+9 all year, so no time-zone database is needed.
SEOUL = timezone(timedelta(hours=9), "KST")

DAWN_H = (6.2, 7.4)
DUSK_H = (17.4, 18.8)
STEPS = 16


@dataclass(frozen=True, slots=True)
class Light:
    """Daylight in STEPS (0 = night) and whether the low sun colours it."""

    step: int
    warm: bool = False

    @property
    def day(self) -> float:
        """0 at night, 1 by day."""
        return self.step / STEPS

    @property
    def night(self) -> float:
        return 1.0 - self.day

    @property
    def ambient_bgr(self) -> tuple[float, float, float]:
        """What a grey surface keeps of its colour."""
        night, day = (0.27, 0.215, 0.195), (1.0, 1.0, 1.0)
        low = 0.12 * self.night * self.day if self.warm else 0.0
        blue, green, red = (n + (d - n) * self.day for n, d in zip(night, day, strict=True))
        return blue - low, green, red + 2.5 * low


def light_at(local: datetime) -> Light:
    """The light at a local time of day."""
    hour = local.hour + local.minute / 60
    rising = (hour - DAWN_H[0]) / (DAWN_H[1] - DAWN_H[0])
    falling = (DUSK_H[1] - hour) / (DUSK_H[1] - DUSK_H[0])
    share = max(0.0, min(1.0, rising, falling))
    step = round(share * STEPS)
    return Light(step, warm=0 < step < STEPS)
