"""Inspection of real simulated cameras, and of hosts that are anything but cameras."""

import asyncio
import gzip
import logging
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.redact import Redacted
from cctv_gateway.fleet.answers import StreamPlace, StreamProfile
from cctv_gateway.fleet.enrol import Inspection, Login, Patience, choose_streams, inspect
from cctv_gateway.fleet.onvif_client import AuthMode, Place
from cctv_gateway.fleet.onvif_library import OnvifLibrary
from cctv_gateway.fleet.reasons import Reason
from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, Faults, OnvifAuth
from tests.fleet.devices import device, envelope, fault, http, login
from tests.fleet.test_sweep import firewalled

SOON = Patience(call_s=0.3, inspect_s=1.0)
BOTH, DIGEST, TOKEN, AHEAD, LOCKED, LOCKED_TOKEN = 301, 302, 303, 304, 305, 306


def spec() -> CitySpec:
    wrong = Faults(wrong_password=True)
    return CitySpec(
        (
            CameraSpec(BOTH),
            CameraSpec(DIGEST, onvif_auth=OnvifAuth.DIGEST, ptz=False),
            CameraSpec(TOKEN, onvif_auth=OnvifAuth.TOKEN),
            CameraSpec(AHEAD, onvif_auth=OnvifAuth.TOKEN, clock_offset_s=3600.0),
            CameraSpec(LOCKED, faults=wrong),
            CameraSpec(LOCKED_TOKEN, onvif_auth=OnvifAuth.TOKEN, faults=wrong),
        )
    )


@pytest.fixture
async def city() -> AsyncIterator[City]:
    async with City(spec()) as running:
        yield running


async def look(
    place: Place, *logins: Login, known: AuthMode = AuthMode.UNKNOWN, patience: Patience = SOON
) -> Inspection:
    return await inspect(place, logins, OnvifLibrary(), SystemClock(), known, patience)


async def visit(
    city: City, number: int, *logins: Login, known: AuthMode = AuthMode.UNKNOWN
) -> Inspection:
    camera = next(one for one in city.cameras if one.number == number)
    place = Place(camera.host, camera.onvif_port)
    return await look(place, *logins, known=known, patience=Patience())


async def test_a_camera_tells_all(city: City) -> None:
    seen = await visit(city, BOTH, login())
    assert (seen.reason, seen.auth, seen.login) == (None, AuthMode.DIGEST, "demo")
    assert seen.information.serial == f"SIM{BOTH:08}"
    assert seen.main is not None
    assert seen.sub is not None
    assert (seen.main.width, seen.main.height, seen.main.fps) == (1920, 1080, 15.0)
    assert (seen.sub.width, seen.sub.height) == (640, 360)
    assert seen.main.stream == StreamPlace(city.rtsp_port, Redacted("/main"))
    assert seen.sub.stream == StreamPlace(city.rtsp_port, Redacted("/sub"))
    assert (seen.ptz, seen.presets) == (True, 5)
    assert seen.clock_offset_s == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize(
    ("number", "auth", "offset_s", "ptz"),
    [
        (DIGEST, AuthMode.DIGEST, 0.0, False),
        (TOKEN, AuthMode.TOKEN, 0.0, True),
        (AHEAD, AuthMode.TOKEN, 3600.0, True),
    ],
)
async def test_ways_of_logging_in_and_clocks(
    city: City, number: int, auth: AuthMode, offset_s: float, ptz: bool
) -> None:
    seen = await visit(city, number, login())
    assert (seen.reason, seen.auth, seen.ptz) == (None, auth, ptz)
    assert seen.clock_offset_s == pytest.approx(offset_s, abs=1.0)


@pytest.mark.parametrize("number", [LOCKED, LOCKED_TOKEN])
async def test_a_wrong_password_is_tried_exactly_once(city: City, number: int) -> None:
    seen = await visit(city, number, login())
    assert (seen.reason, seen.refused, seen.login) == (Reason.AUTH_FAILED, ("demo",), None)
    assert seen.clock_offset_s is not None
    # One fault for the request without a login, one for the password.
    assert city.meter.totals()["simulator_onvif_faults"] == 2


async def test_the_way_that_worked_before_goes_first(city: City) -> None:
    await visit(city, TOKEN, login(), known=AuthMode.TOKEN)
    assert "simulator_onvif_faults" not in city.meter.totals()


