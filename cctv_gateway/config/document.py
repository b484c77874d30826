"""Reads strict YAML 1.2 text into a tree that knows the line and column of every key and value.

Names no section of `cameras.yaml`: what the values must be belongs in the schema, edits in `edit`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
# What the document would hold with every alias written out (a city has about 150,000).
MAX_NODES = 2_000_000
MAX_FAULTS = 1000
# Reading this much without the C parser takes about ten seconds.
MAX_PURE_LENGTH = 2 * 1024 * 1024

Plain = bool | int | float | str | list[Any] | dict[str, Any] | None
DocPath = tuple[str | int, ...]

_PARSER_FAULTS = frozenset({"YAML_SYNTAX", "YAML_CHARACTER"})
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_RADIX = re.compile(r"0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,4})?")
_NUMBER_START = frozenset("+-.0123456789")
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the text, counted from 1 as editors do; columns count characters."""

    line: int
    column: int


START = Mark(1, 1)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that strict YAML does not allow; `subject` is the key or detail it is about."""

    code: str
    mark: Mark
    subject: str = ""


@dataclass(slots=True)
class Node(ABC):
    """A value with its place. `weight` counts it with all it holds, aliases written out."""

    mark: Mark
    end: Mark
    weight: int = 1
    flow: bool = False

    @abstractmethod
    def plain(self) -> Plain:
        """The value without places."""


@dataclass(slots=True)
class Scalar(Node):
    value: bool | int | float | str | None = None

    def plain(self) -> Plain:
        return self.value


@dataclass(slots=True)
class Listing(Node):
    items: list[Node] = field(default_factory=list)

    def plain(self) -> Plain:
        return [item.plain() for item in self.items]


@dataclass(slots=True)
class Mapping(Node):
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Mark] = field(default_factory=dict)

    def plain(self) -> Plain:
        return {key: node.plain() for key, node in self.entries.items()}


@dataclass(frozen=True, slots=True)
class Document:
    """A read text: its tree, unless it could not be read at all, and everything wrong with it.

    `anchored` says that values may be shared by aliases.
    """

    root: Node | None
    faults: Sequence[Fault]
    anchored: bool = False

    def mark_of(self, path: DocPath) -> Mark:
        """The place of a path's last step that exists: the key of a mapping, else the value."""
        node, mark = self.root, self.root.mark if self.root else START
        for step in path:
            if isinstance(node, Mapping) and step in node.entries:
                mark, node = node.keys[str(step)], node.entries[str(step)]
            elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                mark = node.mark
            else:
                break
        return mark

    def walk(self) -> Iterator[tuple[DocPath, Node]]:
        """Every value with its path, parents first."""
        pending: list[tuple[DocPath, Node]] = [((), self.root)] if self.root else []
        while pending:
            path, node = pending.pop()
            yield path, node
            if isinstance(node, Mapping):
                pending += [((*path, key), each) for key, each in node.entries.items()]
            elif isinstance(node, Listing):
                pending += [((*path, index), each) for index, each in enumerate(node.items)]


def read_document(text: str, pure: bool = False) -> Document:
    """Read one YAML document; never raises for what a text may hold.

    The C parser is twenty times faster but stricter than YAML 1.2 here and there (`{a: b:c}`), so
    what it refuses is read again without it; `pure` goes that way at once.
    """
    found = _read(text, pure)
    if pure or found.root is not None or len(text) > MAX_PURE_LENGTH:
        return found
    doubtful = any(fault.code in _PARSER_FAULTS for fault in found.faults)
    return _read(text, pure=True) if doubtful else found


def _read(text: str, pure: bool) -> Document:
    composer = _Composer()
    try:
        composer.feed(YAML(typ="safe", pure=pure).parse(text))
    except _Stop:
        return Document(None, tuple(composer.faults))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(mark.line + 1, mark.column + 1) if mark else START
        composer.faults.append(Fault("YAML_SYNTAX", place, error.problem or ""))
        return Document(None, tuple(composer.faults))
    except (YAMLError, ValueError):
        # A control character or a broken escape: the parsers give a position in words only.
        composer.faults.append(Fault("YAML_CHARACTER", _first_bad_character(text)))
        return Document(None, tuple(composer.faults))
    return Document(composer.root, tuple(composer.faults), composer.anchored)


_BAD_CHARACTER = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Half a character, which only an escape can write and no encoding can store.
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _first_bad_character(text: str) -> Mark:
    found = _BAD_CHARACTER.search(text)
    if found is None:
        return START
    before = text[: found.start()]
    return Mark(before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1)


