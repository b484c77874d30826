"""Whether every id that the file mentions is also defined in it.

What defined parts must agree on belongs in the other `check_*` modules.
"""

from collections.abc import Callable, Iterator, Sequence

from cctv_gateway.config.problems import Finding
from cctv_gateway.config.schema import OWN_DISTRICT, CameraSelector, Configuration

Check = Callable[[Configuration], Iterator[Finding]]


def _unknown(path: Sequence[str | int], kind: str, kind_ko: str, id: str, section: str) -> Finding:
    values = {"kind": kind, "kind_ko": kind_ko, "id": id, "section": section}
    return Finding("UNKNOWN_REFERENCE", tuple(path), values)


def sites_have_districts(configuration: Configuration) -> Iterator[Finding]:
    for id, site in configuration.sites.items():
        if site.district not in configuration.districts:
            path = ("sites", id, "district")
            yield _unknown(path, "district", "자치구", site.district, "districts")


def cameras_have_sites(configuration: Configuration) -> Iterator[Finding]:
    for index, camera in enumerate(configuration.cameras):
        if camera.site not in configuration.sites:
            yield _unknown(("cameras", index, "site"), "site", "개소", camera.site, "sites")


def schedules_exist(configuration: Configuration) -> Iterator[Finding]:
    for path, schedule in _schedule_references(configuration):
        if schedule is not None and schedule not in configuration.schedules:
            yield _unknown(path, "schedule", "일정", schedule, "schedules")


def _schedule_references(
    configuration: Configuration,
) -> Iterator[tuple[tuple[str | int, ...], str | None]]:
    for index, camera in enumerate(configuration.cameras):
        yield ("cameras", index, "sharing_window"), camera.sharing_window
        if camera.enforcement:
            yield ("cameras", index, "enforcement", "schedule"), camera.enforcement.schedule
    for id, account in configuration.accounts.items():
        yield ("accounts", id, "shift"), account.shift


def roles_exist(configuration: Configuration) -> Iterator[Finding]:
    for index, rule in enumerate(configuration.rules):
        for role in sorted(rule.roles - configuration.roles.keys()):
            yield _unknown(("rules", index, "roles"), "role", "역할", role, "roles")
    for id, account in configuration.accounts.items():
        for index, held in enumerate(account.roles):
            if held.role not in configuration.roles:
                path = ("accounts", id, "roles", index, "role")
                yield _unknown(path, "role", "역할", held.role, "roles")


def agencies_exist(configuration: Configuration) -> Iterator[Finding]:
    known = configuration.districts.keys() | configuration.agencies.keys()
    for path, agency in _agency_references(configuration):
        if agency not in known:
            yield _unknown(path, "agency", "기관", agency, "agencies")


def _agency_references(
    configuration: Configuration,
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for holder, account in configuration.accounts.items():
        for index, held in enumerate(account.roles):
            yield ("accounts", holder, "roles", index, "agency"), held.agency
    for index, agreement in enumerate(configuration.agreements):
        yield ("agreements", index, "recipient"), agreement.recipient
    for id, terminal in configuration.terminals.items():
        yield ("terminals", id, "agency"), terminal.agency


def owners_exist(configuration: Configuration) -> Iterator[Finding]:
    for index, agreement in enumerate(configuration.agreements):
        if agreement.owner not in configuration.districts:
            path = ("agreements", index, "owner")
            yield _unknown(path, "district", "자치구", agreement.owner, "districts")


def selectors_name_what_exists(configuration: Configuration) -> Iterator[Finding]:
    for index, rule in enumerate(configuration.rules):
        yield from _selector(configuration, ("rules", index, "cameras"), rule.cameras)
    for index, agreement in enumerate(configuration.agreements):
        yield from _selector(configuration, ("agreements", index, "cameras"), agreement.cameras)


def _selector(
    configuration: Configuration, path: tuple[str | int, ...], selector: CameraSelector
) -> Iterator[Finding]:
    single = selector.district
    if single not in (None, OWN_DISTRICT) and single not in configuration.districts:
        yield _unknown((*path, "district"), "district", "자치구", str(single), "districts")
    for index, district in enumerate(selector.districts):
        if district not in configuration.districts:
            yield _unknown((*path, "districts", index), "district", "자치구", district, "districts")
    for index, site in enumerate(selector.sites):
        if site not in configuration.sites:
            yield _unknown((*path, "sites", index), "site", "개소", site, "sites")


REFERENCE_CHECKS: tuple[Check, ...] = (
    sites_have_districts,
    cameras_have_sites,
    schedules_exist,
    roles_exist,
    agencies_exist,
    owners_exist,
    selectors_name_what_exists,
)