async def test_the_second_login_may_be_the_right_one(city: City) -> None:
    seen = await visit(city, BOTH, login("old", password="was changed"), login())
    assert (seen.reason, seen.login, seen.refused) == (None, "demo", ("old",))


async def test_never_more_than_two_passwords(city: City) -> None:
    wrong = [login(f"n{index}", password=f"guess {index}") for index in range(5)]
    seen = await visit(city, BOTH, *wrong)
    assert (seen.reason, seen.refused) == (Reason.AUTH_FAILED, ("n0", "n1"))


async def test_without_a_login_the_camera_is_found_and_says_so(city: City) -> None:
    seen = await visit(city, BOTH)
    assert (seen.reason, seen.main) == (Reason.NO_CREDENTIALS, None)


async def test_nothing_about_a_camera_reaches_the_log(
    city: City, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    handlers = list(logging.getLogger().handlers)
    await visit(city, BOTH, login())
    await visit(city, LOCKED, login())
    assert "127.20" not in caplog.text
    assert logging.getLogger().handlers == handlers


async def test_a_dead_host_is_refused_and_a_firewalled_one_is_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cctv_gateway.fleet.wire.CONNECT_TIMEOUT_S", 0.2)
    async with device(lambda request: None) as port:
        pass
    assert (await look(Place("127.0.0.1", port), login())).reason is Reason.REFUSED
    with firewalled("127.0.0.1") as silent:
        assert (await look(Place("127.0.0.1", silent), login())).reason is Reason.FIREWALLED


HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"<a>" * 500_000


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(b"<html>It works</html>"), Reason.NOT_ONVIF),
        (http(b"", "404 Not Found"), Reason.NOT_ONVIF),
        (http(b"", "302 Found", "Location: http://127.0.0.1:9/"), Reason.NOT_ONVIF),
        (http(b"\x00\x01\x02" * 100), Reason.NOT_ONVIF),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", Reason.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut", Reason.TIMEOUT),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000, Reason.BAD_ANSWER),
        (http(gzip.compress(b" " * 5_000_000), "200 OK", "Content-Encoding: gzip"),
         Reason.BAD_ANSWER),
        (HUGE, Reason.BAD_ANSWER),
        (http(envelope("<tds:HelloResponse/>")), Reason.BAD_ANSWER),
        (None, Reason.TIMEOUT),
        (http(b"", "401 Unauthorized"), Reason.NOT_ONVIF),
        (http(b"", "401 Unauthorized", 'WWW-Authenticate: Basic realm="router"'), Reason.NOT_ONVIF),
        (http(fault("NotAuthorized"), "401 Unauthorized"), Reason.CLOCK_SKEW),
        (http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"'),
         Reason.AUTH_FAILED),
    ],
)  # fmt: skip
async def test_strange_hosts_end_in_a_reason(answer: bytes | None, reason: Reason) -> None:
    async with device(lambda request: answer) as port:
        assert (await look(Place("127.0.0.1", port), login())).reason is reason


async def test_a_slow_drip_is_cut_by_the_clock() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            writer.transport.abort()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert (await look(Place("127.0.0.1", port), login())).reason is Reason.TIMEOUT
        await asyncio.sleep(0.15)


INFORMATION = envelope("<tds:GetDeviceInformationResponse><tds:Model>Old</tds:Model>"
                       "</tds:GetDeviceInformationResponse>")  # fmt: skip
CAPABILITIES = envelope(
    "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>"
    "<tt:XAddr>http://192.0.2.1/onvif/Media</tt:XAddr></tt:Media></tds:Capabilities>"
    "</tds:GetCapabilitiesResponse>"
)
PROFILES = envelope(
    '<trt:GetProfilesResponse><trt:Profiles token="only"><tt:VideoEncoderConfiguration>'
    "<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>704</tt:Width>"
    "<tt:Height>576</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>"
    "</trt:GetProfilesResponse>"
)
STREAM = envelope(
    "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://192.0.2.1:8554/live?ch=1</tt:Uri>"
    "</trt:MediaUri></trt:GetStreamUriResponse>"
)


def old_camera(request: bytes) -> bytes:
    """Profile S of 2012: no GetServices, inner addresses, the time only with a login."""
    known = {
        b"GetDeviceInformation": INFORMATION,
        b"GetCapabilities": CAPABILITIES,
        b"GetProfiles": PROFILES,
        b"GetStreamUri": STREAM,
    }
    if b"UsernameToken" not in request:
        return http(fault("NotAuthorized"), "400 Bad Request")
    found = next((body for name, body in known.items() if b":" + name in request), None)
    return http(found) if found else http(fault("ActionNotSupported"), "500 Error")


