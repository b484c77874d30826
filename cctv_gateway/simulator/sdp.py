"""The session description (RFC 4566, RFC 6184) a camera gives for one profile.

Reading of SDP belongs in `ingest`.
"""

import base64

from cctv_gateway.simulator.encoder import parameter_sets
from cctv_gateway.simulator.packets import PAYLOAD_TYPE
from cctv_gateway.simulator.spec import RTP_HZ, CameraSpec, PictureFormat

VIDEO_TRACK = "track1"
AUDIO_TRACK = "track2"


def describe(camera: CameraSpec, picture: PictureFormat) -> str:
    """The SDP text of a profile; parameter sets are left out where the camera's fault says so."""
    sps, pps = parameter_sets(picture)
    format_line = f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={sps[1:4].hex()}"
    if camera.faults.parameter_sets_in_sdp:
        sets = ",".join(base64.b64encode(nal).decode() for nal in (sps, pps))
        format_line += f";sprop-parameter-sets={sets}"
    lines = [
        "v=0",
        f"o=- {camera.number} 1 IN IP4 {camera.host}",
        "s=Street camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=0-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"b=AS:{picture.bits_per_s // 1000}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/{RTP_HZ}",
        format_line,
        f"a=framesize:{PAYLOAD_TYPE} {picture.width}-{picture.height}",
        f"a=control:{VIDEO_TRACK}",
    ]
    if camera.audio_track:
        lines += ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", f"a=control:{AUDIO_TRACK}"]
    return "\r\n".join(lines) + "\r\n"
