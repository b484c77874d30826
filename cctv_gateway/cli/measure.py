"""`cctv-gateway bench …`: the words of the benchmarks, with their options and examples.

What they measure, and how, belongs in `bench/`.
"""

from typing import Annotated

import typer

from cctv_gateway.cli.screen import log_to_stderr

bench = typer.Typer(help="Repeatable measurements.", no_args_is_help=True)


@bench.command("relay", epilog="Example: cctv-gateway bench relay --cameras 100 --viewers 100")
def bench_relay(
    cameras: Annotated[int, typer.Option(min=1, max=4095)] = 100,
    viewers: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    seconds: Annotated[float, typer.Option(min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Simulated cameras through the whole gateway to real ICE, DTLS and SRTP receivers."""
    from cctv_gateway.bench.relay import run_bench

    log_to_stderr("error")
    raise typer.Exit(run_bench(cameras, viewers, seconds, as_json=as_json))


@bench.command("city", epilog="Example: cctv-gateway bench city --cameras 1586")
def bench_city(
    cameras: Annotated[int, typer.Option(min=1, max=4095)] = 1586,
    seconds: Annotated[float, typer.Option(min=1)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The simulated city itself, every camera with one reader."""
    from cctv_gateway.bench.city import run_bench

    log_to_stderr("error")
    raise typer.Exit(run_bench(cameras, seconds, as_json=as_json))
