"""How long to wait before trying again: exponential, jittered, bounded, and pure.

When to reset belongs to the caller, who knows whether the last try was stable.
"""


def delay_s(failures: int, random: float, base_s: float = 1.0, cap_s: float = 60.0) -> float:
    """The wait after `failures` tries in a row, `random` in [0, 1).

    Half of the wait is fixed and half random, so that the cameras behind one dead switch do not
    come back in step.
    """
    ceiling_s = min(cap_s, base_s * 2.0 ** min(max(failures, 1) - 1, 16))
    return ceiling_s / 2 + ceiling_s / 2 * random
