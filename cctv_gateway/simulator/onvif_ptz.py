"""ONVIF PTZ of a simulated camera: presets, moves, status.

How the head turns is in `ptz.py`.
"""

import math
import re
from datetime import UTC

from lxml import etree

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.simulator import soap
from cctv_gateway.simulator.onvif_device import Handler, OnvifCamera, Operations
from cctv_gateway.simulator.ptz import MAX_PRESETS, Position
from cctv_gateway.simulator.soap import Call, SoapFault, Xml, fill, joined

# A head that is told no end stops by itself after this, as DefaultPTZTimeout says.
DEFAULT_TIMEOUT_S = 10.0
MAX_TIMEOUT_S = 60.0
_SECONDS = re.compile(r"PT(?:(\d{1,4})M)?(?:(\d{1,6}(?:\.\d{1,6})?)S)?", re.ASCII)


def needs_ptz(handler: Handler) -> Handler:
    """Refuse the call on a camera without PTZ."""

    def checked(camera: OnvifCamera, call: Call) -> Xml:
        if not camera.spec.ptz:
            raise SoapFault(("ActionNotSupported",), "Optional action not implemented", False)
        return handler(camera, call)

    return checked


def _done(call: Call) -> Xml:
    return fill("ptz_done", {"operation": call.operation})


def _configurations(camera: OnvifCamera, call: Call) -> Xml:
    return fill("ptz_configurations", {"configuration": fill("ptz_configuration")})


def _nodes(camera: OnvifCamera, call: Call) -> Xml:
    return fill("ptz_nodes", {"presets": MAX_PRESETS})


def _presets(camera: OnvifCamera, call: Call) -> Xml:
    parts = (
        fill("ptz_preset", {"token": kept.token, "name": kept.name, **_place(kept.position)})
        for kept in camera.head.presets()
    )
    return fill("ptz_presets", {"presets": joined(parts)})


def _go_to_preset(camera: OnvifCamera, call: Call) -> Xml:
    try:
        camera.head.go_to_preset(call.text("PresetToken") or "")
    except GatewayError as error:
        raise SoapFault(("InvalidArgVal", "NoToken"), error.message) from error
    return _done(call)


def _set_preset(camera: OnvifCamera, call: Call) -> Xml:
    try:
        token = camera.head.set_preset(call.text("PresetToken"), call.text("PresetName"))
    except GatewayError as error:
        raise SoapFault(("Action", "TooManyPresets"), error.message, False) from error
    return fill("ptz_set_preset", {"token": token})


def _continuous_move(camera: OnvifCamera, call: Call) -> Xml:
    speed = _position(call, Position(), lowest_zoom=-1.0)
    camera.head.move(speed, _timeout_s(call.text("Timeout")))
    return _done(call)


def _absolute_move(camera: OnvifCamera, call: Call) -> Xml:
    camera.head.go(_position(call, camera.head.position(), lowest_zoom=0.0))
    return _done(call)


def _stop(camera: OnvifCamera, call: Call) -> Xml:
    camera.head.stop()
    return _done(call)


def _status(camera: OnvifCamera, call: Call) -> Xml:
    utc = camera.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    moving = "MOVING" if camera.head.moving() else "IDLE"
    return fill("ptz_status", {**_place(camera.head.position()), "moving": moving, "utc": utc})


def _place(position: Position) -> dict[str, object]:
    return {
        "pan": f"{position.pan:.4f}",
        "tilt": f"{position.tilt:.4f}",
        "zoom": f"{position.zoom:.4f}",
    }


def _position(call: Call, otherwise: Position, lowest_zoom: float) -> Position:
    """PanTilt and Zoom of the call; what it leaves out stays. Raises SoapFault InvalidPosition."""
    turn, zoom = call.find("PanTilt"), call.find("Zoom")
    return Position(
        _axis(turn, "x", otherwise.pan, -1.0),
        _axis(turn, "y", otherwise.tilt, -1.0),
        _axis(zoom, "x", otherwise.zoom, lowest_zoom),
    )


def _axis(element: etree._Element | None, name: str, otherwise: float, lowest: float) -> float:
    text = None if element is None else element.get(name)
    if text is None:
        return otherwise
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not lowest <= value <= 1.0:
        raise SoapFault(("InvalidArgVal", "InvalidPosition"), "Position out of bounds")
    return value


def _timeout_s(text: str | None) -> float:
    found = _SECONDS.fullmatch(text or "")
    if found is None or (found[1] is None and found[2] is None):
        return DEFAULT_TIMEOUT_S
    return min(MAX_TIMEOUT_S, float(found[1] or 0) * 60 + float(found[2] or 0))


PTZ_OPERATIONS: Operations = {
    (soap.PTZ, name): needs_ptz(handler)
    for name, handler in {
        "GetConfigurations": _configurations,
        "GetNodes": _nodes,
        "GetPresets": _presets,
        "GotoPreset": _go_to_preset,
        "SetPreset": _set_preset,
        "ContinuousMove": _continuous_move,
        "AbsoluteMove": _absolute_move,
        "Stop": _stop,
        "GetStatus": _status,
    }.items()
}
