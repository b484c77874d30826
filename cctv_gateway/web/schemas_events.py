"""The payloads of `GET /api/events`, one model per event name.

How they are queued, filtered and written belongs in `events.py` and `sse.py`.
"""

from datetime import datetime
from typing import Literal

from cctv_gateway.model import CameraState, DenyCode, EndReason
from cctv_gateway.web.schemas import Told
from cctv_gateway.web.schemas_admin import ScanState


class CameraStateEvent(Told):
    """`camera.state`: a camera's link changed; several changes may be merged into the last."""

    camera: str
    state: CameraState
    since: datetime


class ViewCutEvent(Told):
    """`view.cut`: one of the listener's views ended; never dropped, never merged."""

    view_id: str
    camera: str
    code: DenyCode | EndReason
    message: str
    message_ko: str
    at: datetime


class RulesChangedEvent(Told):
    """`rules.changed`: other verdicts may hold now; fetch the lists again."""

    revision: str


class ConfigStatusEvent(Told):
    """`config.status`: the file was read; fetch `/api/config` for its problems."""

    state: Literal["running", "refused"]
    revision: str
    problems: int


class DiscoveryChangedEvent(Told):
    """`discovery.changed`: the scan moved on; fetch `/api/discovery`."""

    scan_id: str
    state: ScanState
    found: int


class PingEvent(Told):
    """`ping`: keeps the connection open through proxies; `dropped` counts merged-away news."""

    now: datetime
    dropped: int


EVENTS: dict[str, type[Told]] = {
    "camera.state": CameraStateEvent,
    "view.cut": ViewCutEvent,
    "rules.changed": RulesChangedEvent,
    "config.status": ConfigStatusEvent,
    "discovery.changed": DiscoveryChangedEvent,
    "ping": PingEvent,
}
