"""Writes `docs/configuration.md` from the schema: `python -m cctv_gateway.config.reference`.

The words are the descriptions of the schema's fields; explanations of the law belong elsewhere.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cctv_gateway.config.schema import Condition, Configuration, RoleKind, Section, Window
from cctv_gateway.model import Action, DenyCode, Obligation, Purpose

HEAD = """\
# Configuration reference

<!-- Written by `python -m cctv_gateway.config.reference`; a test keeps it up to date. -->

`cameras.yaml` is the whole truth about cameras and rights. The sample at the root of the project is
commented; this page lists every key. The format is strict YAML 1.2: an unknown key, a key that
stands twice or a value of another type refuses the whole file, and the configuration that ran
before stays in force. `cctv-gateway check FILE` tells every problem with its line, column and fix.

No password belongs in the file: `credentials` names a login in the vault.
Ids are lower-case letters, digits, `-` and `_`. Dates are written `2024-04-01`. Times of day are
local times in the time zone of the settings.
"""


# Words that stand in several places get a table of their own.
WORDS: dict[type[StrEnum], tuple[str, Mapping[str, str]]] = {
    Purpose: (
        "Why somebody looks. The first three are registered on cameras, the others need the "
        "papers of a case.",
        {},
    ),
    Action: ("What somebody does.", {}),
    DenyCode: ("Why something is refused.", {}),
    Condition: (
        "What must hold for a rule, each time and for as long as a view is open.",
        {
            "own_district": "The camera belongs to the district that the role is held for.",
            "purpose_registered": "The purpose is registered on the camera and in effect.",
            "schedule": "The camera's enforcement schedule is open.",
            "outside_grace": "No grace of the enforcement schedule is running.",
            "sharing": "The camera's sharing mode allows it now.",
            "agreement": "An agreement between owner and the role's agency is in force.",
            "incident": "An open incident is given.",
            "reason": "A reason is given in words.",
            "shift": "The account is on shift.",
            "terminal": "The request comes from a registered workplace of the agency.",
            "letter": "An official letter or case number is given.",
            "second_person": "A second person has approved.",
        },
    ),
    Obligation: (
        "What a right binds to.",
        {
            "au": "An audit record; always, whether written or not.",
            "wm": "A visible mark of who watches, when and for what.",
            "mk": "Other people are masked.",
            "lg": "A line in the video ledger.",
            "nt": "The owner district is told.",
            "rp": "The camera returns to its home preset.",
            "ex": "File or link expires.",
        },
    ),
    RoleKind: ("The kinds of work; a role with such an id needs no `kind`.", {}),
}


def reference() -> str:
    """The whole page."""
    sections = list(_sections(Configuration, "The file"))
    tables = [_table(title, model) for title, model in sections]
    return HEAD + "".join(tables) + "".join(_words(each) for each in WORDS)


def _words(enum: type[StrEnum]) -> str:
    about, meanings = WORDS[enum]
    title = f"\n## {enum.__name__}\n\n{about}\n\n"
    if not meanings:
        return title + ", ".join(f"`{each}`" for each in enum) + "\n"
    rows = "".join(f"| `{each}` | {meanings[each]} |\n" for each in enum)
    return f"{title}| Word | Meaning |\n|---|---|\n{rows}"


def _sections(model: type[Section], title: str) -> Iterator[tuple[str, type[Section]]]:
    """A model and all that it holds, each once, in the order in which a reader meets them."""
    pending, seen = [(title, model)], {model}
    while pending:
        title, model = pending.pop(0)
        yield title, model
        for field in model.model_fields.values():
            for inner in _models(field.annotation):
                if inner not in seen:
                    seen.add(inner)
                    pending.append((inner.__name__, inner))


def _models(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for inner in get_args(annotation):
        if not isinstance(inner, str):
            yield from _models(inner)


def _table(title: str, model: type[Section]) -> str:
    rows = "".join(_row(name, field) for name, field in model.model_fields.items())
    about = " ".join((model.__doc__ or "").split())
    return (
        f"\n## {title}\n\n{about}\n\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n{rows}"
    )


def _row(name: str, field: FieldInfo) -> str:
    limits = _limits(field.metadata)
    kind = _kind(field.annotation) + (f", {limits}" if limits else "")
    meaning = (field.description or "").replace("|", "\\|")
    return f"| `{field.alias or name}` | {kind} | {_default(field)} | {meaning} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True, validated_data={})
    assert value is not PydanticUndefined, "a field that is not required has a default"
    if value is None or value in ((), {}, frozenset()) or isinstance(value, Section):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, frozenset):
        return ", ".join(f"`{each}`" for each in sorted(value))
    return f"`{value}`"


_NAMES: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    date: "date",
    Window: "`HH:MM-HH:MM`",
}


def _kind(annotation: Any) -> str:
    """What may be written, in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(inner[0], inner[1:])
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in inner)
    if origin in (Union, UnionType):
        return " or ".join(_kind(each) for each in inner if each is not NoneType)
    if origin in (tuple, frozenset):
        return _list(inner)
    if origin is not None:
        return f"mapping: {_kind(inner[0])} → {_kind(inner[1])}"
    return _single(annotation)


def _list(inner: tuple[Any, ...]) -> str:
    items = [each for each in inner if each is not Ellipsis]
    if len(items) > 1:
        return f"[{', '.join(_kind(each) for each in items)}]"
    return f"list of {_kind(items[0])}"


def _single(annotation: Any) -> str:
    if hasattr(annotation, "__supertype__"):
        return "id"
    if annotation in _NAMES:
        return _NAMES[annotation]
    if annotation in WORDS:
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if issubclass(annotation, StrEnum):
        return "one of " + ", ".join(f"`{each}`" for each in annotation)
    return f"[{annotation.__name__}](#{annotation.__name__.lower()})"


def _annotated(inner: Any, metadata: tuple[Any, ...]) -> str:
    plain_id = any(
        isinstance(each, StringConstraints) and each.pattern and each.max_length is None
        for each in metadata
    )
    kind = "id" if inner is str and plain_id else _kind(inner)
    limits = _limits(metadata)
    return f"{kind} ({limits})" if limits else kind


def _limits(metadata: Any) -> str:
    flat: list[Any] = []
    for each in metadata:
        flat += each.metadata if isinstance(each, FieldInfo) else [each]
    parts = [text for each in flat if (text := _limit(each))]
    return ", ".join(parts)


def _limit(constraint: Any) -> str:
    match constraint:
        case Ge(ge=low):
            return f"≥ {low}"
        case Le(le=high):
            return f"≤ {high}"
        case MinLen(min_length=least):
            return f"at least {least}"
        case MaxLen(max_length=most):
            return f"at most {most}"
        case StringConstraints(max_length=int(most)):
            return f"at most {most} characters"
        case _:
            return ""


if __name__ == "__main__":
    sys.stdout.write(reference())
