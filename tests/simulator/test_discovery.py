"""Probes reach the city by multicast and directly; rubbish is counted and answered by silence."""

import asyncio
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.discovery import GROUP, parse_probe
from cctv_gateway.simulator.soap import SoapFault
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, Faults


def probe(
    types: str = "dn:NetworkVideoTransmitter", scopes: str = "", message: str = "m1"
) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl">'
        f"<s:Header><a:MessageID>urn:uuid:{message}</a:MessageID></s:Header><s:Body><d:Probe>"
        f"<d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes>"
        "</d:Probe></s:Body></s:Envelope>"
    ).encode()


async def ask(target: tuple[str, int], data: bytes, answers: int) -> list[tuple[str, str]]:
    """Address and text of that many answers."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        asker.bind(("127.0.0.1", 0))
        asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        await loop.sock_sendto(asker, data, target)
        async with asyncio.timeout(5):
            found = [await loop.sock_recvfrom(asker, 8192) for _ in range(answers)]
    return sorted((address[0], text.decode()) for text, address in found)


def city(count: int) -> City:
    cameras = tuple(CameraSpec(number) for number in range(1, count + 1))
    dead = CameraSpec(99, faults=Faults(dead=True))
    return City(CitySpec((*cameras, dead), discovery_port=0))


async def test_multicast_finds_every_living_camera() -> None:
    async with city(3) as running:
        found = await ask((GROUP, running.discovery_port), probe(), 3)
        assert [host for host, _ in found] == ["127.20.0.1", "127.20.0.2", "127.20.0.3"]
        for camera, (_, text) in zip(running.cameras, found, strict=False):
            assert f"<d:XAddrs>{camera.device_url}</d:XAddrs>" in text
            assert "<a:RelatesTo>urn:uuid:m1</a:RelatesTo>" in text
            assert "onvif://www.onvif.org/name/" in text


async def test_directed_probe_asks_one_camera_and_respects_scopes() -> None:
    async with city(2) as running:
        target = ("127.20.0.2", running.discovery_port)
        wanted = probe(scopes="onvif://www.onvif.org/location/city")
        assert len(await ask(target, wanted, 1)) == 1
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.setblocking(False)
            for data in (probe(types="x:Printer"), probe(scopes="onvif://other"), b"\x00rubbish"):
                await loop.sock_sendto(asker, data, target)
            await loop.sock_sendto(asker, probe(message="last"), target)
            async with asyncio.timeout(5):
                text, _ = await loop.sock_recvfrom(asker, 8192)
        assert b"urn:uuid:last" in text
        assert running.meter.totals()["simulator_probe_malformed"] == 1


@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.tuples(st.integers(0, 600), st.binary(min_size=1, max_size=3)).map(
            lambda pair: probe()[: pair[0]] + pair[1] + probe()[pair[0] :]
        ),
    )
)
@settings(max_examples=120, deadline=None)
def test_broken_probes(data: bytes) -> None:
    subcodes: tuple[str, ...] = ("WellFormed",)
    try:
        parse_probe(data)
    except SoapFault as fault:
        subcodes = fault.subcodes
    assert subcodes == ("WellFormed",)


def test_a_probe_without_types_means_every_device() -> None:
    assert parse_probe(probe(types="")) is not None
    with pytest.raises(SoapFault):
        parse_probe(b"x" * 10_000)