async def test_an_old_camera_behind_nat_is_read_at_its_registered_address() -> None:
    async with device(old_camera) as port:
        seen = await look(Place("127.0.0.1", port), login())
    assert (seen.reason, seen.auth, seen.clock_offset_s) == (None, AuthMode.TOKEN, None)
    assert seen.main is not None
    assert seen.main.stream == StreamPlace(8554, Redacted("/live?ch=1"))
    assert seen.sub is None


async def test_a_refusal_by_a_camera_without_a_clock_may_be_the_clocks_fault() -> None:
    async with device(lambda request: http(fault("NotAuthorized"), "400 Bad Request")) as port:
        seen = await look(Place("127.0.0.1", port), login())
    assert seen.reason is Reason.CLOCK_SKEW


async def test_a_camera_without_h264_is_of_no_use() -> None:
    def only_h265(request: bytes) -> bytes:
        return old_camera(request).replace(b"H264", b"H265")

    async with device(only_h265) as port:
        seen = await look(Place("127.0.0.1", port), login())
    assert seen.reason is Reason.UNSUPPORTED
    assert [each.encoding for each in seen.profiles] == ["H265"]


def profile(token: str, width: int, encoding: str = "H264", path: str = "") -> StreamProfile:
    stream = StreamPlace(554, Redacted(path or f"/{token}"))
    return StreamProfile(token, encoding, width, width, 15.0, stream=stream)


def test_main_is_the_largest_and_sub_the_smallest_h264_stream() -> None:
    large, middle, small = profile("l", 1920), profile("m", 1280), profile("s", 640)
    assert choose_streams([middle, small, profile("x", 3840, "H265"), large]) == (large, small)
    assert choose_streams([large]) == (large, None)
    assert choose_streams([large, profile("same", 640, path="/l")]) == (large, None)
    assert choose_streams([large.at(None)]) == (None, None)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.booleans())
async def test_random_answers_end_in_a_reason(parts: list[bytes], as_http: bool) -> None:
    turn = iter(range(10_000))

    def answer(request: bytes) -> bytes:
        part = parts[next(turn) % len(parts)]
        return http(part) if as_http else part + b"\r\n\r\n"

    async with device(answer) as port:
        seen = await look(
            Place("127.0.0.1", port), login(), patience=Patience(call_s=0.02, inspect_s=0.1)
        )
    assert seen.reason in (Reason.NOT_ONVIF, Reason.BAD_ANSWER, Reason.TIMEOUT)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6))
async def test_a_camera_with_flipped_bytes_ends_in_a_reason_or_works(
    flips: list[tuple[int, int]],
) -> None:
    def flipped(request: bytes) -> bytes:
        head, _, body = old_camera(request).partition(b"\r\n\r\n")
        damaged = bytearray(body)
        for place, value in flips:
            damaged[place % len(damaged)] = value
        return head + b"\r\n\r\n" + bytes(damaged)

    async with device(flipped) as port:
        seen = await look(Place("127.0.0.1", port), login())
    assert seen.reason is not None or seen.main is not None


QUIET_IMPORT = """
import logging
from cctv_gateway.fleet.onvif_library import _import_quietly
_import_quietly()
assert logging.getLogger().handlers == [], logging.getLogger().handlers
assert logging.getLogger().level == logging.WARNING
assert logging.getLogger("httpx").level == logging.WARNING
"""


def test_loading_the_library_changes_nobodys_logging() -> None:
    done = subprocess.run([sys.executable, "-c", QUIET_IMPORT], capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()


async def test_schemas_are_parsed_once_for_all_cameras(city: City) -> None:
    from onvif.client import _DOCUMENT_CACHE

    library, clock = OnvifLibrary(), SystemClock()
    await library.warm_up()
    before = {url: id(document) for url, document in _DOCUMENT_CACHE.items()}
    places = [Place(one.host, one.onvif_port) for one in city.cameras]
    await asyncio.gather(*(inspect(place, (login(),), library, clock) for place in places))
    assert {url: id(document) for url, document in _DOCUMENT_CACHE.items()} == before
    assert len(before) >= 4
