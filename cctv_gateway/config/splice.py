"""Changes single entries inside YAML text and leaves every other byte alone, comments included.

Only the entry's own lines pass through ruamel's round trip; a layout that has no lines of its own
(flow style, aliases) takes the whole text through it. Names no section of `cameras.yaml`.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from cctv_gateway.config.document import Document, Listing, Mark, Node, read_document
from cctv_gateway.config.document import Mapping as MappingNode

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# What every parser reads the same without quotes, inside `{}` too; words like `null` are quoted
# by ruamel itself.
_PLAIN = re.compile(r"[^\W\d_]([\w ./()-]*[\w)])?|/[\w/.-]*|\d+(\.\d+){3}|" + _DATE.pattern)

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is about to change, with its tree."""

    text: str
    document: Document

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(text, read_document(text))

    def entry(self, *path: str | int) -> Any:
        """The plain value at a path; None where there is none."""
        node = self.document.root
        for step in path:
            if isinstance(node, MappingNode):
                node = node.entries.get(str(step))
            elif isinstance(node, Listing) and isinstance(step, int):
                node = node.items[step] if step < len(node.items) else None
        return node.plain() if node else None


def append_item(draft: Draft, section: str, item: Fields) -> str:
    """Add `item` at the end of the list `section`."""
    listing = _section(draft.document, section)
    if not isinstance(listing, Listing) or listing.flow or not listing.items:
        return _round_trip(draft.text, lambda root: _extend(root, section, item))
    dash = listing.mark.column - 1
    entry = _indented(_dump(_styled(item)), dash + 2)
    entry[0] = " " * dash + "- " + entry[0][dash + 2 :]
    return _inserted(draft.text.split("\n"), listing.items[-1], dash, entry)


def put_entry(draft: Draft, section: str, key: str, fields: Fields) -> str:
    """Set fields of the entry `key` of the mapping `section`, or add the entry."""
    mapping = _section(draft.document, section)
    if not isinstance(mapping, MappingNode) or mapping.flow or not mapping.entries:
        return _round_trip(draft.text, lambda root: _put(root, section, key, fields))
    if key not in mapping.entries:
        indent = mapping.mark.column - 1
        entry = _indented(_dump(CommentedMap({key: _styled(fields)})), indent)
        last = list(mapping.entries)[-1]
        lines = draft.text.split("\n")
        return _inserted(lines, mapping.entries[last], indent, entry, mapping.keys[last])
    alone = None
    if not draft.document.anchored:
        block = _Block(mapping.keys[key], _last_line(mapping.entries[key]))
        alone = _changed(draft.text, block, lambda part: _merge(part[key], fields))
    return alone or _round_trip(draft.text, lambda root: _put(root, section, key, fields))


def update_item(draft: Draft, section: str, index: int, fields: Fields) -> str:
    """Set fields of one item of the list `section`."""
    listing = _section(draft.document, section)
    assert isinstance(listing, Listing), "the caller has found the item"
    item = listing.items[index]
    alone = None
    if not (listing.flow or item.flow or draft.document.anchored):
        block = _Block(item.mark, _last_line(item))
        alone = _changed(draft.text, block, lambda part: _merge(part, fields))
    return alone or _round_trip(draft.text, lambda root: _set(root[section], index, fields))


