"""What changed between two configurations, in words of the file: added, removed, changed.

Says names and fields only, never values: they may be addresses. Who gains or loses which camera
belongs in `control`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cctv_gateway.config.schema import Configuration, Section

KEYED_SECTIONS = ("districts", "agencies", "sites", "schedules", "roles", "accounts", "terminals")
LISTED_SECTIONS = ("cameras", "rules", "agreements")
SINGLE_SECTIONS = ("city", "settings")


@dataclass(frozen=True, slots=True)
class SectionDiff:
    """The change of one section, in the order of the files; `changed` names the fields."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.reordered)


@dataclass(frozen=True, slots=True)
class ConfigurationDiff:
    """The sections that differ, by name. Single sections have the one entry of their own name."""

    sections: Mapping[str, SectionDiff]

    def __bool__(self) -> bool:
        return bool(self.sections)

    def __getitem__(self, section: str) -> SectionDiff:
        return self.sections.get(section, SectionDiff())


def diff(old: Configuration, new: Configuration) -> ConfigurationDiff:
    """What a reader of the file would call the difference; comments and layout are none."""
    names = KEYED_SECTIONS + LISTED_SECTIONS + SINGLE_SECTIONS
    found = {name: _section(name, _entries(old, name), _entries(new, name)) for name in names}
    return ConfigurationDiff({name: each for name, each in found.items() if each})


def _entries(configuration: Configuration, section: str) -> Mapping[str, Section]:
    value = getattr(configuration, section)
    if section in LISTED_SECTIONS:
        return {entry.id: entry for entry in value}
    entries: Mapping[str, Section] = value if section in KEYED_SECTIONS else {section: value}
    return entries


def _section(name: str, old: Mapping[str, Section], new: Mapping[str, Section]) -> SectionDiff:
    both = [id for id in new if id in old]
    return SectionDiff(
        added=tuple(id for id in new if id not in old),
        removed=tuple(id for id in old if id not in new),
        changed={id: _fields(old[id], new[id]) for id in both if old[id] != new[id]},
        # Of several rules that allow, the first one counts; elsewhere order means nothing.
        reordered=name == "rules" and both != _kept(old, new),
    )


def _kept(old: Iterable[str], new: Mapping[str, Section]) -> list[str]:
    return [id for id in old if id in new]


def _fields(old: Section, new: Section) -> tuple[str, ...]:
    return tuple(
        name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)
    )
