"""ONVIF requests, good and broken, without sockets."""

import base64
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.model import Profile
from cctv_gateway.simulator import soap
from cctv_gateway.simulator.auth import Doorman
from cctv_gateway.simulator.city import OPERATIONS
from cctv_gateway.simulator.http_messages import MAX_HEAD_BYTES, HttpReader, HttpRequest
from cctv_gateway.simulator.identity import identify
from cctv_gateway.simulator.onvif_device import OnvifCamera, OnvifDevice
from cctv_gateway.simulator.ptz import MAX_PRESETS, Head, Position
from cctv_gateway.simulator.spec import (
    DEFAULT_PASSWORD,
    DEFAULT_USER,
    CameraSpec,
    OnvifAuth,
)

URLS = {Profile.MAIN: "rtsp://127.20.0.3:8554/main", Profile.SUB: "rtsp://127.20.0.3:8554/sub"}


def device(
    kind: OnvifAuth = OnvifAuth.TOKEN, keyframes: list[Profile] | None = None
) -> OnvifDevice:
    clock = ManualClock()
    spec = CameraSpec(3, onvif_auth=kind)
    wanted = keyframes if keyframes is not None else []
    camera = OnvifCamera(
        spec, identify(spec), Head(3, clock), Doorman("street camera", b"secret"), clock,
        Meter(clock), 8080, URLS, wanted.append,
    )  # fmt: skip
    return OnvifDevice(camera, OPERATIONS)


