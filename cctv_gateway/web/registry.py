"""The running revision as people see it: names, roles, cameras, and which of them a role may know.

Addresses and credentials never enter a card; verdicts come from `control.verdicts` alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cctv_gateway.base.clock import Clock
from cctv_gateway.config.schema import Account, AccountRole, Camera, Configuration
from cctv_gateway.control.request import Holder
from cctv_gateway.control.rules import Rules
from cctv_gateway.control.verdicts import Verdict, usable_purposes, verdict
from cctv_gateway.model import AccountId, CameraId, DistrictId, Purpose
from cctv_gateway.web.ports import Caller, CameraCard, Person, RoleCard


class Registry:
    """Replaced as a whole when another revision runs; lookups in between are dictionary reads."""

    def __init__(self, configuration: Configuration, rules: Rules, clock: Clock) -> None:
        self._clock = clock
        self.replace(configuration, rules)

    def replace(self, configuration: Configuration, rules: Rules) -> None:
        """Show another revision from now on."""
        self._rules = rules
        self._people = {
            account: _person(account, one, configuration, rules)
            for account, one in configuration.accounts.items()
        }
        cards = (_card(camera, configuration) for camera in configuration.cameras)
        self._cards = {card.id: card for card in sorted(cards, key=lambda card: card.number)}
        self._visible: dict[tuple[str, str], Mapping[CameraId, CameraCard]] = {}

    def person(self, account: AccountId) -> Person | None:
        """None for an unknown account; a disabled one is returned and says so."""
        return self._people.get(account)

    def holds(self, caller: Caller) -> bool:
        """Whether the account still has the role that it was let in with."""
        person, holder = self.person(caller.holder.account), caller.holder
        held = person.roles if person and not person.disabled else ()
        wanted = (holder.role, holder.agency, caller.kind)
        return any((one.role, one.agency, one.kind) == wanted for one in held)

    def people(self) -> Sequence[Person]:
        return tuple(self._people.values())

    def camera(self, camera: CameraId) -> CameraCard | None:
        return self._cards.get(camera)

    def visible(self, holder: Holder) -> Mapping[CameraId, CameraCard]:
        """The cameras that the holder's role may ever see, by number, purposes narrowed."""
        key = (holder.role, holder.agency)
        if key not in self._visible:
            self._visible[key] = dict(self._narrowed(holder))
        return self._visible[key]

    def _narrowed(self, holder: Holder) -> list[tuple[CameraId, CameraCard]]:
        found = []
        for card in self._cards.values():
            purposes = usable_purposes(self._rules, holder, card.id)
            if purposes:
                found.append((card.id, replace(card, purposes=purposes)))
        return found

    def verdict(self, holder: Holder, camera: CameraId, purpose: Purpose) -> Verdict:
        """What a live view would be answered now; neither granted nor recorded."""
        return verdict(self._rules, holder, camera, purpose, self._clock.now())


def _person(account: AccountId, one: Account, configuration: Configuration, rules: Rules) -> Person:
    roles = tuple(_role(held, configuration, rules) for held in one.roles)
    return Person(account, one.name, one.name_en or one.name, roles, one.disabled)


def _role(held: AccountRole, configuration: Configuration, rules: Rules) -> RoleCard:
    role = configuration.roles[held.role]
    agency = configuration.districts.get(DistrictId(held.agency))
    named = agency or configuration.agencies[held.agency]
    return RoleCard(
        role=held.role,
        kind=configuration.kind_of(held.role),
        agency=held.agency,
        name=role.name,
        name_en=role.name_en or role.name,
        agency_name=named.name,
        agency_name_en=named.name_en or named.name,
        purposes=rules.purposes(held.role),
    )


def _card(camera: Camera, configuration: Configuration) -> CameraCard:
    site = configuration.sites[camera.site]
    district = configuration.districts[site.district]
    texts = (camera.id, str(camera.number), camera.name, camera.name_en, site.name, site.name_en)
    return CameraCard(
        id=camera.id,
        number=camera.number,
        name=camera.name,
        name_en=camera.name_en or camera.name,
        site=camera.site,
        site_name=site.name,
        site_name_en=site.name_en or site.name,
        district=site.district,
        district_name=district.name,
        district_name_en=district.name_en or district.name,
        location=(site.location.lat, site.location.lon),
        purposes=tuple(camera.purposes),
        search="\n".join(filter(None, texts)).casefold(),
    )
