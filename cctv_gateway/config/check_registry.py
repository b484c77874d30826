"""What cameras, schedules and settings must hold: unique numbers, sound windows, full purposes.

Who may look at them belongs in `check_rules` and `check_roles`.
"""

import ipaddress
import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import date

from cctv_gateway.config.check_references import Check
from cctv_gateway.config.problems import Finding
from cctv_gateway.config.schema import (
    OWN_DISTRICT,
    Configuration,
    Schedule,
    SharingMode,
    Weekday,
    Window,
)
from cctv_gateway.model import REGISTERED_PURPOSES, Polygon, Purpose

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
# A thousandth of a thousandth of the picture: less is a line, whatever was meant.
SMALLEST_MASK = 1e-6


def ids_are_unique(configuration: Configuration) -> Iterator[Finding]:
    for section, ids in (
        ("cameras", [camera.id for camera in configuration.cameras]),
        ("rules", [rule.id for rule in configuration.rules]),
        ("agreements", [agreement.id for agreement in configuration.agreements]),
    ):
        seen: set[str] = set()
        for index, id in enumerate(ids):
            if id in seen:
                yield Finding("DUPLICATE_ID", (section, index, "id"), {"id": id})
            seen.add(id)


def numbers_are_unique(configuration: Configuration) -> Iterator[Finding]:
    seen: dict[int, str] = {}
    for index, camera in enumerate(configuration.cameras):
        other = seen.setdefault(camera.number, camera.id)
        if other != camera.id:
            values = {"id": camera.id, "other": other, "number": str(camera.number)}
            yield Finding("DUPLICATE_NUMBER", ("cameras", index, "number"), values)


def addresses_are_unique(configuration: Configuration) -> Iterator[Finding]:
    """The channels of one recorder share host and port, so the path counts too."""
    seen: dict[tuple[str, int, str], str] = {}
    for index, camera in enumerate(configuration.cameras):
        address = camera.address
        place = (address.host.lower(), address.rtsp_port, camera.streams.main)
        other = seen.setdefault(place, camera.id)
        if other != camera.id:
            values = {"id": camera.id, "other": other}
            yield Finding("DUPLICATE_ADDRESS", ("cameras", index, "address"), values)


def districts_are_no_agencies(configuration: Configuration) -> Iterator[Finding]:
    for id in configuration.agencies:
        if id in configuration.districts:
            yield Finding("AGENCY_IS_DISTRICT", ("agencies", id), {"id": id})
    for section, ids in (
        ("districts", configuration.districts),
        ("agencies", configuration.agencies),
    ):
        if OWN_DISTRICT in ids:
            yield Finding("RESERVED_ID", (section, OWN_DISTRICT), {"id": OWN_DISTRICT})


def cameras_have_what_their_purposes_need(configuration: Configuration) -> Iterator[Finding]:
    for index, camera in enumerate(configuration.cameras):
        path, values = ("cameras", index), {"id": str(camera.id)}
        enforces = Purpose.PARKING_ENFORCEMENT in camera.purposes
        if enforces and camera.enforcement is None:
            yield Finding("ENFORCEMENT_MISSING", (*path, "purposes"), values)
        if camera.enforcement is not None and not enforces:
            yield Finding("ENFORCEMENT_UNUSED", (*path, "enforcement"), values)
        windowed = camera.sharing_mode is SharingMode.TIME_WINDOW
        if windowed and camera.sharing_window is None:
            yield Finding("SHARING_WINDOW_MISSING", (*path, "sharing_mode"), values)
        if camera.sharing_window is not None and not windowed:
            mode = {"mode": camera.sharing_mode.value}
            yield Finding("SHARING_WINDOW_UNUSED", (*path, "sharing_window"), values | mode)


def purposes_are_registrable(configuration: Configuration) -> Iterator[Finding]:
    for index, camera in enumerate(configuration.cameras):
        for purpose, ground in camera.purposes.items():
            path = ("cameras", index, "purposes", purpose.value)
            if purpose not in REGISTERED_PURPOSES:
                yield Finding("PURPOSE_NOT_REGISTRABLE", path, {"purpose": purpose.value})
            for day in ("notice_date", "sign_updated"):
                if getattr(ground, day) > ground.effective_from:
                    yield _reversed((*path, "effective_from"), day, "effective_from")