def token(made: OnvifDevice, skew_s: float = 0.0, password: str = DEFAULT_PASSWORD) -> str:
    created = (made.camera.now() + timedelta(seconds=skew_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    nonce = b"0123456789abcdef"
    digest = hashlib.sha1(nonce + created.encode() + password.encode()).digest()
    return (
        f'<w:Security xmlns:w="{soap.SECURITY}" xmlns:u="{soap.UTILITY}"><w:UsernameToken>'
        f"<w:Username>{DEFAULT_USER}</w:Username>"
        f"<w:Password>{base64.b64encode(digest).decode()}</w:Password>"
        f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce>"
        f"<u:Created>{created}</u:Created></w:UsernameToken></w:Security>"
    )


def post(made: OnvifDevice, body: str, header: str = "", **headers: str) -> tuple[int, str]:
    text = (
        f'<s:Envelope xmlns:s="{soap.SOAP}"><s:Header>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
    response = made.answer(HttpRequest("POST", "/onvif/service", headers, text.encode()))
    assert response is not None
    etree.fromstring(response.body)
    return response.status, response.body.decode()


def call(space: str, name: str, inside: str = "") -> str:
    return f'<{name} xmlns="{space}">{inside}</{name}>'


MAIN = "<ProfileToken>profile_main</ProfileToken>"
ALL_CALLS = [
    *((space, name, MAIN) for space, name in OPERATIONS if name != "GotoPreset"),
    (soap.PTZ, "GotoPreset", "<PresetToken>P2</PresetToken>"),
]


@pytest.mark.parametrize(("space", "name", "inside"), ALL_CALLS)
def test_every_operation_answers_well_formed(space: str, name: str, inside: str) -> None:
    made = device()
    status, body = post(made, call(space, name, inside), token(made))
    assert status == 200
    assert f":{name}Response" in body


def test_time_needs_no_login_and_the_rest_does() -> None:
    made = device()
    assert post(made, call(soap.DEVICE, "GetSystemDateAndTime"))[0] == 200
    status, body = post(made, call(soap.DEVICE, "GetDeviceInformation"))
    assert (status, "ter:NotAuthorized" in body) == (400, True)


@pytest.mark.parametrize(
    ("skew_s", "password", "status"),
    [(0, DEFAULT_PASSWORD, 200), (4, DEFAULT_PASSWORD, 200), (-6, DEFAULT_PASSWORD, 400),
     (7, DEFAULT_PASSWORD, 400), (0, "wrong", 400)],
)  # fmt: skip
def test_tokens(skew_s: float, password: str, status: int) -> None:
    made = device()
    body = call(soap.DEVICE, "GetDeviceInformation")
    assert post(made, body, token(made, skew_s, password))[0] == status


def test_digest_only_cameras_challenge_even_a_good_token() -> None:
    made = device(OnvifAuth.DIGEST)
    text = f'<s:Envelope xmlns:s="{soap.SOAP}"><s:Body>{call(soap.MEDIA, "GetProfiles")}</s:Body>'
    request = HttpRequest("POST", "/onvif/media_service", {}, (text + "</s:Envelope>").encode())
    response = made.answer(request)
    assert response is not None
    assert response.status == 401
    assert [name for name, _ in response.headers] == ["WWW-Authenticate"] * 2


def test_media2_names_the_same_streams() -> None:
    made = device()
    body = call(soap.MEDIA2, "GetStreamUri", "<Protocol>RtspUnicast</Protocol>" + MAIN)
    assert URLS[Profile.MAIN] in post(made, body, token(made))[1]


@pytest.mark.parametrize("space", [soap.MEDIA, soap.MEDIA2])
def test_synchronization_point_asks_for_a_keyframe(space: str) -> None:
    keyframes: list[Profile] = []
    made = device(keyframes=keyframes)
    post(made, call(space, "SetSynchronizationPoint", MAIN), token(made))
    assert keyframes == [Profile.MAIN]


@pytest.mark.parametrize(
    ("space", "name", "inside", "fault"),
    [
        (soap.MEDIA, "GetStreamUri", "<ProfileToken>no</ProfileToken>", "ter:NoProfile"),
        (soap.PTZ, "GotoPreset", "<PresetToken>P77</PresetToken>", "ter:NoToken"),
        (soap.PTZ, "AbsoluteMove", '<PanTilt x="9" y="0"/>', "ter:InvalidPosition"),
        (soap.PTZ, "ContinuousMove", '<PanTilt x="nan" y="0"/>', "ter:InvalidPosition"),
        (soap.PTZ, "ContinuousMove", '<PanTilt x="left" y="0"/>', "ter:InvalidPosition"),
        (soap.DEVICE, "SystemReboot", "", "ter:ActionNotSupported"),
        (soap.MEDIA, "GetAudioSources", "", "ter:ActionNotSupported"),
    ],
)
def test_faults(space: str, name: str, inside: str, fault: str) -> None:
    made = device()
    status, body = post(made, call(space, name, inside), token(made))
    assert status in (400, 500)
    assert fault in body


def test_presets_are_bounded() -> None:
    made = device()
    bodies = [post(made, call(soap.PTZ, "SetPreset"), token(made))[1] for _ in range(MAX_PRESETS)]
    assert "PresetToken>P32<" in "".join(bodies)
    assert "ter:TooManyPresets" in bodies[-1]


async def test_a_continuous_move_ends_with_its_timeout() -> None:
    clock = ManualClock()
    head = Head(3, clock)
    head.go(Position())
    head.move(Position(pan=1.0), timeout_s=2.0)
    await clock.advance(1.0)
    assert head.moving()
    assert head.position().pan == pytest.approx(0.2)
    await clock.advance(5.0)
    assert not head.moving()
    assert head.position().pan == pytest.approx(0.4)


ENTITY = f'<!DOCTYPE x [<!ENTITY a "b">]><s:Envelope xmlns:s="{soap.SOAP}"/>'.encode()
PIECES = [
    b"<s:Envelope xmlns:s='" + soap.SOAP.encode() + b"'>", b"<s:Body>", b"</s:Body>",
    b"</s:Envelope>", b"<GetProfiles xmlns='" + soap.MEDIA.encode() + b"'/>", b"<!--", b"-->",
    b"<?x y?>", b"\xff\xfe", b"<!DOCTYPE a>", b"<a>" * 300,
]  # fmt: skip


@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join),
        st.just(ENTITY),
    )
)
@settings(max_examples=150, deadline=None)
def test_broken_bodies_end_in_a_fault(body: bytes) -> None:
    response = device().answer(HttpRequest("POST", "/onvif/device_service", {}, body))
    assert response is not None
    assert response.status in (400, 500)
    assert b"Fault" in response.body


@pytest.mark.parametrize(
    "data",
    [
        b"A" * MAX_HEAD_BYTES,
        b"POST /x\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nbad\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + b"a: b\r\n" * 80 + b"\r\n",
    ],
)
def test_malformed_http(data: bytes) -> None:
    with pytest.raises(GatewayError, match="HTTP_MALFORMED"):
        HttpReader().feed(data)


@given(data=st.binary(max_size=300), cut=st.integers(0, 300))
@settings(max_examples=100, deadline=None)
def test_random_http_ends_in_requests_or_the_designed_error(data: bytes, cut: int) -> None:
    reader, code = HttpReader(), "HTTP_MALFORMED"
    try:
        reader.feed(b"POST /onvif HTTP/1.1\r\n" + data[:cut])
        reader.feed(data[cut:] + b"\r\n\r\n")
    except GatewayError as error:
        code = error.code
    assert code == "HTTP_MALFORMED"
