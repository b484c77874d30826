"""Whether agreements stay within what their owners may share, and are still in force.

Cutting a view when an agreement ends is the work of `control`.
"""

from collections.abc import Iterator
from datetime import date

from cctv_gateway.config.check_references import Check
from cctv_gateway.config.problems import Finding, Severity
from cctv_gateway.config.schema import OWN_DISTRICT, Agreement, Camera, Configuration
from cctv_gateway.model import REGISTERED_PURPOSES, Purpose


def agreements_name_two_sides(configuration: Configuration) -> Iterator[Finding]:
    for index, agreement in enumerate(configuration.agreements):
        path = ("agreements", index)
        if agreement.owner == agreement.recipient:
            yield Finding("AGREEMENT_SELF", (*path, "recipient"), {"id": agreement.id})
        if agreement.valid_to < agreement.valid_from:
            yield Finding("DATES_REVERSED", (*path, "to"), {"first": "from", "second": "to"})


def agreements_share_only_their_own(configuration: Configuration) -> Iterator[Finding]:
    for index, agreement in enumerate(configuration.agreements):
        if _selects_foreign(configuration, agreement):
            values = {"id": agreement.id, "owner": str(agreement.owner)}
            yield Finding("AGREEMENT_FOREIGN", ("agreements", index, "cameras"), values)


def _selects_foreign(configuration: Configuration, agreement: Agreement) -> bool:
    selector = agreement.cameras
    if selector.district not in (None, OWN_DISTRICT, agreement.owner):
        return True
    districts = set(selector.districts)
    districts.update(configuration.sites[site].district for site in selector.sites)
    return bool(districts - {agreement.owner})


def agreements_not_wider_than_purposes(configuration: Configuration) -> Iterator[Finding]:
    """A purpose that none of the shared cameras has registered cannot be shared."""
    for index, agreement in enumerate(configuration.agreements):
        cameras = list(_shared(configuration, agreement))
        registered: set[Purpose] = set()
        for camera in cameras:
            registered.update(camera.purposes)
        for purpose in sorted((agreement.purposes & REGISTERED_PURPOSES) - registered):
            values = {"id": agreement.id, "owner": agreement.owner, "purpose": purpose.value}
            if cameras:
                yield Finding("AGREEMENT_WIDER", ("agreements", index, "purposes"), values)


def _shared(configuration: Configuration, agreement: Agreement) -> Iterator[Camera]:
    """The owner's cameras in an agreement; its selector never reaches beyond the owner."""
    for camera in configuration.cameras:
        district = configuration.district_of(camera)
        mine = district == agreement.owner
        if mine and agreement.cameras.covers(camera, district, own=agreement.owner):
            yield camera


def agreements_in_force(configuration: Configuration, today: date) -> Iterator[Finding]:
    """Only a warning: an ended agreement allows nothing, and to refuse the whole file for it
    would block urgent changes, such as taking an account's rights away.
    """
    for index, agreement in enumerate(configuration.agreements):
        if agreement.valid_to < today:
            values = {"id": agreement.id, "date": agreement.valid_to.isoformat()}
            path = ("agreements", index, "to")
            yield Finding("AGREEMENT_EXPIRED", path, values, Severity.WARNING)


AGREEMENT_CHECKS: tuple[Check, ...] = (
    agreements_name_two_sides,
    agreements_share_only_their_own,
    agreements_not_wider_than_purposes,
)
