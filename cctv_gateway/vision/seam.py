"""How both ends of the seam set their WebSockets, and how the worker says that it is ready.

The messages themselves are `wire.py`.
"""

from typing import Any

from cctv_gateway.vision.wire import MAX_MESSAGE_BYTES

READY_LINE = "ready"
_CLOSE_S = 0.5


def connection_options() -> dict[str, Any]:
    """One message at a time is under way, so buffers are small; deadlines replace the pings."""
    return {
        "compression": None,
        "max_size": MAX_MESSAGE_BYTES,
        "max_queue": 2,
        "ping_interval": None,
        "close_timeout": _CLOSE_S,
    }
