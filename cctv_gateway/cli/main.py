"""The list of commands with their options and examples; each one calls into its own module.

Options are explained here, work is done there; heavy rooms are imported only when needed.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cctv_gateway import __version__
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.cli.measure import bench
from cctv_gateway.cli.screen import Exit, fail, log_to_stderr, out

app = typer.Typer(
    name="cctv-gateway",
    help="One city's cameras for parking enforcement and crime prevention, never mixed.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
user = typer.Typer(help="Accounts of people.", no_args_is_help=True)
audit = typer.Typer(help="The record of who saw what, and why.", no_args_is_help=True)
secret = typer.Typer(help="Camera passwords, kept encrypted.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(audit, name="audit")
app.add_typer(secret, name="secret")
app.add_typer(bench, name="bench")

Config = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="CCTV_GATEWAY_CONFIG", help="The cameras.yaml to use."),
]
Data = Annotated[
    Path,
    typer.Option(
        "--data", "-d", envvar="CCTV_GATEWAY_DATA", help="Folder of the database and the vault."
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        envvar="CCTV_GATEWAY_DATABASE",
        help="SQLAlchemy URL; without it, SQLite in the data folder.",
        show_default=False,
    ),
]


def _level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise typer.BadParameter(f"choose one of {', '.join(LEVELS)}")
    return text


LEVELS = ("debug", "info", "warning", "error")
LogLevel = Annotated[str, typer.Option(callback=_level, help="debug, info, warning or error.")]
MAX_PORT = 65_535

CONFIG = Path("cameras.yaml")
DATA = Path("gateway-data")


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"cctv-gateway {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """One city's cameras for parking enforcement and crime prevention, never mixed."""


