"""Descriptions as cameras write them, broken ones among them, and the addresses in them."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.ingest.rtsp_url import base_uri, control_uri, parse_url, redirected
from cctv_gateway.ingest.sdp import parse_sdp
from cctv_gateway.model import Codec
from tests.ingest.fake_camera import AUDIO, HEAD, SDP, VIDEO
from tests.ingest.streams import PPS, SPS

H265 = (
    "m=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\n"
    "a=fmtp:98 sprop-vps=QAE=;sprop-sps=QgE=;sprop-pps=RAE=\r\na=control:track2\r\n"
)
METADATA = "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n"
JPEG = "m=video 0 RTP/AVP 26\r\na=control:track3\r\n"


def test_video_with_its_parameter_sets() -> None:
    description = parse_sdp(SDP.encode())
    assert description.control == "*"
    assert not description.has_audio
    assert description.track.codec is Codec.H264
    assert description.track.payload_type == 96
    assert description.track.control == "trackID=0"
    assert description.track.parameter_sets == (SPS, PPS)


@pytest.mark.parametrize(
    ("sdp", "codec", "control"),
    [
        (HEAD + AUDIO + VIDEO + METADATA, Codec.H264, "trackID=0"),
        (HEAD + METADATA + JPEG + VIDEO, Codec.H264, "trackID=0"),
        (HEAD + H265, Codec.H265, "track2"),
        (HEAD + H265 + VIDEO, Codec.H264, "trackID=0"),
        (SDP.replace("\r\n", "\n"), Codec.H264, "trackID=0"),
        (SDP.replace("o=- 0 0 IN IP4 0.0.0.0", "o=<none>  junk="), Codec.H264, "trackID=0"),
        (SDP.replace("a=rtpmap:96 H264/90000\r\n", ""), Codec.H264, "trackID=0"),
        (SDP.replace("96 H264/90000", "96 h264"), Codec.H264, "trackID=0"),
        (SDP.replace("a=control:trackID=0\r\n", ""), Codec.H264, None),
        ("garbage\r\n=\r\nm=\r\na=fmtp:\r\na=rtpmap:x\r\n" + VIDEO, Codec.H264, "trackID=0"),
    ],
)
def test_the_video_is_found_whatever_stands_around_it(
    sdp: str, codec: Codec, control: str | None
) -> None:
    track = parse_sdp(sdp.encode()).track
    assert (track.codec, track.control) == (codec, control)


def test_h265_sets_come_in_decoding_order() -> None:
    assert [nal[0] >> 1 for nal in parse_sdp((HEAD + H265).encode()).track.parameter_sets] == [
        32, 33, 34,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sprop", "sets"),
    [
        (base64.b64encode(b"\0\0\0\1" + SPS).decode(), (SPS,)),
        (base64.b64encode(SPS).decode().rstrip("=") + ",,", (SPS,)),
        ("!!!," + base64.b64encode(PPS).decode(), (PPS,)),
        ("", ()),
    ],
)
def test_damaged_parameter_sets_are_mended_or_left_out(sprop: str, sets: tuple[bytes]) -> None:
    head, _, _ = VIDEO.partition(";sprop")
    sdp = f"{head};sprop-parameter-sets={sprop}\r\n"
    assert parse_sdp(sdp.encode()).track.parameter_sets == sets


def test_audio_is_told_and_never_a_track() -> None:
    description = parse_sdp((HEAD + AUDIO + VIDEO).encode())
    assert description.has_audio
    assert description.track.control == "trackID=0"


@pytest.mark.parametrize(
    ("sdp", "code"),
    [("", "NO_VIDEO"), (HEAD + AUDIO, "NO_VIDEO"), (HEAD + JPEG, "CODEC_UNSUPPORTED")],
)
def test_a_stream_without_usable_video(sdp: str, code: str) -> None:
    with pytest.raises(GatewayError) as refused:
        parse_sdp(sdp.encode())
    assert refused.value.code == code


@given(
    st.binary(max_size=400)
    | st.lists(st.sampled_from((SDP + H265 + AUDIO).split("\r\n"))).map(
        lambda lines: "\n".join(lines).encode()
    )
)
def test_no_description_does_harm(body: bytes) -> None:
    with contextlib.suppress(GatewayError):
        assert parse_sdp(body).track.payload_type < 128


@pytest.mark.parametrize(
    ("base", "control", "joined"),
    [
        ("rtsp://c/main/", "trackID=0", "rtsp://c/main/trackID=0"),
        ("rtsp://c/main", "trackID=0", "rtsp://c/main/trackID=0"),
        ("rtsp://c/main", "/trackID=0", "rtsp://c/main/trackID=0"),
        ("rtsp://c/r?channel=1&subtype=0", "trackID=0", "rtsp://c/r?channel=1&subtype=0/trackID=0"),
        ("rtsp://c/r?channel=1&subtype=0/", "trackID=0", "rtsp://c/r?channel=1&subtype=0/trackID=0"),
        ("rtsp://c/r", "?ctype=video", "rtsp://c/r?ctype=video"),
        ("rtsp://c/main/", "rtsp://10.0.0.9/main/track1", "rtsp://10.0.0.9/main/track1"),
        ("rtsp://c/main/", "*", "rtsp://c/main/"),
        ("rtsp://c/main/", None, "rtsp://c/main/"),
    ],
)  # fmt: skip
def test_controls_are_joined_as_cameras_expect(base: str, control: str, joined: str) -> None:
    assert control_uri(base, control) == joined


@pytest.mark.parametrize("control", ["a b", "x\r\nTEARDOWN", 'q"', "ü", "y" * 3000])
def test_a_control_that_could_break_a_request_is_refused(control: str) -> None:
    with pytest.raises(GatewayError):
        control_uri("rtsp://c/", control)


def test_the_base_of_relative_controls() -> None:
    asked = "rtsp://c/x"
    assert base_uri("rtsp://c/base/", "rtsp://c/location/", asked) == "rtsp://c/base/"
    assert base_uri(None, "rtsp://c/location/", asked) == "rtsp://c/location/"
    assert base_uri("/relative", "", asked) == asked


@pytest.mark.parametrize(
    "url",
    [
        "http://c/", "rtsp://", "rtsp://u:p@c/", "rtsp://c:99999/", "rtsp://c/ä", "rtsp://c/a b",
        "rtsp://[::1/", "", "rtsp://c:0/", "rtsp://c/" + "x" * 3000,
    ],
)  # fmt: skip
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(GatewayError) as refused:
        parse_url(url)
    assert refused.value.code == "BAD_URL"


@pytest.mark.parametrize(
    ("location", "uri", "port"),
    [
        ("rtsp://10.1.1.1:8554/other?x=1", "rtsp://10.1.1.1:8554/other?x=1", 8554),
        ("rtsp://192.168.0.9/inner", "rtsp://10.1.1.1:554/inner", 554),
    ],
)
def test_a_redirect_never_leads_to_another_machine(location: str, uri: str, port: int) -> None:
    target = redirected(parse_url("rtsp://10.1.1.1/main"), location)
    assert (target.uri, target.host, target.port) == (uri, "10.1.1.1", port)


@given(st.text(max_size=60))
def test_no_address_does_harm(text: str) -> None:
    for url in (text, f"rtsp://{text}"):
        try:
            assert parse_url(url).host
        except GatewayError:
            continue
