"""Takes a found camera into `cameras.yaml`: in the owner's name, shared with nobody yet.

Purposes are given here only with their full legal ground; what a camera can do is in `enrol.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.config.schema import (
    Address,
    Camera,
    Configuration,
    Enforcement,
    PurposeGround,
    SharingMode,
    Streams,
)
from cctv_gateway.fleet.findings import Finding
from cctv_gateway.model import CameraId, DenyCode, Purpose, SiteId


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person decides about a finding."""

    camera: CameraId
    number: int
    name: str
    site: str
    name_en: str | None = None
    purposes: Mapping[Purpose, PurposeGround] = field(default_factory=dict)
    enforcement: Enforcement | None = None


def camera_entry(
    finding: Finding, wanted: Registration, configuration: Configuration, agency: str | None
) -> Camera:
    """The camera to write. `agency` None is the administrator at the machine itself.

    Raises `GatewayError`: NOT_OWNER, SITE_UNKNOWN, ALREADY_REGISTERED, NOT_USABLE, CAMERA_INVALID.
    """
    _owned(wanted.site, configuration, agency)
    if finding.camera is not None:
        raise _error(ErrorKind.CONFLICT, "ALREADY_REGISTERED")
    if finding.inspection.reason is not None:
        raise _error(ErrorKind.CONFLICT, "NOT_USABLE")
    try:
        return _entry(finding, wanted)
    except ValidationError as error:
        raise _error(ErrorKind.BAD_REQUEST, "CAMERA_INVALID") from error


def _owned(site: str, configuration: Configuration, agency: str | None) -> None:
    found = configuration.sites.get(SiteId(site))
    if found is None:
        raise _error(ErrorKind.BAD_REQUEST, "SITE_UNKNOWN")
    if agency is not None and found.district != agency:
        raise _error(ErrorKind.DENIED, DenyCode.NOT_OWNER.value)


def _entry(finding: Finding, wanted: Registration) -> Camera:
    place, seen = finding.place.reveal(), finding.inspection
    assert seen.main is not None, "no reason means that there is a main stream"
    assert seen.main.stream is not None, "a stream without a place is never chosen"
    main, sub = seen.main.stream, seen.sub.stream if seen.sub else None
    # One RTSP port serves both; a sub-stream elsewhere is replaced by the main one.
    path = sub.path.reveal() if sub and sub.port == main.port else None
    return Camera(
        id=wanted.camera,
        number=wanted.number,
        name=wanted.name,
        name_en=wanted.name_en,
        site=SiteId(wanted.site),
        address=Address(host=place.host, rtsp_port=main.port, onvif_port=place.port),
        streams=Streams(main=main.path.reveal(), sub=path),
        credentials=seen.login,
        # The narrowest mode: somebody opens it up later, on purpose.
        sharing_mode=SharingMode.INCIDENT_ONLY,
        purposes=wanted.purposes,
        enforcement=wanted.enforcement,
    )


_SENTENCES = {
    "NOT_OWNER": (
        "This site belongs to another district; its own staff registers its cameras.",
        "다른 자치구의 개소입니다. 해당 자치구 담당자가 등록해야 합니다.",
    ),
    "SITE_UNKNOWN": (
        "There is no such site; add it to cameras.yaml first or choose another.",
        "없는 개소입니다. 먼저 cameras.yaml에 추가하거나 다른 개소를 고르십시오.",
    ),
    "ALREADY_REGISTERED": (
        "This device is in cameras.yaml already.",
        "이미 cameras.yaml에 등록된 장비입니다.",
    ),
    "NOT_USABLE": (
        "This device could not be read completely; clear its fault and search again.",
        "장비 정보를 다 읽지 못했습니다. 문제를 해결한 뒤 다시 검색하십시오.",
    ),
    "CAMERA_INVALID": (
        "Id, number or name cannot be used: the id has lower-case letters, digits, - and _, "
        "the number lies between 1 and 4095.",
        "ID, 번호 또는 이름을 쓸 수 없습니다. ID는 영문 소문자, 숫자, -, _ 로, 번호는 1~4095로 "
        "적으십시오.",
    ),
    "FINDING_UNKNOWN": (
        "This device was not found by any search since the start; search again.",
        "시작한 뒤의 검색에서 찾지 못한 장비입니다. 다시 검색하십시오.",
    ),
    "SCAN_RUNNING": (
        "A search is running already; wait for it to end.",
        "이미 검색 중입니다. 끝날 때까지 기다려 주십시오.",
    ),
}


def _error(kind: ErrorKind, code: str) -> GatewayError:
    return GatewayError(kind, code, *_SENTENCES[code])


def unknown_finding() -> GatewayError:
    return _error(ErrorKind.NOT_FOUND, "FINDING_UNKNOWN")


def scan_running() -> GatewayError:
    return _error(ErrorKind.CONFLICT, "SCAN_RUNNING")
