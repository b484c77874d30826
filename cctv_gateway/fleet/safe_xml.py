"""Reads XML from hosts that nobody trusts: no entities, no DTD, no network, bounded, lenient.

Namespaces are ignored, since cameras mix them up; what elements mean belongs to the callers.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from cctv_gateway.fleet.reasons import Reason, failure

# libxml2 without `huge_tree` stops at a depth of 256 and at texts of 10 MB by itself.
MAX_XML_BYTES = 1024 * 1024
MAX_TEXT = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")

Element = etree._Element


def parse_envelope(data: bytes) -> Element:
    """The SOAP envelope in `data`; raises `GatewayError` BAD_ANSWER or NOT_ONVIF."""
    if len(data) > MAX_XML_BYTES:
        raise failure(Reason.BAD_ANSWER)
    root = _parse(data)
    if root is None or local_name(root) != "Envelope":
        raise failure(Reason.NOT_ONVIF)
    if root.getroottree().docinfo.internalDTD is not None:
        raise failure(Reason.BAD_ANSWER)
    return root


def _parse(data: bytes) -> Element | None:
    # Recovering forgives undeclared prefixes and cut ends, which real firmware sends.
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None  # Not XML at all, or in an encoding that does not exist.


def local_name(node: Element) -> str:
    """The tag without namespace or prefix; empty for what is no element."""
    tag = node.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def child(node: Element | None, *path: str) -> Element | None:
    """The first descendant along `path`, step by step."""
    for name in path:
        if node is None:
            return None
        node = next((each for each in node if local_name(each) == name), None)
    return node


def children(node: Element | None, name: str, limit: int) -> Iterator[Element]:
    """The first `limit` direct children of that name."""
    found = (each for each in node if local_name(each) == name) if node is not None else iter(())
    return islice(found, limit)


def descendants(node: Element, name: str, limit: int) -> Iterator[Element]:
    return islice((each for each in node.iter() if local_name(each) == name), limit)


def raw_text(node: Element | None, *path: str) -> str:
    """The text at `path`, stripped; empty when there is none."""
    found = child(node, *path)
    return (found.text or "").strip() if found is not None else ""


def text(node: Element | None, *path: str) -> str:
    """The text at `path`, short and without control characters, fit for a screen."""
    return shown(raw_text(node, *path))


def shown(value: str) -> str:
    return _CONTROL.sub(" ", value)[:MAX_TEXT].strip()


def attribute(node: Element, name: str) -> str:
    """An attribute by its local name, whatever its namespace."""
    for key, value in node.attrib.items():
        if str(key).rpartition("}")[2].rpartition(":")[2] == name:
            return str(value)[:MAX_TEXT]
    return ""


def number(value: str, limit: int = 2**31) -> int:
    """A whole number from 0 to `limit`, or 0."""
    plain = value[:16].split(".")[0]
    return min(int(plain), limit) if plain.isascii() and plain.isdigit() else 0
