"""Writes the `cameras.yaml` of a simulated city: five districts, every sharing mode, all roles.

Starting the city belongs in `simulator/`; the passwords of the demo accounts in the command line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DEMO_CREDENTIALS = "demo"
CAMERAS_A_SITE = 3
# Every n-th camera of a district; the first one is an ordinary one.
TIME_WINDOW_EVERY = 5
INCIDENT_ONLY_EVERY = 7
PARKING_ONLY_EVERY = 9


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """One simulated camera. `name` is what its picture shows; without it one is made up."""

    number: int
    host: str
    rtsp_port: int
    onvif_port: int
    name: str | None = None
    main_path: str = "/main"
    sub_path: str = "/sub"


@dataclass(frozen=True, slots=True)
class DemoSearch:
    """Where a registrar of the demo finds new cameras."""

    network: str
    onvif_port: int
    ws_discovery_port: int


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login of the demo, for the list that the command line prints."""

    id: str
    name: str
    name_en: str
    role: str
    agency: str


# fmt: off
DEMO_ACCOUNTS = (
    DemoAccount("parking", "김단속", "Kim Dansok", "parking_officer", "buk"),
    DemoAccount("operator", "최관제", "Choi Gwanje", "control_operator", "control_center"),
    DemoAccount("supervisor", "강팀장", "Kang Timjang", "control_supervisor", "control_center"),
    DemoAccount("registrar", "박등록", "Park Deungnok", "camera_registrar", "seo"),
    DemoAccount("privacy", "윤보호", "Yoon Boho", "privacy_officer", "city_hall"),
    DemoAccount("admin", "서관리", "Seo Gwalli", "system_admin", "city_hall"),
    DemoAccount("auditor", "한감사", "Han Gamsa", "auditor", "city_hall"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class _District:
    id: str
    name: str
    name_en: str
    lat: float
    lon: float


_DISTRICTS = (
    _District("buk", "북구", "Buk-gu", 35.174, 126.912),
    _District("seo", "서구", "Seo-gu", 35.152, 126.885),
    _District("dong", "동구", "Dong-gu", 35.146, 126.923),
    _District("nam", "남구", "Nam-gu", 35.133, 126.902),
    _District("gwangsan", "광산구", "Gwangsan-gu", 35.139, 126.793),
)

_HEAD = """\
# 모의 도시 설정 · the configuration of the simulated city
#
# 이 파일을 고치고 저장하면 바로 적용됩니다. 예: 카메라에 `paused: true`를 적거나, 계정에
# `disabled: true`를 적으면 열려 있던 화면이 1초 안에 끊깁니다.
# Change and save it while the demo runs. Write `paused: true` at a camera or `disabled: true` at
# an account, for instance, and open views are cut within a second.

version: 1
city: {name: 광주광역시, name_en: Gwangju}
"""

_FIXED = """\
agencies:
  control_center: {name: 통합관제센터, name_en: Integrated control center}
  city_hall: {name: 광주광역시청, name_en: City hall}

schedules:
  # 평일 단속, 점심 유예 · enforcement on weekdays, with grace at lunch time
  weekday:
    days: [mon, tue, wed, thu, fri]
    holidays: closed
    windows: ["08:00-20:00"]
    grace: ["11:30-13:30"]
    effective_from: 2024-04-01
    notice: 모의-2024-001
  # 매일 종일 단속 · enforcement at any hour of any day
  any-hour:
    days: [mon, tue, wed, thu, fri, sat, sun]
    holidays: open
    windows: ["00:00-24:00"]
    effective_from: 2024-04-01
    notice: 모의-2024-001
  # 단속이 없는 시간의 공동활용 · sharing outside of enforcement hours
  night:
    days: [mon, tue, wed, thu, fri, sat, sun]
    holidays: open
    windows: ["20:00-08:00"]
    effective_from: 2024-04-01
    notice: 모의-2024-001

roles:
  parking_officer: {name: 단속 담당, name_en: Parking officer}
  camera_registrar: {name: 등록 담당, name_en: Camera registrar}
  control_operator: {name: 관제요원, name_en: Control operator}
  control_supervisor: {name: 관제팀장, name_en: Control supervisor}
  privacy_officer: {name: 개인정보 보호책임자, name_en: Privacy officer}
  auditor: {name: 감사 담당, name_en: Auditor}
  system_admin: {name: 시스템 관리자, name_en: System administrator}

rules:
  # 단속 담당: 자기 구, 단속 시간, 마스킹된 영상 · own district, enforcement hours, masked
  - id: parking-own-district
    effect: allow
    roles: [parking_officer]
    purposes: [parking_enforcement]
    actions: [live.view]
    cameras: {district: own}
    conditions: [own_district, purpose_registered, schedule]
    variant: masked
    obligations: [au, wm]
  - id: parking-snapshot
    effect: allow
    roles: [parking_officer]
    purposes: [parking_enforcement]
    actions: [snapshot]
    cameras: {district: own}
    conditions: [own_district, purpose_registered, schedule, outside_grace]
    variant: masked
    obligations: [au, wm]
  # 관제: 방범은 협약과 공동활용 시간 안에서 · crime prevention by agreement and sharing mode
  - id: control-crime-prevention
    effect: allow
    roles: [control_operator, control_supervisor]
    purposes: [crime_prevention]
    actions: [live.view]
    cameras: all
    conditions: [purpose_registered, sharing, agreement]
    variant: raw
    obligations: [au, wm]
  # 관제: 긴급은 열린 사건이 있을 때 · emergencies need an open incident
  - id: control-emergency
    effect: allow
    roles: [control_operator, control_supervisor]
    purposes: [emergency_response]
    actions: [live.view, snapshot]
    cameras: all
    conditions: [purpose_registered, agreement, incident]
    variant: raw
    obligations: [au, wm, nt]
  # 등록 담당: 시험 화면 60초 · a test view of 60 seconds
  - id: registrar-test-view
    effect: allow
    roles: [camera_registrar]
    purposes: [maintenance]
    actions: [live.view]
    cameras: {district: own}
    conditions: [own_district]
    variant: raw
    quality: sub
    obligations: [au, wm]
    max_seconds: 60
  - id: registrar-registers
    effect: allow
    roles: [camera_registrar]
    purposes: [maintenance]
    actions: [camera.register, camera.configure]
    cameras: {district: own}
    conditions: [own_district]
    obligations: [au]
  - id: oversight-reads-records
    effect: allow
    roles: [privacy_officer, auditor]
    purposes: [audit]
    actions: [audit.read]
    cameras: all
    obligations: [au]
  - id: admin-manages
    effect: allow
    roles: [system_admin]
    purposes: [maintenance]
    actions: [policy.edit, user.grant]
    cameras: all
    obligations: [au]
"""


def demo_document(cameras: Sequence[DemoCamera], search: DemoSearch | None = None) -> str:
    """The text of `cameras.yaml` for these cameras, spread over the five districts in turn."""
    lines = [_HEAD, *_districts(), *_sites(len(cameras)), "\n", _FIXED, *_agreements(len(cameras))]
    lines += [*_accounts(), *_settings(search), "\ncameras:\n"]
    lines += ["\n".join(_camera(index, each)) + "\n" for index, each in enumerate(cameras)]
    return "".join(lines) if cameras else "".join(lines[:-1]) + "\ncameras: []\n"


def demo_camera_id(index: int) -> str:
    """The id of the camera at a place of the list (from 0)."""
    site, unit = divmod(index // len(_DISTRICTS), CAMERAS_A_SITE)
    return f"gj-{_district(index).id}-{site + 1:04}-{unit + 1}"


def _district(index: int) -> _District:
    return _DISTRICTS[index % len(_DISTRICTS)]


def _site_of(index: int) -> str:
    return f"{_district(index).id}-{index // len(_DISTRICTS) // CAMERAS_A_SITE + 1:04}"


def _districts() -> Iterator[str]:
    yield "\ndistricts:\n"
    for each in _DISTRICTS:
        yield f"  {each.id}: {{name: {each.name}, name_en: {each.name_en}}}\n"


def _sites(count: int) -> Iterator[str]:
    yield "\nsites:\n" if count else "\nsites: {}\n"
    known: dict[str, _District] = {}
    for index in range(count):
        known.setdefault(_site_of(index), _district(index))
    for id, district in known.items():
        number = int(id.rsplit("-", 1)[1])
        # A spiral around the district's middle keeps the points of a map apart.
        lat = district.lat + 0.004 * ((number * 7) % 11 - 5) / 5
        lon = district.lon + 0.005 * ((number * 5) % 13 - 6) / 6
        yield (
            f"  {id}: {{district: {district.id}, name: {district.name} 모의 {number}지점, "
            f"name_en: {district.name_en} site {number}, "
            f"location: {{lat: {lat:.5f}, lon: {lon:.5f}}}}}\n"
        )


def _agreements(count: int) -> Iterator[str]:
    yield "\n# 자치구와 관제센터의 공동활용 협약 · agreements of the districts with the center\n"
    yield "agreements:\n" if count else "agreements: []\n"
    for district in _DISTRICTS[:count]:
        yield (
            f"  - {{id: {district.id}-center, owner: {district.id}, recipient: control_center, "
            "purposes: [crime_prevention, emergency_response], actions: [live.view, snapshot], "
            f"from: 2024-04-01, to: 2035-12-31, cameras: {{district: {district.id}}}}}\n"
        )


def _accounts() -> Iterator[str]:
    yield "\naccounts:\n"
    for each in DEMO_ACCOUNTS:
        yield (
            f"  {each.id}: {{name: {each.name}, name_en: {each.name_en}, "
            f"roles: [{{role: {each.role}, agency: {each.agency}}}]}}\n"
        )


def _settings(search: DemoSearch | None) -> Iterator[str]:
    yield "\nsettings:\n  idle_after_s: 10\n"
    if search is not None:
        yield (
            "  # 등록 담당이 새 카메라를 찾는 곳 · where a registrar's scan looks for new cameras\n"
            f"  discovery:\n    networks: [{search.network}]\n"
            f"    onvif_ports: [{search.onvif_port}]\n"
            f"    ws_discovery_port: {search.ws_discovery_port}\n"
            f"    credentials: [{DEMO_CREDENTIALS}]\n"
        )


def _camera(index: int, camera: DemoCamera) -> Iterator[str]:
    district, place = _district(index), index // len(_DISTRICTS) + 1
    name = camera.name or f"{district.name} {place}번"
    name_en = f"{district.name_en} {place}"
    yield f"  - id: {demo_camera_id(index)}"
    yield f"    number: {camera.number}"
    yield f"    name: {_quoted(name)}"
    yield f"    name_en: {_quoted(name_en)}"
    yield f"    site: {_site_of(index)}"
    yield (
        f"    address: {{host: {_quoted(camera.host)}, rtsp_port: {camera.rtsp_port}, "
        f"onvif_port: {camera.onvif_port}}}"
    )
    yield (f"    streams: {{main: {_quoted(camera.main_path)}, sub: {_quoted(camera.sub_path)}}}")
    yield f"    credentials: {DEMO_CREDENTIALS}"
    yield from _rights(place)


def _rights(place: int) -> Iterator[str]:
    """When and for what a district's camera number `place` may be used."""
    parking_only = place % PARKING_ONLY_EVERY == 0
    if place % INCIDENT_ONLY_EVERY == 0:
        yield "    sharing_mode: incident_only"
    elif place % TIME_WINDOW_EVERY == 0:
        yield "    sharing_mode: time_window"
        yield "    sharing_window: night"
    else:
        yield "    sharing_mode: always"
    yield "    purposes:"
    yield _purpose("parking_enforcement", "PIPA25-1-4")
    if not parking_only:
        yield _purpose("crime_prevention", "PIPA25-1-2")
        yield _purpose("emergency_response", "PIPA25-1-1")
    # The first camera and every second after it can be shown in a demo at midnight too.
    schedule = "any-hour" if place % 2 else "weekday"
    yield f"    enforcement: {{schedule: {schedule}, shot_interval_min: 10, home_preset: P1}}"
    yield f"    masks: {{parking_enforcement: [{_mask(place)}]}}"


def _purpose(purpose: str, ground: str) -> str:
    return (
        f"      {purpose}: {{ground: {ground}, notice: 모의-2024-001, notice_date: 2024-03-04, "
        "sign_updated: 2024-03-22, effective_from: 2024-04-01}"
    )


def _mask(place: int) -> str:
    """Windows at the left or the right, always below the machine-readable strip at the top."""
    if place % 2:
        return "[[0.0, 0.08], [0.3, 0.08], [0.3, 0.34], [0.0, 0.4]]"
    return "[[0.68, 0.08], [1.0, 0.08], [1.0, 0.4], [0.68, 0.34]]"


def _quoted(text: str) -> str:
    """Text as a double-quoted scalar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
