"""The ONVIF library that the gateway uses talks to the simulated cameras."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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


async def test_presets_and_moves() -> None:
    async with client(CameraSpec(6)) as camera:
        ptz = await camera.create_ptz_service()
        assert len(await ptz.GetNodes()) == 1
        assert len(await ptz.GetConfigurations()) == 1
        presets = await ptz.GetPresets({"ProfileToken": "profile_main"})
        assert [preset.token for preset in presets] == ["P1", "P2", "P3", "P4", "P5"]
        await ptz.GotoPreset({"ProfileToken": "profile_main", "PresetToken": "P3"})
        status = await ptz.GetStatus({"ProfileToken": "profile_main"})
        wanted = presets[2].PTZPosition
        assert (status.Position.PanTilt.x, status.Position.Zoom.x) == (
            wanted.PanTilt.x,
            wanted.Zoom.x,
        )
        await ptz.AbsoluteMove(
            {
                "ProfileToken": "profile_main",
                "Position": {"PanTilt": {"x": 0.25, "y": -0.5}, "Zoom": {"x": 0.125}},
            }
        )
        made = await ptz.SetPreset({"ProfileToken": "profile_main", "PresetName": "Gate"})
        assert made == "P6"
        await ptz.ContinuousMove(
            {"ProfileToken": "profile_main", "Velocity": {"PanTilt": {"x": 0.5, "y": 0.0}}}
        )
        moving = await ptz.GetStatus({"ProfileToken": "profile_main"})
        assert moving.MoveStatus.PanTilt == "MOVING"
        await ptz.Stop({"ProfileToken": "profile_main"})
        still = await ptz.GetStatus({"ProfileToken": "profile_main"})
        assert still.MoveStatus.PanTilt == "IDLE"
        with pytest.raises(Fault):
            await ptz.GotoPreset({"ProfileToken": "profile_main", "PresetToken": "P99"})


async def test_wrong_password_is_a_fault() -> None:
    spec = CameraSpec(7, onvif_auth=OnvifAuth.TOKEN, faults=Faults(wrong_password=True))
    async with client(spec) as camera:
        device = await camera.create_devicemgmt_service()
        with pytest.raises((Fault, ONVIFError, ONVIFAuthError), match="not authorized"):
            await device.GetDeviceInformation()


async def test_token_from_another_time_is_refused_until_the_offset_is_added() -> None:
    spec = CameraSpec(8, onvif_auth=OnvifAuth.TOKEN, clock_offset_s=-3600.0)
    async with client(spec) as camera:
        device = await camera.create_devicemgmt_service()
        with pytest.raises((Fault, ONVIFError), match="not authorized"):
            await device.GetDeviceInformation()
    async with client(spec, adjust_time=True) as camera:
        device = await camera.create_devicemgmt_service()
        assert (await device.GetDeviceInformation()).Model


async def test_camera_without_ptz_offers_none() -> None:
    async with client(CameraSpec(10, ptz=False)) as camera:
        device = await camera.create_devicemgmt_service()
        spaces = [service.Namespace for service in await device.GetServices(False)]
        assert not any("ptz" in space for space in spaces)
        assert len(spaces) == 3
