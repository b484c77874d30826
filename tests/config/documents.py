"""Small sound documents that the tests break in one place each."""

CITY = """\
version: 1
city: {name: 광주광역시}
districts:
  buk: {name: 북구}
  seo: {name: 서구}
agencies:
  center: {name: 관제센터}
sites:
  buk-1: {district: buk, name: 후문, location: {lat: 35.1, lon: 126.9}}
  seo-1: {district: seo, name: 중앙로, location: {lat: 35.1, lon: 126.8}}
schedules:
  day:
    days: [mon, tue]
    windows: ["08:00-20:00"]
    grace: ["11:30-13:30"]
cameras:
  - id: cam-1
    number: 1
    name: 후문 1
    site: buk-1
    address: {host: 127.20.0.1}
    streams: {main: /main, sub: /sub}
    credentials: buk-default
    sharing_mode: always
    purposes:
      parking_enforcement: {ground: a, notice: b, notice_date: 2024-01-01, sign_updated: 2024-01-02, effective_from: 2024-01-03}
      crime_prevention: {ground: a, notice: b, notice_date: 2024-01-01, sign_updated: 2024-01-02, effective_from: 2024-01-03}
    enforcement: {schedule: day}
    masks: {parking_enforcement: [[[0.0, 0.1], [0.5, 0.1], [0.5, 0.5]]]}
  - id: cam-2
    number: 2
    name: 중앙로 1
    site: seo-1
    address: {host: 127.20.0.2}
    streams: {main: /main}
    sharing_mode: incident_only
    purposes:
      crime_prevention: {ground: a, notice: b, notice_date: 2024-01-01, sign_updated: 2024-01-02, effective_from: 2024-01-03}
roles:
  parking_officer: {name: 단속}
  control_operator: {name: 관제}
  system_admin: {name: 관리}
  privacy_officer: {name: 보호}
  auditor: {name: 감사}
rules:
  - id: parking
    effect: allow
    roles: [parking_officer]
    purposes: [parking_enforcement]
    actions: [live.view]
    cameras: {district: own}
    conditions: [own_district, schedule]
    variant: masked
  - id: watch
    effect: allow
    roles: [control_operator]
    purposes: [crime_prevention]
    actions: [live.view]
    cameras: all
    variant: raw
agreements:
  - {id: buk-center, owner: buk, recipient: center, purposes: [crime_prevention], actions: [live.view], from: 2024-01-01, to: 2027-12-31, cameras: {district: buk}}
accounts:
  kim: {name: 김, roles: [{role: parking_officer, agency: buk}]}
  choi:
    name: 최   # 야간
    roles:
    - {role: control_operator, agency: center}
terminals:
  room: {name: 관제실, agency: center, networks: [127.0.0.0/8]}
"""  # noqa: E501


def changed(*changes: tuple[str, str]) -> str:
    """The document with each first text, which must stand in it, replaced by the second."""
    text = CITY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
