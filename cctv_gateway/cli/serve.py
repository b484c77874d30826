"""`cctv-gateway run`: the gateway in the foreground until a signal ends it.

What runs is put together in `app.py`.
"""

from cctv_gateway.app import App, AppSettings
from cctv_gateway.cli.lifetime import run_loop, stop_signal, tame_collector
from cctv_gateway.cli.screen import Exit, err, out
from cctv_gateway.config.problems import ConfigError


def serve(settings: AppSettings) -> Exit:
    try:
        run_loop(_serve(settings))
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), soft_wrap=True, markup=False)
        raise
    return Exit.OK


async def _serve(settings: AppSettings) -> None:
    async with stop_signal() as stop, App(settings) as app:
        tame_collector()
        scheme = "https" if settings.tls_certificate else "http"
        out.print(f"ready at {scheme}://{settings.http_host}:{app.http_port}", soft_wrap=True)
        await stop.wait()
