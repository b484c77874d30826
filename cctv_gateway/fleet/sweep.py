"""Walks over CIDR ranges and knocks at the ONVIF ports of every host, slowly enough for any link.

Networks without multicast (routed VPNs) are searched this way; what stands behind an open port is
asked in `enrol.py`.
"""

import asyncio
import errno
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.fleet.pace import Pace
from cctv_gateway.fleet.reasons import Reason

# Five districts of a /22 each are 5,110 hosts.
MAX_HOSTS = 8192
# 80 and 8080 nearly everywhere, 2020 TP-Link, 8000 Hikvision's own and many re-brands.
ONVIF_PORTS = (80, 8080, 2020, 8000)
CONNECT_TIMEOUT_S = 2.0
CONCURRENCY = 256
CONNECTS_PER_S = 800.0

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """How wide, how fast and how patiently a sweep goes."""

    max_hosts: int = MAX_HOSTS
    concurrency: int = CONCURRENCY
    connects_per_s: float = CONNECTS_PER_S
    connect_timeout_s: float = CONNECT_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Knock:
    """What one host did at its ports: an open port, or the best reason why there is none."""

    host: str
    port: int | None
    reason: Reason | None


OnKnock = Callable[[Sequence[Knock]], None]


def parse_networks(texts: Sequence[str], max_hosts: int = MAX_HOSTS) -> tuple[Network, ...]:
    """The networks in CIDR notation; raises `GatewayError` for nonsense and for too many."""
    networks = tuple(_network(text) for text in texts)
    total = sum(one.num_addresses for one in networks)
    # The two addresses of a network that belong to no host are not worth an exact sum.
    if total > max_hosts + 2 * len(networks):
        raise GatewayError(
            ErrorKind.BAD_REQUEST,
            "RANGE_TOO_LARGE",
            f"These networks have {total:,} addresses; at most {max_hosts:,} are searched at once. "
            "Give smaller ranges, such as a /22.",
            f"네트워크 주소가 {total:,}개입니다. 한 번에 {max_hosts:,}개까지 검색합니다. "
            "/22처럼 더 작은 범위를 지정하십시오.",
        )
    return networks


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise GatewayError(
            ErrorKind.BAD_REQUEST,
            "RANGE_INVALID",
            "A network is not in CIDR notation; write it like 10.20.0.0/24.",
            "네트워크가 CIDR 표기가 아닙니다. 10.20.0.0/24처럼 적으십시오.",
        ) from error


def hosts_of(networks: Sequence[Network]) -> tuple[str, ...]:
    """Every host once, in order."""
    return tuple(dict.fromkeys(str(host) for network in networks for host in network.hosts()))


def allowed(host: str, networks: Sequence[Network]) -> bool:
    """Whether a scan of `networks` may touch `host`; without networks, every neighbour."""
    if not networks:
        return True
    address = ipaddress.ip_address(host)
    return any(address in network for network in networks)


async def sweep(
    hosts: Sequence[str], ports: Sequence[int], limits: Limits, clock: Clock, on_knock: OnKnock
) -> None:
    """Tell of every host: one `Knock` for each open port, or one with a reason for none."""
    pace = Pace(clock, limits.connects_per_s)
    waiting = iter(hosts)

    async def work() -> None:
        for host in waiting:
            on_knock(await _knock(host, ports, limits, pace))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(limits.concurrency, len(hosts))):
            group.create_task(work())


async def _knock(host: str, ports: Sequence[int], limits: Limits, pace: Pace) -> tuple[Knock, ...]:
    """All ports at once, since a firewalled one takes the whole timeout."""

    async def one(port: int) -> Reason | None:
        await pace.turn()
        return await knock(host, port, limits.connect_timeout_s)

    async with asyncio.TaskGroup() as group:
        tasks = {port: group.create_task(one(port)) for port in ports}
    reasons = {port: task.result() for port, task in tasks.items()}
    opened = tuple(Knock(host, port, None) for port in ports if reasons[port] is None)
    return opened or (Knock(host, None, _telling(tuple(reasons.values()))),)


def _telling(reasons: Sequence[Reason | None]) -> Reason:
    """A refusal proves that a host is there; silence proves nothing."""
    for reason in (Reason.REFUSED, Reason.FIREWALLED):
        if reason in reasons:
            return reason
    return Reason.NO_ANSWER


async def knock(host: str, port: int, timeout_s: float) -> Reason | None:
    """Connect and hang up; None when the port is open."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Reason.FIREWALLED
    except OSError as error:
        return reason_of(error)
    writer.transport.abort()
    return None


def reason_of(error: OSError) -> Reason:
    """Why a connection failed."""
    if isinstance(error, ConnectionRefusedError | ConnectionResetError):
        return Reason.REFUSED
    if error.errno in (errno.ETIMEDOUT, errno.EPERM, errno.EACCES):
        return Reason.FIREWALLED
    return Reason.NO_ANSWER
