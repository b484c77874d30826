"""`cctv-gateway simulate`: runs a simulated city until it is told to stop.

Cameras, scenes and servers are the simulator's; here is only what is printed.
"""

from datetime import timedelta

from rich.table import Table

from cctv_gateway.cli.lifetime import end_with_parent
from cctv_gateway.cli.screen import Exit, out
from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.process import ready_line, simulate_forever
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, Mode


def run_city(
    cameras: int,
    *,
    shared: bool,
    rtsp_port: int,
    onvif_port: int,
    discovery_port: int,
    shift_s: float,
    as_json: bool,
) -> Exit:
    spec = CitySpec(
        tuple(CameraSpec(number) for number in range(1, cameras + 1)),
        Mode.SHARED if shared else Mode.LIVE,
        rtsp_port=rtsp_port,
        onvif_port=onvif_port,
        discovery_port=discovery_port,
    )
    if as_json:
        end_with_parent()
    on_ready = _print_line if as_json else _print_table
    simulate_forever(spec, on_ready, timedelta(seconds=shift_s))
    return Exit.OK


def _print_line(city: City) -> None:
    print(ready_line(city), flush=True)  # noqa: T201 - one plain line for programs


def _print_table(city: City) -> None:
    table = Table("camera", "name", "RTSP", "ONVIF")
    for camera in city.cameras[:40]:
        table.add_row(
            str(camera.number),
            camera.name,
            camera.url(),
            f"http://{camera.host}:{city.onvif_port}/onvif/device_service",
        )
    out.print(table)
    if len(city.cameras) > 40:
        out.print(f"… and {len(city.cameras) - 40} more")
    first = city.cameras[0].credentials
    out.print(
        f"user {first.user.reveal()}, password {first.password.reveal()}; Ctrl-C ends the city"
    )
