"""The ONVIF library that the gateway uses talks to the simulated cameras."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFAuthError, ONVIFError
from zeep.exceptions import Fault

from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.spec import (
    DEFAULT_PASSWORD,
    DEFAULT_USER,
    CameraSpec,
    CitySpec,
    Faults,
    OnvifAuth,
)


@asynccontextmanager
async def client(
    spec: CameraSpec, password: str = DEFAULT_PASSWORD, adjust_time: bool = False
) -> AsyncIterator[Any]:
    async with City(CitySpec((spec,))) as city:
        camera = ONVIFCamera(
            city.cameras[0].host, city.onvif_port, DEFAULT_USER, password,
            adjust_time=adjust_time,
        )  # fmt: skip
        try:
            await camera.update_xaddrs()
            yield camera
        finally:
            await camera.close()


@pytest.mark.parametrize("kind", [OnvifAuth.TOKEN, OnvifAuth.BOTH])
async def test_device_and_media(kind: OnvifAuth) -> None:
    async with client(CameraSpec(5, onvif_auth=kind)) as camera:
        device = await camera.create_devicemgmt_service()
        information = await device.GetDeviceInformation()
        assert information.SerialNumber == "SIM00000005"
        assert len(await device.GetScopes()) == 8
        assert (await device.GetHostname()).Name == "camera-5"
        assert (await device.GetNetworkInterfaces())[0].Info.HwAddress == "02:00:5e:00:00:05"
        media = await camera.create_media_service()
        profiles = await media.GetProfiles()
        sizes = {
            profile.token: profile.VideoEncoderConfiguration.Resolution.Width
            for profile in profiles
        }
        assert sizes == {"profile_main": 1920, "profile_sub": 640}
        answer = await media.GetStreamUri(
            {
                "StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}},
                "ProfileToken": "profile_sub",
            }
        )
        assert answer.Uri.startswith("rtsp://127.20.0.5:")
        assert answer.Uri.endswith("/sub")
        assert len(await media.GetVideoSources()) == 1
        assert len(await media.GetVideoEncoderConfigurations()) == 2
        await media.SetSynchronizationPoint({"ProfileToken": "profile_sub"})
