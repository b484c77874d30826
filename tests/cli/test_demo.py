"""`make demo`'s command: starts, says where to go, and ends with Ctrl-C without a trace."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LIMIT_S = 3.0


def belonging(group: int, folder: Path) -> list[int]:
    """Every process of the demo: by its group, or by naming the demo's folder."""
    members = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            mine = os.getpgid(int(entry.name)) == group or str(folder).encode() in words
        except (FileNotFoundError, ProcessLookupError):
            continue
        if mine and words:
            members.append(int(entry.name))
    return members


def start(folder: Path) -> subprocess.Popen[str]:
    words = ["demo", "--cameras", "3", "--data", str(folder), "--port", "0"]
    return subprocess.Popen(
        [sys.executable, "-m", "cctv_gateway", *words],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if "http://127.0.0.1:" in line:
            return line.strip()
    raise AssertionError("it ended before it was ready")


def end(process: subprocess.Popen[str]) -> float:
    """Ctrl-C reaches the whole process group; the seconds until all of it is gone."""
    began_s = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=LIMIT_S * 2)
    return time.monotonic() - began_s


def test_it_starts_twice_and_ends_quickly_without_leaving_a_process(tmp_path: Path) -> None:
    for _ in range(2):
        process = start(tmp_path)
        try:
            assert not read_until_ready(process).endswith(":0")
            assert len(belonging(process.pid, tmp_path)) >= 3  # gateway, city, vision worker
            assert end(process) < LIMIT_S
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        assert process.returncode == 0
        assert belonging(process.pid, tmp_path) == []


def test_a_killed_gateway_takes_its_children_along(tmp_path: Path) -> None:
    process = start(tmp_path)
    try:
        read_until_ready(process)
        process.kill()
        process.communicate()
        deadline_s = time.monotonic() + LIMIT_S
        while belonging(process.pid, tmp_path) and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert belonging(process.pid, tmp_path) == []
    finally:
        for member in belonging(process.pid, tmp_path):
            os.kill(member, signal.SIGKILL)
