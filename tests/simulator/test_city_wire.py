"""What the city puts on the wire: starts, faults, sharing, bounds, and a clean end."""

import asyncio
import json
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, Faults, Mode, RtspAuth, city_of

from .rtsp_client import Client

IDR, SPS = 5, 7


NO_FAULTS = Faults()


def open_camera(number: int = 1, faults: Faults = NO_FAULTS, audio: bool = False) -> CameraSpec:
    return CameraSpec(number, rtsp_auth=RtspAuth.NONE, faults=faults, audio_track=audio)


@asynccontextmanager
async def playing(spec: CameraSpec) -> AsyncIterator[tuple[City, Client]]:
    async with City(CitySpec((spec,))) as city:
        client = await Client.connect(city.cameras[0])
        try:
            yield city, await client.play()
        finally:
            await client.close()


async def test_a_stream_starts_with_parameter_sets_and_a_keyframe() -> None:
    async with playing(open_camera()) as (city, client):
        first, second = await client.frames(2)
        assert [packet.nal_kind for packet in first[:2]] == [SPS, IDR]
        numbers = [packet.sequence for packet in (*first, *second)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        ticks = second[0].timestamp - first[0].timestamp
        assert ticks % 6000 == 0
        assert ticks > 0
        assert city.setups(1) == {"track1": 1}


async def test_a_second_reader_gets_its_own_keyframe_at_once() -> None:
    async with playing(open_camera()) as (city, client):
        await client.frames(3)
        second = await (await Client.connect(city.cameras[0])).play()
        first_frame = (await second.frames(1))[0]
        assert first_frame[0].nal_kind == SPS
        assert city.connections(1) == 2
        await second.close()


async def test_receiver_reports_keep_alive_and_pause() -> None:
    async with playing(open_camera()) as (city, client):
        client.writer.write(b"$\x01\x00\x08" + bytes(8))
        assert " 200 " in await client.ask("GET_PARAMETER")
        assert city.meter.totals()["simulator_receiver_reports"] == 1
        assert " 200 " in await client.ask("PAUSE")
        assert " 200 " in await client.ask("TEARDOWN")
        assert await client.reader.read() == b""


async def test_audio_setups_are_counted() -> None:
    async with City(CitySpec((open_camera(audio=True),))) as city:
        client = await Client.connect(city.cameras[0])
        await client.ask("SETUP", "/track2", "Transport: RTP/AVP/TCP;interleaved=2-3")
        assert city.setups(1) == {"track2": 1}
        await client.close()


async def test_drop_after() -> None:
    async with playing(open_camera(faults=Faults(drop_after=3))) as (_, client):
        await client.frames(3)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await client.frames(1)


async def test_stall_after() -> None:
    async with playing(open_camera(faults=Faults(stall_after=2))) as (_, client):
        await client.frames(2)
        # The connection still answers although no frame comes any more.
        assert " 200 " in await client.ask("GET_PARAMETER")
        assert client.early == []


async def test_garbage_is_well_framed() -> None:
    async with playing(open_camera(faults=Faults(garbage_every=1))) as (_, client):
        packets = [await client.packet() for _ in range(6)]
    assert [len(packet.data) for packet in packets[:3]] == [600, 0, 3]
    assert packets[3].nal_kind == SPS


async def test_parameter_sets_change_under_way() -> None:
    faults = Faults(new_parameter_sets_after=2)
    async with playing(open_camera(faults=faults)) as (_, client):
        frames = await client.frames(6)
    sets = {frame[0].data for frame in frames if frame[0].nal_kind == SPS}
    assert len({data[12:] for data in sets}) == 2


async def test_dead_cameras_have_no_listener() -> None:
    spec = CitySpec((open_camera(1), open_camera(2, Faults(dead=True))))
    async with City(spec) as city:
        for port in (city.rtsp_port, city.onvif_port):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(city.cameras[1].host, port)


async def test_malformed_bytes_are_answered_and_counted() -> None:
    async with City(city_of(1)) as city:
        camera = city.cameras[0]
        for port, answer in (
            (camera.rtsp_port, b"RTSP/1.0 400"),
            (camera.onvif_port, b"HTTP/1.1 400"),
        ):
            reader, writer = await asyncio.open_connection(camera.host, port)
            writer.write(b"\x16\x03\x01 nonsense\r\n\r\n")
            assert (await reader.read()).startswith(answer)
            writer.close()
        totals = city.meter.totals()
    assert totals["simulator_rtsp_malformed"] == totals["simulator_http_malformed"] == 1


async def test_snapshot_needs_a_login() -> None:
    async with City(city_of(1)) as city:
        reader, writer = await asyncio.open_connection(city.cameras[0].host, city.onvif_port)
        writer.write(b"GET /snapshot.jpg HTTP/1.1\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.count(b"WWW-Authenticate: Digest") == 2


async def test_a_taken_port_is_a_clear_error() -> None:
    async with City(city_of(2)) as city:
        spec = CitySpec(city.spec.cameras, rtsp_port=city.rtsp_port)
        with pytest.raises(GatewayError, match="PORT_IN_USE"):
            async with City(spec):
                pass


async def test_shared_cameras_send_the_same_frames_and_leave_nothing_behind() -> None:
    cameras = tuple(open_camera(number) for number in range(1, 6))
    spec = CitySpec(cameras, Mode.SHARED, scenes=2, loop_s=2)
    async with City(spec) as city:
        clients = [await (await Client.connect(camera)).play() for camera in city.cameras]
        frames = [(await client.frames(1))[0] for client in clients]
        assert all(frame[0].nal_kind == SPS for frame in frames)
        # Cameras 1, 3 and 5 share a scene; 2 and 4 the other.
        bodies = [b"".join(packet.data[12:] for packet in frame) for frame in frames]
        assert len(set(bodies)) in (2, 3, 4)
        long_run = await clients[0].frames(32)
        numbers = [packet.sequence for frame in long_run for packet in frame]
        assert numbers == [(numbers[0] + at) & 0xFFFF for at in range(len(numbers))]
        for client in clients:
            await client.close()
    ours = ("simulator", "recorder")
    assert not [each.name for each in threading.enumerate() if each.name.startswith(ours)]


PROGRAM = """
from cctv_gateway.simulator.process import ready_line, simulate_forever
from cctv_gateway.simulator.spec import city_of
simulate_forever(city_of(3), lambda city: print(ready_line(city), flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_program_tells_when_it_is_ready_and_ends_on_a_signal(
    number: signal.Signals,
) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    async with asyncio.timeout(20):
        ready = json.loads(await program.stdout.readline())
    assert [camera["host"] for camera in ready["cameras"]][2] == "127.20.0.3"
    assert ready["rtsp_port"] > 0
    program.send_signal(number)
    async with asyncio.timeout(1):
        assert await program.wait() == 0
