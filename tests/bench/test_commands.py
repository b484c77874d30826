"""The benchmarks run as their users run them, small, and what they say is sound."""

import json
import subprocess
import sys

import pytest

MACHINE = {"cpu", "cores", "kernel", "python"}


def measured(*words: str) -> dict[str, float]:
    command = [sys.executable, "-m", "cctv_gateway", "bench", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    figures: dict[str, float] = json.loads(done.stdout)
    assert set(figures["machine"]) == MACHINE  # type: ignore[call-overload]
    return figures


def test_the_relay_delivers_everything_at_a_small_load() -> None:
    figures = measured("relay", "--cameras", "3", "--viewers", "6", "--seconds", "2")
    assert figures["delivered_share"] == pytest.approx(1.0, abs=0.01)
    assert figures["lost_packets"] == 0
    assert figures["first_frame_warm_seen"] == figures["first_frame_warm_joined"] == 6
    assert 0 < figures["first_frame_warm_p50_ms"] <= figures["first_frame_warm_p95_ms"]
    assert figures["gateway_cores"] > 0
    assert figures["gateway_mb"] > 10


def test_the_simulated_city_keeps_its_rate() -> None:
    figures = measured("city", "--cameras", "5", "--seconds", "2")
    assert figures["frames_share"] == pytest.approx(1.0, abs=0.1)
    assert figures["simulator_mb"] > 10