@app.command(epilog="Example: cctv-gateway run --config cameras.yaml --port 8443")
def run(
    config: Config = CONFIG,
    data: Data = DATA,
    database: Database = None,
    host: Annotated[str, typer.Option(help="Address of the web server.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=MAX_PORT, help="Port of the web server; 0 picks one.")
    ] = 8443,
    media_port: Annotated[
        int, typer.Option(min=0, max=MAX_PORT, help="UDP port of all pictures; 0 picks one.")
    ] = 8189,
    announce: Annotated[
        list[str] | None,
        typer.Option(
            envvar="CCTV_GATEWAY_ANNOUNCE", help="Address that browsers reach the UDP port at."
        ),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option(
            envvar="CCTV_GATEWAY_ORIGIN", help="Public address, such as https://cctv.example."
        ),
    ] = None,
    metrics_token: Annotated[
        str | None,
        typer.Option(
            envvar="CCTV_GATEWAY_METRICS_TOKEN", help="Lets another machine read /metrics."
        ),
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Certificate chain (PEM); serves https.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(help="Address whose X-Forwarded-For is believed.")
    ] = None,
    log_level: LogLevel = "info",
) -> None:
    """Run the gateway until Ctrl-C or SIGTERM."""
    from cctv_gateway.app import AppSettings
    from cctv_gateway.cli.serve import serve

    log_to_stderr(log_level)
    settings = AppSettings(
        config_file=config,
        data_dir=data,
        database_url=database,
        http_host=host,
        http_port=port,
        media_port=media_port,
        announce=tuple(announce or ()),
        public_origin=origin,
        metrics_token=metrics_token,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        trusted_proxies=tuple(trusted_proxy or ()),
    )
    raise typer.Exit(serve(settings))


@app.command(epilog="Example: cctv-gateway demo --cameras 24 --at 19:58")
def demo(
    cameras: Annotated[int, typer.Option(min=1, max=400, help="Size of the city.")] = 24,
    data: Annotated[Path, typer.Option(help="Folder of the demo's files.")] = Path("demo-data"),
    port: Annotated[
        int, typer.Option(min=0, max=MAX_PORT, help="Web port; the next free one if taken.")
    ] = 8080,
    at: Annotated[
        str | None,
        typer.Option(help="Hour at which the demo's clock begins, such as 19:58 (Seoul)."),
    ] = None,
    log_level: LogLevel = "warning",
) -> None:
    """A simulated city and the gateway, on this machine alone."""
    from cctv_gateway.cli.demo import run_demo

    log_to_stderr(log_level)
    raise typer.Exit(run_demo(cameras, data, port, _hour(at)))


def _hour(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%H:%M")  # noqa: DTZ007 - an hour of the day, without date
    except ValueError as error:
        raise typer.BadParameter("write the hour as HH:MM, such as 19:58") from error


@app.command(epilog="Example: cctv-gateway simulate --cameras 24")
def simulate(
    cameras: Annotated[int, typer.Option(min=1, max=4095, help="How many.")] = 24,
    shared: Annotated[
        bool,
        typer.Option("--shared", help="Share a few scenes (for large cities)."),
    ] = False,
    rtsp_port: Annotated[
        int, typer.Option(min=0, max=MAX_PORT, help="RTSP port of every camera; 0 picks one.")
    ] = 0,
    onvif_port: Annotated[
        int, typer.Option(min=0, max=MAX_PORT, help="ONVIF port of every camera; 0 picks one.")
    ] = 0,
    discovery_port: Annotated[
        int, typer.Option(min=0, max=MAX_PORT, help="UDP port of WS-Discovery; 0 picks one.")
    ] = 3702,
    shift_s: Annotated[
        float, typer.Option(help="Seconds by which the cameras' clocks are ahead.")
    ] = 0.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when all are up.")
    ] = False,
    log_level: LogLevel = "warning",
) -> None:
    """A simulated city: ONVIF and RTSP cameras on loopback addresses."""
    from cctv_gateway.cli.simulate import run_city

    log_to_stderr(log_level)
    raise typer.Exit(
        run_city(
            cameras,
            shared=shared,
            rtsp_port=rtsp_port,
            onvif_port=onvif_port,
            discovery_port=discovery_port,
            shift_s=shift_s,
            as_json=as_json,
        )
    )


@app.command(epilog="Example: cctv-gateway discover -n 10.20.0.0/24 --credentials buk-default")
def discover(
    network: Annotated[
        list[str] | None, typer.Option("--network", "-n", help="CIDR range to sweep; repeatable.")
    ] = None,
    multicast: Annotated[bool, typer.Option(help="Also probe this network by multicast.")] = True,
    credentials: Annotated[
        list[str] | None, typer.Option(help="Names in the vault to try; repeatable.")
    ] = None,
    port: Annotated[
        list[int] | None, typer.Option(help="ONVIF ports to try beside 80; repeatable.")
    ] = None,
    add: Annotated[
        bool, typer.Option("--add", help="Write the new ones into cameras.yaml.")
    ] = False,
    site: Annotated[
        str | None, typer.Option(help="With --add: the site that the new cameras stand at.")
    ] = None,
    config: Config = CONFIG,
    data: Data = DATA,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    log_level: LogLevel = "warning",
) -> None:
    """Find ONVIF cameras and show what each one says of itself."""
    from cctv_gateway.cli.discover import DiscoverOptions, run_discovery

    log_to_stderr(log_level)
    options = DiscoverOptions(
        networks=tuple(network or ()),
        multicast=multicast,
        credentials=tuple(credentials or ()),
        ports=tuple(port or ()),
        add_to_site=(site or "") if add else None,
        config_file=config,
        data_dir=data,
        as_json=as_json,
    )
    raise typer.Exit(run_discovery(options))


@app.command(epilog="Example: cctv-gateway check cameras.yaml && systemctl reload cctv-gateway")
def check(
    file: Annotated[Path, typer.Argument(help="The file to check.")] = CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a cameras.yaml without using it; exit code 1 when something is wrong."""
    from cctv_gateway.cli.check import check_file

    raise typer.Exit(check_file(file, as_json=as_json))


@user.command(
    "add",
    epilog="Example: cctv-gateway user add lee --name 이관제 --role control_operator "
    "--agency control_center",
)
def user_add(
    account: Annotated[str, typer.Argument(help="Login name.")],
    role: Annotated[str, typer.Option(help="Role id, such as control_operator.")],
    agency: Annotated[str, typer.Option(help="District or agency the role is held for.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    config: Config = CONFIG,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Add an account to cameras.yaml and set its password (asked for, or one line on stdin)."""
    from cctv_gateway.cli import users

    raise typer.Exit(users.add(account, role, agency, name, config, data, database))


@user.command("list")
def user_list(config: Config = CONFIG, data: Data = DATA, database: Database = None) -> None:
    """List accounts, their roles, and whether they can log in."""
    from cctv_gateway.cli import users

    raise typer.Exit(users.show(config, data, database))


@user.command("passwd")
def user_passwd(
    account: Annotated[str, typer.Argument(help="Login name.")],
    config: Config = CONFIG,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Set a password (asked for twice, or one line on stdin); logs the person out everywhere."""
    from cctv_gateway.cli import users

    raise typer.Exit(users.passwd(account, config, data, database))


@user.command("disable")
def user_disable(
    account: Annotated[str, typer.Argument(help="Login name.")],
    config: Config = CONFIG,
) -> None:
    """Disable an account; a running gateway cuts its views when it has read the file."""
    from cctv_gateway.cli import users

    raise typer.Exit(users.set_disabled(account, True, config))


@user.command("enable")
def user_enable(
    account: Annotated[str, typer.Argument(help="Login name.")],
    config: Config = CONFIG,
) -> None:
    """Enable an account again."""
    from cctv_gateway.cli import users

    raise typer.Exit(users.set_disabled(account, False, config))


@audit.command("list", epilog="Example: cctv-gateway audit list --account lee --last 20")
def audit_list(
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    camera: Annotated[str | None, typer.Option(help="Only this camera.")] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON record a line.")] = False,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Show the newest audit records."""
    from cctv_gateway.cli import records

    raise typer.Exit(records.show(account, camera, last, data, database, as_json=as_json))


@audit.command("verify")
def audit_verify(data: Data = DATA, database: Database = None) -> None:
    """Check the hash chain; exit code 1 when a record was changed, removed or moved."""
    from cctv_gateway.cli import records

    raise typer.Exit(records.verify(data, database))


@secret.command("set", epilog="Example: cctv-gateway secret set buk-default --user onvif")
def secret_set(
    name: Annotated[str, typer.Argument(help="The name that cameras.yaml uses.")],
    user_name: Annotated[str, typer.Option("--user", help="The camera's user.")],
    data: Data = DATA,
) -> None:
    """Keep a camera user and password (asked for, or one line on stdin)."""
    from cctv_gateway.cli import secrets

    raise typer.Exit(secrets.keep(name, user_name, data))


@secret.command("list")
def secret_list(data: Data = DATA) -> None:
    """List the names, never what they open."""
    from cctv_gateway.cli import secrets

    raise typer.Exit(secrets.show(data))


def main() -> None:
    """Entry point of the script: expected failures become one line and an exit code."""
    try:
        app()
    except GatewayError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