def _reversed(path: tuple[str | int, ...], first: str, second: str) -> Finding:
    return Finding("DATES_REVERSED", path, {"first": first, "second": second})


def masks_cover_an_area(configuration: Configuration) -> Iterator[Finding]:
    for index, camera in enumerate(configuration.cameras):
        for purpose, polygons in camera.masks.items():
            for place, polygon in enumerate(polygons):
                if _area(polygon) < SMALLEST_MASK:
                    path = ("cameras", index, "masks", purpose.value, place)
                    yield Finding("MASK_FLAT", path, {"id": camera.id})


def _area(polygon: Polygon) -> float:
    """The area of the box around it; a crossing outline may rightly sum up to nothing."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def windows_do_not_overlap(configuration: Configuration) -> Iterator[Finding]:
    for id, schedule in configuration.schedules.items():
        for window, other in _overlaps(schedule):
            values = {"id": id, "window": str(window), "other": str(other)}
            path = ("schedules", id, "windows", schedule.windows.index(window))
            yield Finding("WINDOWS_OVERLAP", path, values)


def _overlaps(schedule: Schedule) -> Iterable[tuple[Window, Window]]:
    """Each pair of windows that share a minute of the week, the later in the list first."""
    week = list(Weekday)
    begins = [week.index(day) * DAY_MINUTES for day in schedule.days]
    found: dict[tuple[int, int], tuple[Window, Window]] = {}
    for later, window in enumerate(schedule.windows):
        for earlier, other in enumerate(schedule.windows[: later + 1]):
            if any(
                _share_a_minute(window, begin, other, since)
                for begin in begins
                for since in begins
                if earlier != later or begin != since
            ):
                found[later, earlier] = (window, other)
    return found.values()


def _share_a_minute(one: Window, begin: int, other: Window, since: int) -> bool:
    """Whether two windows overlap in a week that repeats."""
    for turn in (-WEEK_MINUTES, 0, WEEK_MINUTES):
        shift = since + turn - begin
        if (
            one.start_minute < other.end_minute + shift
            and other.start_minute + shift < one.end_minute
        ):
            return True
    return False


def grace_lies_inside(configuration: Configuration) -> Iterator[Finding]:
    for id, schedule in configuration.schedules.items():
        for index, grace in enumerate(schedule.grace):
            if not any(_inside(grace, window) for window in schedule.windows):
                values = {"id": id, "window": str(grace)}
                yield Finding("GRACE_OUTSIDE", ("schedules", id, "grace", index), values)


def _inside(grace: Window, window: Window) -> bool:
    """Grace after midnight belongs to the window that began the evening before."""
    return any(
        window.start_minute <= grace.start_minute + shift
        and grace.end_minute + shift <= window.end_minute
        for shift in (0, DAY_MINUTES)
    )


def schedule_dates_are_in_order(configuration: Configuration) -> Iterator[Finding]:
    for id, schedule in configuration.schedules.items():
        first = schedule.effective_from or date.min
        if (schedule.effective_to or date.max) < first:
            path = ("schedules", id, "effective_to")
            yield _reversed(path, "effective_from", "effective_to")


def settings_are_known(configuration: Configuration) -> Iterator[Finding]:
    timezone = configuration.settings.timezone
    if timezone not in zoneinfo.available_timezones():
        yield Finding("TIMEZONE_UNKNOWN", ("settings", "timezone"), {"id": timezone})


def networks_are_networks(configuration: Configuration) -> Iterator[Finding]:
    for id, terminal in configuration.terminals.items():
        for index, network in enumerate(terminal.networks):
            if not _is_network(network):
                yield Finding("NETWORK_FORMAT", ("terminals", id, "networks", index), {"id": id})
    for index, network in enumerate(configuration.settings.discovery.networks):
        if not _is_network(network):
            path = ("settings", "discovery", "networks", index)
            yield Finding("NETWORK_FORMAT", path, {"id": "settings.discovery"})


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


REGISTRY_CHECKS: tuple[Check, ...] = (
    ids_are_unique,
    numbers_are_unique,
    addresses_are_unique,
    districts_are_no_agencies,
    cameras_have_what_their_purposes_need,
    purposes_are_registrable,
    masks_cover_an_area,
    windows_do_not_overlap,
    grace_lies_inside,
    schedule_dates_are_in_order,
    settings_are_known,
    networks_are_networks,
)
