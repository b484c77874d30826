"""Answers of cameras, strange and hostile ones included."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.fleet import answers
from cctv_gateway.fleet.answers import body_of
from cctv_gateway.fleet.reasons import Reason
from cctv_gateway.fleet.safe_xml import MAX_XML_BYTES, Element, number
from tests.fleet.devices import envelope, fault


def body(inside: str, operation: str = "Get") -> Element:
    text = f"<tds:{operation}Response>{inside}</tds:{operation}Response>"
    return body_of(envelope(text), operation)


def moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> Element:
    return body(
        "<tds:SystemDateAndTime><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{hour}</tt:Hour><tt:Minute>{minute}</tt:Minute>"
        f"<tt:Second>{second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{year}</tt:Year><tt:Month>{month}</tt:Month><tt:Day>{day}</tt:Day>"
        "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
    )


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((2026, 11, 23, 1, 2, 3), datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
        ((2026, 11, 23, 24, 0, 0), datetime(2026, 11, 24, tzinfo=UTC)),
        ((2026, 11, 23, 0, 61, 0), datetime(2026, 11, 23, 1, 1, tzinfo=UTC)),
        ((2026, 0, 0, 0, 0, 0), None),
        ((99999, 1, 1, 0, 0, 0), None),
    ],
)
def test_the_cameras_time(parts: tuple[int, ...], expected: datetime | None) -> None:
    assert answers.camera_time(moment(*parts)) == expected


def test_no_time_is_no_time() -> None:
    assert answers.camera_time(body("")) is None


def test_both_generations_of_profiles_are_read() -> None:
    first = body(
        '<trt:Profiles token="p1"><tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding>'
        "<tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution>"
        "<tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit></tt:RateControl>"
        "</tt:VideoEncoderConfiguration><tt:PTZConfiguration/></trt:Profiles>"
        '<trt:Profiles token="sound only"/><trt:Profiles/>'
    )
    second = body(
        '<trt:Profiles token="p2"><trt:Configurations><trt:VideoEncoder>'
        "<tt:Encoding>video/h265</tt:Encoding><tt:Resolution><tt:Width>x</tt:Width></tt:Resolution>"
        "<tt:RateControl><tt:FrameRateLimit>nan</tt:FrameRateLimit></tt:RateControl>"
        "</trt:VideoEncoder></trt:Configurations></trt:Profiles>"
    )
    (one,) = answers.profiles(first)
    (two,) = answers.profiles(second)
    assert (one.token, one.encoding, one.width, one.height, one.fps) == (
        "p1", "H264", 1920, 1080, 15.0,
    )  # fmt: skip
    assert (one.ptz, one.media2) == (True, False)
    assert (two.encoding, two.width, two.fps, two.ptz, two.media2) == ("H265", 0, 0.0, False, True)


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("rtsp://10.0.0.9:8554/main", (8554, "/main")),
        (
            "rtsp://user:pw@127.0.0.1/Streaming/Channels/101?x=1",
            (554, "/Streaming/Channels/101?x=1"),
        ),
        ("RTSP://[fe80::1]", (554, "/")),
        ("http://10.0.0.9/main", None),
        ("rtsp://10.0.0.9:99999/main", None),
        ("rtsp://10.0.0.9/a b", None),
        ("rtsp://10.0.0.9/?u=a@b", None),
        ("", None),
    ],
)
def test_a_stream_keeps_port_and_path_and_nothing_else(
    uri: str, place: tuple[int, str] | None
) -> None:
    for inside in (
        f"<trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri>",
        f"<trt:Uri>{uri}</trt:Uri>",
    ):
        found = answers.stream_place(body(inside))
        assert (found and (found.port, found.path.reveal())) == place


def test_services_and_capabilities_keep_paths_only() -> None:
    services = body(
        "<tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl/</tds:Namespace>"
        "<tds:XAddr>http://127.0.0.1:99/onvif/Media</tds:XAddr></tds:Service>"
        "<tds:Service><tds:Namespace>odd</tds:Namespace><tds:XAddr>http://[x/</tds:XAddr>"
        "</tds:Service>"
    )
    older = body(
        "<tds:Capabilities><tt:Media><tt:XAddr>http://10.0.0.9/onvif/Media</tt:XAddr></tt:Media>"
        "</tds:Capabilities>"
    )
    assert (
        answers.services(services) == answers.capabilities(older) == {answers.MEDIA: "/onvif/Media"}
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (fault("NotAuthorized"), Reason.AUTH_FAILED),
        (fault("FailedAuthentication"), Reason.AUTH_FAILED),
        (fault("ActionNotSupported"), Reason.UNSUPPORTED),
        (envelope("<s:Fault><faultcode>wsse:FailedAuthentication</faultcode></s:Fault>"),
         Reason.AUTH_FAILED),
        (envelope("<tds:OtherResponse/>"), Reason.BAD_ANSWER),
        (envelope(""), Reason.BAD_ANSWER),
        (b"<html><body>It works</body></html>", Reason.NOT_ONVIF),
        (b"", Reason.NOT_ONVIF),
        (b"\x00\xff\xfe", Reason.NOT_ONVIF),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', Reason.NOT_ONVIF),
        (b" " * (MAX_XML_BYTES + 1), Reason.BAD_ANSWER),
    ],
)  # fmt: skip
def test_what_is_no_answer_has_a_reason(content: bytes, reason: Reason) -> None:
    with pytest.raises(GatewayError) as raised:
        body_of(content, "Get")
    assert raised.value.code == reason


def test_entities_are_never_expanded() -> None:
    inside = envelope("<tds:GetResponse><tds:Model>&b;</tds:Model></tds:GetResponse>")
    for dtd in (
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
    ):
        with pytest.raises(GatewayError, match="BAD_ANSWER"):
            body_of(dtd + inside, "Get")


def test_a_tower_of_elements_is_cut() -> None:
    tower = "<a>" * 100_000
    with pytest.raises(GatewayError):
        body_of(envelope(tower), "Get")


READERS = (
    answers.camera_time, answers.device_information, answers.services, answers.capabilities,
    answers.profiles, answers.stream_place, answers.preset_count,
)  # fmt: skip
WORDS = (
    "SystemDateAndTime", "UTCDateTime", "Date", "Time", "Year", "Hour", "Profiles", "Encoding",
    "Configurations", "VideoEncoder", "Resolution", "Width", "RateControl", "FrameRateLimit",
    "Service", "XAddr", "Namespace", "Capabilities", "Media", "MediaUri", "Uri", "Model", "Preset",
)  # fmt: skip
TEXTS = st.text(max_size=40).map(
    lambda text: "".join(c for c in text if c.isalnum() or c in ":/.[]")
)


def elements(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, parts: f'<tt:{name} token="{len(parts)}">{"".join(parts)}</tt:{name}>',
        st.sampled_from(WORDS), st.lists(inside, max_size=4),
    )  # fmt: skip


@given(st.recursive(TEXTS, elements, max_leaves=30))
def test_no_tree_of_known_words_trips_a_reader(inside: str) -> None:
    tree = body(inside)
    for read in READERS:
        read(tree)


@given(st.binary(max_size=500))
def test_random_bytes_raise_the_designed_error_only(data: bytes) -> None:
    for content in (data, envelope("<tds:GetResponse>").replace(b"</s:Body>", data)):
        try:
            tree = body_of(content, "Get")
        except GatewayError:
            continue
        for read in READERS:
            read(tree)


@given(st.text(max_size=30))
def test_numbers_are_bounded(text: str) -> None:
    assert 0 <= number(text, 100) <= 100