def _section(document: Document, section: str) -> Node | None:
    root = document.root
    return root.entries.get(section) if isinstance(root, MappingNode) else None


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of an entry: from its first key up to and with line `stop`."""

    first: Mark
    stop: int


# How files indent a list below its key: `  - item` or `- item`.
_OFFSETS = (2, 0)


def _yaml(offset: int = 2) -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
    return yaml


def _dump(value: Any, yaml: YAML | None = None) -> str:
    out = io.StringIO()
    (yaml or _yaml()).dump(value, out)
    return out.getvalue()


def _style_of(text: str) -> YAML:
    """The style that writes `text` again as it is, or the usual one."""
    for offset in _OFFSETS:
        if _dump(_yaml().load(text), _yaml(offset)) == text:
            return _yaml(offset)
    return _yaml()


def _round_trip(text: str, change: Callable[[Any], None]) -> str:
    root = _yaml().load(text)
    change(root)
    return _dump(root, _style_of(text))


def _changed(text: str, block: _Block, change: Callable[[Any], None]) -> str | None:
    """The text with a block's lines taken through `change`; None if they mean nothing alone."""
    lines = text.split("\n")
    start, indent = block.first.line - 1, block.first.column - 1
    # What stands before the first key is its indent, or the dash of a list.
    lead = lines[start][:indent]
    rest = lines[start + 1 : block.stop]
    if any(line[:indent].strip() for line in rest):
        return None  # A comment further left would lose its beginning.
    own = [lines[start][indent:], *(line[indent:] for line in rest)]
    alone = "\n".join(own) + "\n"
    try:
        part = _yaml().load(alone)
        change(part)
    except (YAMLError, KeyError, TypeError):
        return None
    changed = _indented(_dump(part, _style_of(alone)), indent)
    changed[0] = lead + changed[0][indent:]
    return "\n".join([*lines[:start], *changed, *lines[block.stop :]])


def _inserted(
    lines: list[str], last: Node, indent: int, entry: list[str], key: Mark | None = None
) -> str:
    """`entry` after `last` and the comments below it that are indented deeper than entries."""
    place = _last_line(last)
    while place < len(lines) and _comment_indent(lines[place]) > indent:
        place += 1
    first = (key or last.mark).line - 1
    gap = [""] if first > 0 and not lines[first - 1].strip() else []
    return "\n".join([*lines[:place], *gap, *entry, *lines[place:]])


def _comment_indent(line: str) -> int:
    stripped = line.lstrip(" ")
    return len(line) - len(stripped) if stripped.startswith("#") else -1


def _last_line(node: Node) -> int:
    """The number of lines up to and with a node's last one."""
    return node.end.line - 1 if node.end.column == 1 else node.end.line


def _indented(text: str, indent: int) -> list[str]:
    return [" " * indent + line if line else line for line in text.rstrip("\n").split("\n")]


def _extend(root: Any, section: str, item: Fields) -> None:
    if not root.get(section):
        root[section] = CommentedSeq()
    root[section].append(_styled(item))


def _put(root: Any, section: str, key: str, fields: Fields) -> None:
    if not root.get(section):
        root[section] = CommentedMap()
    entries = root[section]
    if key in entries:
        _set(entries, key, fields)
    else:
        entries[key] = _styled(fields)


def _set(entries: Any, key: str | int, fields: Fields) -> None:
    """Change one entry only, also when an alias makes another entry the same value."""
    if entries[key].anchor.value is None:
        _merge(entries[key], fields)
    else:
        entries[key] = _styled({**entries[key], **fields})


def _merge(entry: Any, fields: Fields) -> None:
    for name, value in fields.items():
        entry[name] = _value(value)


def _styled(fields: Fields) -> CommentedMap:
    """An entry in block style whose inner values stand on one line each."""
    return CommentedMap({name: _value(value) for name, value in fields.items()})


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        nested = any(isinstance(each, Mapping) for each in value.values())
        made = CommentedMap({key: _value(each) for key, each in value.items()})
        return made if nested else _flow(made)
    if isinstance(value, list | tuple):
        return _flow(CommentedSeq([_value(each) for each in value]))
    if isinstance(value, str):
        return _date(value) if _PLAIN.fullmatch(value) else DoubleQuotedScalarString(value)
    return value


def _flow(made: Any) -> Any:
    made.fa.set_flow_style()
    return made


def _date(text: str) -> date | str:
    """A date is written without quotes; text that only looks like one stays text."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else text
    except ValueError:
        return text