class _Stop(Exception):
    """Reading on would be unsafe or pointless."""


class _Composer:
    """Builds the tree from parser events without recursion, so that depth costs no stack."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self._open: list[Mapping | Listing] = []
        self._waiting_keys: list[tuple[str, Mark] | None] = []
        self._anchors: dict[str, Node] = {}
        self._open_anchors: list[str | None] = []
        self._documents = 0

    @property
    def anchored(self) -> bool:
        return bool(self._anchors)

    def feed(self, events: Iterable[Any]) -> None:
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent:
                self._begin(event, Mapping)
            elif kind is SequenceStartEvent:
                self._begin(event, Listing)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._finish(event)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self._document(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        version = event.version
        if version is not None and tuple(version) != (1, 2):
            self._fault("YAML_VERSION", _start(event))
        if self._documents > 1:
            self._fault("YAML_DOCUMENTS", _start(event))
            raise _Stop

    def _scalar(self, event: Any) -> None:
        start, stop = event.start_mark, event.end_mark
        mark, end = Mark(start.line + 1, start.column + 1), Mark(stop.line + 1, stop.column + 1)
        if event.tag is not None and event.tag != "!":
            self._fault("YAML_TAG", mark)
        if event.style == '"' and _SURROGATE.search(event.value):
            self._fault("YAML_CHARACTER", mark)
            raise _Stop
        if self._expects_key():
            self._key(event.value, mark)
            return
        value = event.value if event.style else resolve(event.value)
        node = Scalar(mark, end, value=value)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._place(node)

    def _expects_key(self) -> bool:
        return bool(self._open) and type(self._open[-1]) is Mapping and not self._waiting_keys[-1]

    def _key(self, key: str, mark: Mark) -> None:
        mapping = self._open[-1]
        assert isinstance(mapping, Mapping), "only a mapping expects a key"
        if key in mapping.entries:
            self._fault("DUPLICATE_KEY", mark, key)
        self._waiting_keys[-1] = (key, mark)

    def _begin(self, event: Any, kind: type[Mapping] | type[Listing]) -> None:
        mark = _start(event)
        if self._expects_key():
            self._fault("YAML_KEY", mark)
            raise _Stop
        if len(self._open) >= MAX_DEPTH:
            self._fault("YAML_DEPTH", mark)
            raise _Stop
        if event.tag is not None and event.tag != "!":
            self._fault("YAML_TAG", mark)
        node = kind(mark, mark, flow=bool(event.flow_style))
        if event.anchor:
            # A new meaning hides an older one at once: an alias inside itself is no value yet.
            self._anchors.pop(event.anchor, None)
        self._open.append(node)
        self._waiting_keys.append(None)
        self._open_anchors.append(event.anchor)

    def _finish(self, event: Any) -> None:
        node = self._open.pop()
        self._waiting_keys.pop()
        anchor = self._open_anchors.pop()
        children = node.entries.values() if isinstance(node, Mapping) else node.items
        stop = event.end_mark
        node.end = Mark(stop.line + 1, stop.column + 1)
        if not node.flow:
            # A block ends, for the parser, where the next token starts: after the comments.
            node.end = max((child.end for child in children), default=node.mark)
        if anchor:
            self._anchors[anchor] = node
        self._place(node)

    def _alias(self, event: Any) -> None:
        if self._expects_key():
            self._fault("YAML_KEY", _start(event))
            raise _Stop
        target = self._anchors.get(event.anchor)
        if target is None:
            self._fault("YAML_ALIAS", _start(event), event.anchor)
            raise _Stop
        self._place(target)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.weight += node.weight
        if parent.weight > MAX_NODES:
            self._fault("YAML_TOO_LARGE", node.mark)
            raise _Stop
        if type(parent) is Listing:
            parent.items.append(node)
            return
        assert isinstance(parent, Mapping), "a parent is a mapping or a list"
        waiting = self._waiting_keys[-1]
        assert waiting is not None, "a value follows its key"
        key, mark = waiting
        parent.entries.setdefault(key, node)
        parent.keys.setdefault(key, mark)
        self._waiting_keys[-1] = None

    def _fault(self, code: str, mark: Mark, subject: str = "") -> None:
        self.faults.append(Fault(code, mark, subject))
        if len(self.faults) >= MAX_FAULTS:
            raise _Stop


def _start(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def resolve(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar by YAML 1.2's core schema: no dates, no `yes`, no `08:30`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _RADIX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
