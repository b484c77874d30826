"""The gateway's own process must not load a video decoder, only ask for one."""

import subprocess
import sys

LOOK = """
import sys
import cctv_gateway.vision.client
print(*(name for name in ("av", "cv2", "numpy") if name in sys.modules))
"""


def test_the_client_loads_no_decoder() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == ""
