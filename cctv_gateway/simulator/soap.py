"""SOAP 1.2 as cameras use it: reading calls and WS-UsernameTokens, filling reply templates.

What an operation does is decided in `onvif_device.py`, `onvif_media.py` and `onvif_ptz.py`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from string import Template
from xml.sax.saxutils import escape

from lxml import etree

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.model import Credentials

SOAP = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

# How old or young a token may be, by the camera's own clock.
MAX_SKEW_S = 5.0


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """A WS-UsernameToken with a digest (WSS UsernameToken Profile 1.0, section 3)."""

    user: str
    digest: str
    nonce: bytes
    created: str

    def fits(self, credentials: Credentials, camera_now: datetime) -> bool:
        """Whether it was made with this login, lately by the camera's clock."""
        try:
            made = datetime.fromisoformat(self.created)
        except ValueError:
            return False
        made = made.replace(tzinfo=UTC) if made.tzinfo is None else made
        if abs((camera_now - made).total_seconds()) > MAX_SKEW_S:
            return False
        secret = credentials.password.reveal().encode()
        # SHA-1 is what the profile prescribes.
        wanted = hashlib.sha1(  # noqa: S324
            self.nonce + self.created.encode() + secret
        ).digest()
        right = hmac.compare_digest(base64.b64encode(wanted), self.digest.encode())
        return right and self.user == credentials.user.reveal()


@dataclass(frozen=True, slots=True)
class Call:
    """One operation: its namespace, name and arguments."""

    namespace: str
    operation: str
    arguments: etree._Element
    token: UsernameToken | None = None

    def text(self, name: str) -> str | None:
        """The text of the first argument element with a local name, at any depth."""
        found = self.arguments.find(f".//{{*}}{name}")
        return None if found is None or found.text is None else found.text.strip()

    def find(self, name: str) -> etree._Element | None:
        return self.arguments.find(f".//{{*}}{name}")


class SoapFault(GatewayError):
    """A fault as the camera answers it: subcodes of `ter:` from outside in."""

    def __init__(self, subcodes: tuple[str, ...], reason: str, sender: bool = True) -> None:
        super().__init__(ErrorKind.PROTOCOL, "ONVIF_FAULT", reason)
        self.subcodes = subcodes
        self.sender = sender

    @property
    def status(self) -> int:
        return 400 if self.sender else 500


def bad_call(reason: str) -> SoapFault:
    return SoapFault(("WellFormed",), reason)


def parse_call(body: bytes) -> Call:
    """Read an envelope. Raises SoapFault on anything that is not one call."""
    root = parse_xml(body)
    space = etree.QName(root).namespace
    if space not in (SOAP, SOAP_11) or etree.QName(root).localname != "Envelope":
        raise bad_call("not a SOAP envelope")
    payload = root.find(f"{{{space}}}Body")
    calls = [] if payload is None else [e for e in payload if isinstance(e.tag, str)]
    if len(calls) != 1:
        raise bad_call("the body must hold one call")
    name = etree.QName(calls[0])
    return Call(name.namespace or "", name.localname, calls[0], _token(root))


def parse_xml(body: bytes) -> etree._Element:
    """A document without entities or network access. Raises SoapFault WellFormed."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise bad_call("document types are not taken")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise bad_call("not well-formed XML") from error


def _token(root: etree._Element) -> UsernameToken | None:
    token = root.find(f".//{{{SECURITY}}}UsernameToken")
    if token is None:
        return None
    fields = {
        etree.QName(child).localname: (child.text or "").strip()
        for child in token
        if isinstance(child.tag, str)
    }
    try:
        nonce = base64.b64decode(fields.get("Nonce", ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return UsernameToken(
        fields.get("Username", ""), fields.get("Password", ""), nonce, fields.get("Created", "")
    )


@lru_cache(maxsize=64)
def _template(name: str) -> Template:
    folder = files("cctv_gateway.simulator") / "templates"
    return Template((folder / f"{name}.xml").read_text(encoding="utf-8").strip())


@dataclass(frozen=True, slots=True)
class Xml:
    """Markup that is ready, so that `fill` does not escape it again."""

    text: str


def fill(name: str, values: Mapping[str, object] | None = None) -> Xml:
    """A template with its placeholders replaced; plain values are escaped, Xml is not."""
    ready = {
        key: value.text if isinstance(value, Xml) else escape(str(value), {'"': "&quot;"})
        for key, value in (values or {}).items()
    }
    return Xml(_template(name).substitute(ready))


def joined(parts: Iterable[Xml]) -> Xml:
    return Xml("".join(part.text for part in parts))


def envelope(body: Xml) -> bytes:
    return fill("envelope", {"body": body}).text.encode()


def fault_body(fault: SoapFault) -> Xml:
    """The fault element (SOAP 1.2 part 1, 5.4) with nested ONVIF subcodes."""
    nested = ""
    for subcode in reversed(fault.subcodes):
        nested = f"<s:Subcode><s:Value>ter:{escape(subcode)}</s:Value>{nested}</s:Subcode>"
    code = "s:Sender" if fault.sender else "s:Receiver"
    return fill("fault", {"code": code, "subcode": Xml(nested), "reason": fault.message})
