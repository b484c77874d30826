"""ONVIF media and media2 of a simulated camera: profiles, stream addresses, keyframe on demand.

Login and dispatch are in `onvif_device.py`; the streams themselves speak RTSP.
"""

from cctv_gateway.model import Profile
from cctv_gateway.simulator import soap
from cctv_gateway.simulator.onvif_device import SNAPSHOT_PATH, OnvifCamera, Operations
from cctv_gateway.simulator.soap import Call, SoapFault, Xml, fill, joined
from cctv_gateway.simulator.spec import FORMATS, FRAMES_PER_GOP, FRAMES_PER_S

NO_PROFILE = SoapFault(("InvalidArgVal", "NoProfile"), "The requested profile does not exist")


def _values(profile: Profile) -> dict[str, object]:
    picture = FORMATS[profile]
    return {
        "token": f"profile_{profile}",
        "name": profile.value,
        "encoder_token": f"encoder_{profile}",
        "width": picture.width,
        "height": picture.height,
        "frame_rate": FRAMES_PER_S,
        "kilobits": picture.bits_per_s // 1000,
        "gop": FRAMES_PER_GOP,
        "source": fill("source_configuration"),
    }


def _named(camera: OnvifCamera, call: Call) -> Profile:
    """The profile that ProfileToken names. Raises SoapFault NoProfile."""
    token = call.text("ProfileToken")
    for profile in camera.rtsp_urls:
        if token == f"profile_{profile}":
            return profile
    raise SoapFault(NO_PROFILE.subcodes, NO_PROFILE.message)


def _ptz(camera: OnvifCamera, template: str) -> Xml:
    if not camera.spec.ptz:
        return Xml("")
    return fill(template, {"configuration": fill("ptz_configuration")})


def _profiles(camera: OnvifCamera, call: Call) -> Xml:
    parts = []
    for profile in camera.rtsp_urls:
        values = _values(profile)
        values |= {
            "encoder": fill("encoder_configuration", values),
            "ptz": _ptz(camera, "profile_ptz"),
        }
        parts.append(fill("profile", values))
    return fill("profiles", {"profiles": joined(parts)})


def _profiles2(camera: OnvifCamera, call: Call) -> Xml:
    parts = (
        fill("profile2", _values(profile) | {"ptz": _ptz(camera, "profile2_ptz")})
        for profile in camera.rtsp_urls
    )
    return fill("profiles2", {"profiles": joined(parts)})


def _stream_uri(camera: OnvifCamera, call: Call) -> Xml:
    return fill("stream_uri", {"uri": camera.rtsp_urls[_named(camera, call)]})


def _stream_uri2(camera: OnvifCamera, call: Call) -> Xml:
    return fill("stream_uri2", {"uri": camera.rtsp_urls[_named(camera, call)]})


def _snapshot_uri(camera: OnvifCamera, call: Call) -> Xml:
    _named(camera, call)
    return fill("snapshot_uri", {"uri": camera.url(SNAPSHOT_PATH)})


def _video_sources(camera: OnvifCamera, call: Call) -> Xml:
    return fill("video_sources", {"frame_rate": FRAMES_PER_S})


def _encoders(camera: OnvifCamera, call: Call) -> Xml:
    parts = []
    for profile in camera.rtsp_urls:
        values = _values(profile)
        encoder = fill("encoder_configuration", values)
        parts.append(
            fill(
                "encoder_configuration_item",
                {"token": values["encoder_token"], "encoder": encoder},
            )
        )
    return fill("encoder_configurations", {"configurations": joined(parts)})


def _synchronize(camera: OnvifCamera, call: Call) -> Xml:
    camera.want_keyframe(_named(camera, call))
    return fill("synchronization_point")


def _synchronize2(camera: OnvifCamera, call: Call) -> Xml:
    camera.want_keyframe(_named(camera, call))
    return fill("synchronization_point2")


MEDIA_OPERATIONS: Operations = {
    (soap.MEDIA, "GetProfiles"): _profiles,
    (soap.MEDIA, "GetStreamUri"): _stream_uri,
    (soap.MEDIA, "GetSnapshotUri"): _snapshot_uri,
    (soap.MEDIA, "GetVideoSources"): _video_sources,
    (soap.MEDIA, "GetVideoEncoderConfigurations"): _encoders,
    (soap.MEDIA, "SetSynchronizationPoint"): _synchronize,
    (soap.MEDIA2, "GetProfiles"): _profiles2,
    (soap.MEDIA2, "GetStreamUri"): _stream_uri2,
    (soap.MEDIA2, "SetSynchronizationPoint"): _synchronize2,
}
