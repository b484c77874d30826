"""Files that are refused: which words, at which place, and all of them at once."""

import contextlib
import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.redact import redact
from cctv_gateway.config.document import MAX_BYTES
from cctv_gateway.config.load import examine, load_bytes, load_file
from cctv_gateway.config.problems import ConfigError, Problem
from cctv_gateway.config.sentences import SENTENCES
from tests.config.documents import CITY, changed

TODAY = date(2026, 11, 23)


def problems_of(text: str, today: date | None = TODAY) -> tuple[Problem, ...]:
    return examine(text, "cameras.yaml", today)[1]


def short(problem: Problem) -> tuple[int, int, str]:
    return (problem.line, problem.column, f"{problem.code}: {problem.message}")


def test_a_sound_file_loads() -> None:
    loaded = load_bytes(CITY.encode(), "cameras.yaml", TODAY)
    assert loaded.problems == ()
    assert [camera.id for camera in loaded.configuration.cameras] == ["cam-1", "cam-2"]
    assert loaded == load_bytes(CITY.encode(), "cameras.yaml", TODAY)


def test_a_byte_order_mark_is_no_content() -> None:
    marked = load_bytes(CITY.encode("utf-8-sig"), "cameras.yaml", TODAY)
    assert marked.configuration == load_bytes(CITY.encode(), "cameras.yaml").configuration


# (changes of the sound document, the text that the problem points at, code and message)
BAD_FILES: list[tuple[list[tuple[str, str]], str, str]] = [
    # --- fields
    ([("version: 1", "version: 2")],
     'version: 2', "NOT_ONE_OF: `version` must be one of: 1."),
    ([("version: 1\n", "")],
     'city: {name: 광주광역시}', "MISSING: `version` is missing."),
    ([("    number: 1\n", "")],
     'id: cam-1', "MISSING: `number` is missing."),
    ([("number: 1", "number: one")],
     'number: one', "WRONG_TYPE: `number` must be a whole number."),
    ([("number: 1", 'number: "1"')],
     'number: "1"', "WRONG_TYPE: `number` must be a whole number."),
    ([("number: 1", "number: 4096")],
     'number: 4096', "OUT_OF_RANGE: `number` is out of range (≤ 4095)."),
    ([("name: 후문 1", "name: 12")],
     'name: 12', "WRONG_TYPE: `name` must be text."),
    ([("number: 1", "nummer: 3\n    number: 1")],
     'nummer: 3',
     "UNKNOWN_KEY: `nummer` is not a key of this section."),
    ([("version: 1", "version: 1\n<<: 3")],
     '<<: 3',
     "UNKNOWN_KEY: `<<` is not a key of this section."),
    ([("sharing_mode: always", "sharing_mode: sometimes")],
     'sharing_mode: sometimes',
     "NOT_ONE_OF: `sharing_mode` must be one of: `always`, `time_window` or `incident_only`."),
    ([("sharing_mode: always", "sharing_mode: always\n    paused: no")],
     'paused: no',
     "WRONG_TYPE: `paused` must be `true` or `false`."),
    ([("notice_date: 2024-01-01", "notice_date: 2024-13-01")],
     'notice_date: 2024-13-01, sign_up',
     "NOT_A_DATE: `notice_date` is not a date."),
    ([("ground: a, notice: b, ", "ground: a, ")],
     'parking_enforcement: {ground: a,',
     "PURPOSE_INCOMPLETE: The purpose `parking_enforcement` lacks `notice`; without it nothing "
     "may be shared."),
    ([("purposes:\n      parking", "purposes:\n      tax_collection: {}\n      parking")],
     'tax_collection: {}',
     "NOT_ONE_OF: `tax_collection` must be one of: `parking_enforcement`, `crime_prevention`, "
     "`emergency_response`, `investigation_provision`, `court_execution`, "
     "`data_subject_request`, `maintenance` or `audit`."),
    ([("id: cam-1", "id: Cam 1")],
     'id: Cam 1',
     "BAD_FORMAT: `id` holds characters that are not allowed."),
    ([("{main: /main, sub", "{main: main, sub")],
     'main: main, sub: /sub}',
     "BAD_FORMAT: `main` holds characters that are not allowed."),
    ([("[0.5, 0.5]]]", "[0.5, 1.5]]]")],
     "1.5]]]}",
     "OUT_OF_RANGE: `parking_enforcement[0]` is out of range (≤ 1.0)."),
    ([(", [0.5, 0.5]]]", "]]")],
     '[[0.0, 0.1], [0.5, 0.1]]]}',
     "BAD_LENGTH: `parking_enforcement[0]` is too short or too long (≥ 3)."),
    ([('windows: ["08:00-20:00"]', 'windows: ["8-20"]')],
     '"8-20"]',
     'WINDOW_FORMAT: A window is written "HH:MM-HH:MM".'),
    ([('windows: ["08:00-20:00"]', "windows: [0830]")],
     '0830]',
     'WINDOW_FORMAT: A window is written "HH:MM-HH:MM".'),
    ([('windows: ["08:00-20:00"]', 'windows: ["08:00-08:00"]')],
     '"08:00-08:00"]',
     "WINDOW_EMPTY: A window must not end when it starts."),
    ([("cameras: all", "cameras: every")],
     'cameras: every',
     "SELECTOR_WORD: `cameras` is neither `all` nor a selector."),
    ([("cameras: {district: own}", "cameras: {}")],
     'cameras: {}',
     "SELECTOR_EMPTY: The selector names no camera, or `all` and more at once."),
    ([("districts:\n", "districts: []\nx:\n")],
     'districts: []',
     "WRONG_TYPE: `districts` must be a section with keys."),
    # --- references
    ([("site: buk-1\n", "site: buk-9\n")],
     'site: buk-9',
     "UNKNOWN_REFERENCE: There is no site `buk-9` in this file."),
    ([("{district: buk, name", "{district: puk, name")],
     'district: puk, name: 후문, locatio',
     "UNKNOWN_REFERENCE: There is no district `puk` in this file."),
    ([("{schedule: day}", "{schedule: night}")],
     'schedule: night}',
     "UNKNOWN_REFERENCE: There is no schedule `night` in this file."),
    ([("roles: [parking_officer]", "roles: [parking_offizier]")],
     'roles: [parking_offizier]',
     "UNKNOWN_REFERENCE: There is no role `parking_offizier` in this file."),
    ([("role: parking_officer, agency: buk", "role: parking_officer, agency: b")],
     'agency: b}]}',
     "UNKNOWN_REFERENCE: There is no agency `b` in this file."),
    ([("role: parking_officer, agency: buk", "role: police, agency: buk")],
     'role: police, agency: buk}]}',
     "UNKNOWN_REFERENCE: There is no role `police` in this file."),
    ([("owner: buk", "owner: puk")],
     'owner: puk, recipient: center, p',
     "UNKNOWN_REFERENCE: There is no district `puk` in this file."),
    ([("recipient: center", "recipient: police")],
     'recipient: police, purposes: [cr',
     "UNKNOWN_REFERENCE: There is no agency `police` in this file."),
    ([("cameras: {district: own}", "cameras: {sites: [buk-1, buk-2]}")],
     'buk-2]}',
     "UNKNOWN_REFERENCE: There is no site `buk-2` in this file."),
    ([("cameras: {district: own}", "cameras: {districts: [puk]}")],
     'puk]}',
     "UNKNOWN_REFERENCE: There is no district `puk` in this file."),
    ([("cameras: {district: own}", "cameras: {district: puk}")],
     'district: puk}',
     "UNKNOWN_REFERENCE: There is no district `puk` in this file."),
    ([("agency: center, networks", "agency: police, networks")],
     'agency: police, networks: [127.0',
     "UNKNOWN_REFERENCE: There is no agency `police` in this file."),
    # --- registry
    ([("id: cam-2", "id: cam-1")],
     'id: cam-1', "DUPLICATE_ID: The id `cam-1` is used more than once."),
    ([("id: watch", "id: parking")],
     'id: parking',
     "DUPLICATE_ID: The id `parking` is used more than once."),
    ([("number: 2", "number: 1")],
     'number: 1',
     "DUPLICATE_NUMBER: Camera `cam-2` has the number 1, which camera `cam-1` has already."),
    ([("host: 127.20.0.2", "host: 127.20.0.1")],
     'address: {host: 127.20.0.1}',
     "DUPLICATE_ADDRESS: Camera `cam-2` has the same address and main stream as camera `cam-1`."),
    ([("  center: {name: 관제센터}", "  center: {name: 관제센터}\n  buk: {name: 북구}")],
     'buk: {name: 북구}',
     "AGENCY_IS_DISTRICT: `buk` is a district and must not be listed as an agency again."),
    ([("  center: {name: 관제센터}", "  center: {name: 관제센터}\n  own: {name: 북구}")],
     'own: {name: 북구}',
     "RESERVED_ID: `own` is a reserved word and cannot be an id."),
    ([("    enforcement: {schedule: day}\n", "")],
     'purposes:',
     "ENFORCEMENT_MISSING: Camera `cam-1` serves parking enforcement but has no enforcement "
     "schedule."),
    ([("sharing_mode: incident_only", "sharing_mode: incident_only\n    enforcement: "
       "{schedule: day}")],
     'enforcement: {schedule: day}',
     "ENFORCEMENT_UNUSED: Camera `cam-2` has an enforcement schedule without the purpose "
     "parking_enforcement."),
    ([("sharing_mode: always", "sharing_mode: time_window")],
     'sharing_mode: time_window',
     "SHARING_WINDOW_MISSING: Camera `cam-1` is shared in a time window but names none."),
    ([("sharing_mode: always", "sharing_mode: always\n    sharing_window: day")],
     'sharing_window: day',
     "SHARING_WINDOW_UNUSED: Camera `cam-1` has a sharing window, but its sharing mode is "
     "`always`."),
    ([("effective_from: 2024-01-03", "effective_from: 2024-01-01")],
     'effective_from: 2024-01-01}',
     "DATES_REVERSED: `sign_updated` lies after `effective_from`."),
    ([("purposes:\n      parking_enforcement", "purposes:\n      audit: {ground: a, notice: b, "
       "notice_date: 2024-01-01, sign_updated: 2024-01-01, effective_from: 2024-01-01}\n"
       "      parking_enforcement")],
     'audit: {ground: a, notice: b, no',
     "PURPOSE_NOT_REGISTRABLE: `audit` is not registered on cameras; it needs case papers "
     "instead."),
    ([("[0.5, 0.1], [0.5, 0.5]", "[0.5, 0.1], [0.9, 0.1]")],
     '[[0.0, 0.1], [0.5, 0.1], [0.9, 0',
     "MASK_FLAT: A mask of camera `cam-1` covers no area."),
    ([('windows: ["08:00-20:00"]', 'windows: ["08:00-20:00", "19:00-21:00"]')],
     '"19:00-21:00"]',
     "WINDOWS_OVERLAP: In the schedule `day` the window 19:00-21:00 overlaps 08:00-20:00."),
    ([('windows: ["08:00-20:00"]', 'windows: ["08:00-20:00", "22:00-09:00"]')],
     '"22:00-09:00"]',
     "WINDOWS_OVERLAP: In the schedule `day` the window 22:00-09:00 overlaps 08:00-20:00."),
    ([('grace: ["11:30-13:30"]', 'grace: ["19:30-20:30"]')],
     '"19:30-20:30"]',
     "GRACE_OUTSIDE: In the schedule `day` the grace 19:30-20:30 lies outside its windows."),
    ([("    days: [mon, tue]\n", "    days: [mon, tue]\n    effective_from: 2025-01-01\n"
       "    effective_to: 2024-12-31\n")],
     'effective_to: 2024-12-31',
     "DATES_REVERSED: `effective_from` lies after `effective_to`."),
    ([("terminals:", "settings: {timezone: Asia/Soul}\nterminals:")],
     'timezone: Asia/Soul}',
     "TIMEZONE_UNKNOWN: The time zone `Asia/Soul` is not known."),
    ([("[127.0.0.0/8]", "[127.0.0.1/8]")],
     '127.0.0.1/8]}',
     "NETWORK_FORMAT: A network of `room` is not in CIDR notation."),
    ([("terminals:", "settings: {discovery: {networks: [10.0.0.1/8]}}\nterminals:")],
     '10.0.0.1/8]}}',
     "NETWORK_FORMAT: A network of `settings.discovery` is not in CIDR notation."),
    # --- roles
    ([("parking_officer: {name: 단속}", "parking_officer: {name: 단속}\n  guard: {name: 경비}")],
     'guard: {name: 경비}', "ROLE_KIND: The role `guard` does not say what kind of work it is."),
    ([("roles: [control_operator]", "roles: [control_operator, system_admin]")],
     'actions: [live.view]',
     "ROLE_FORBIDS_ACTION: Rule `watch` grants live.view to `system_admin`; no system_admin may "
     "ever have it."),
    ([("roles: [control_operator]", "roles: [boss]"),
      ("  auditor: {name: 감사}", "  auditor: {name: 감사}\n  boss: {name: 장, kind: auditor}")],
     'actions: [live.view]',
     "ROLE_FORBIDS_ACTION: Rule `watch` grants live.view to `boss`; no auditor may ever have it."),
    ([("[{role: parking_officer, agency: buk}]",
       "[{role: system_admin, agency: buk}, {role: privacy_officer, agency: buk}, "
       "{role: auditor, agency: buk}]")],
     'roles: [{role: system_admin, age',
     "INCOMPATIBLE_ROLES: The account `kim` holds system_admin, privacy_officer, auditor "
     "together; one person may hold only one of them."),
    ([("[{role: parking_officer, agency: buk}]",
       "[{role: parking_officer, agency: buk}, {role: parking_officer, agency: buk}]")],
     '{role: parking_officer, agency: ',
     "DUPLICATE_ROLE: The account `kim` lists the same role and agency twice."),
    ([("kim: {name: 김,", "kim: {name: 김, contractor: true,")],
     '{role: parking_officer, agency: ',
     "CONTRACTOR_ROLE: The contractor `kim` holds `parking_officer`; contractors may only "
     "operate or maintain."),
    ([("    name: 최   # 야간", "    name: 최   # 야간\n    contractor: true"),
      ("actions: [live.view]\n    cameras: all", "actions: [live.view, export.request]\n"
       "    cameras: all")],
     'actions: [live.view, export.requ',
     "CONTRACTOR_ACTION: Rule `watch` grants export.request to the contractor `choi`."),
    # --- rules and agreements
    ([("    masks: {parking_enforcement: [[[0.0, 0.1], [0.5, 0.1], [0.5, 0.5]]]}\n", "")],
     'id: cam-1',
     "MASK_MISSING: Rule `parking` shows camera `cam-1` masked for parking_enforcement, but no "
     "mask is registered."),
    ([("    variant: raw", "    variant: raw\n    code: NO_REASON")],
     'code: NO_REASON',
     "CODE_ON_ALLOW: Rule `watch` allows, so its `code` would never be used."),
    ([("conditions: [own_district, schedule]", "conditions: [own_district, shift]")],
     'kim: {name: 김, roles: [{role: pa',
     "SHIFT_MISSING: The account `kim` has no shift, so rules that ask for one never allow it "
     "anything."),
    ([("purposes: [crime_prevention], actions", "purposes: [emergency_response], actions")],
     'purposes: [emergency_response], ',
     "AGREEMENT_WIDER: The agreement `buk-center` shares emergency_response, which no camera of "
     "`buk` in it has registered."),
    ([("cameras: {district: buk}", "cameras: {district: seo}")],
     'cameras: {district: seo}}',
     "AGREEMENT_FOREIGN: The agreement `buk-center` of `buk` selects cameras of another "
     "district."),
    ([("cameras: {district: buk}", "cameras: {sites: [seo-1]}")],
     'cameras: {sites: [seo-1]}}',
     "AGREEMENT_FOREIGN: The agreement `buk-center` of `buk` selects cameras of another "
     "district."),
    ([("recipient: center", "recipient: buk")],
     'recipient: buk, purposes: [crime',
     "AGREEMENT_SELF: The agreement `buk-center` has the same owner and recipient."),
    ([("to: 2027-12-31", "to: 2023-12-31")],
     'to: 2023-12-31, cameras: {distri',
     "DATES_REVERSED: `from` lies after `to`."),
    ([("to: 2027-12-31", "to: 2026-11-22")],
     'to: 2026-11-22, cameras: {distri',
     "AGREEMENT_EXPIRED: The agreement `buk-center` ended on 2026-11-22; it allows nothing any "
     "more."),
    # --- secrets and sound
    ([("credentials: buk-default", "password: hunter2")],
     'password: hunter2',
     "PASSWORD_IN_CLEAR: `password` would hold a secret in clear text."),
    ([("credentials: buk-default", "admin_password: hunter2")],
     'admin_password: hunter2',
     "PASSWORD_IN_CLEAR: `admin_password` would hold a secret in clear text."),
    ([("{main: /main, sub", '{main: "/main?user=a&pwd=hunter2", sub')],
     '"/main?user=a&pwd=hunter2", sub:',
     "PASSWORD_IN_CLEAR: `main` would hold a secret in clear text."),
    ([("# 야간", "# rtsp://admin:hunter2@127.20.0.9/main")],
     'rtsp://admin:hunter2@127.20.0.9/',
     "PASSWORD_IN_URL: The line holds an address with a login in it."),
    ([("credentials: buk-default", "audio: true")],
     'audio: true',
     "AUDIO_FORBIDDEN: `audio` asks for sound; the law forbids it and the gateway has none."),
    ([("{main: /main, sub", "{main: /main, backchannel: /b, sub")],
     'backchannel: /b, sub: /sub}',
     "AUDIO_FORBIDDEN: `backchannel` asks for sound; the law forbids it and the gateway has "
     "none."),
]  # fmt: skip


# What a single mistake may rightly bring with it.
COMPANIONS = {
    "`tax_collection`": {"PURPOSE_INCOMPLETE"},
    "`from` lies": {"AGREEMENT_EXPIRED"},
    "`districts` must": {"UNKNOWN_KEY"},
}


@pytest.mark.parametrize(("changes", "place", "message"), BAD_FILES)
def test_bad_files(changes: list[tuple[str, str]], place: str, message: str) -> None:
    text = changed(*changes)
    found = [short(each) for each in problems_of(text)]
    (at,) = ((line, column) for line, column, told in found if told == message)
    assert text.split("\n")[at[0] - 1][at[1] - 1 :].startswith(place)
    others = {told.split(":")[0] for *_, told in found if told != message}
    allowed: set[str] = set()
    for mention, codes in COMPANIONS.items():
        allowed |= codes if mention in message else set()
    assert others <= allowed


def test_every_sentence_is_reached_or_known() -> None:
    reached = {message.split(":")[0] for *_, message in BAD_FILES}
    elsewhere = {code for code in SENTENCES if code.startswith(("FILE_", "YAML_"))}
    assert SENTENCES.keys() - reached - elsewhere == {"DUPLICATE_KEY", "INVALID"}


def test_all_problems_are_told_at_once() -> None:
    text = changed(
        ("number: 1", "number: one"),
        ("sharing_mode: incident_only", "sharing_mode: never"),
        ('grace: ["11:30-13:30"]', 'grace: ["06:00-07:00"]'),
        ("recipient: center", "recipient: buk"),
        ("kim: {name: 김,", "kim: {name: 김, password: hunter2,"),
    )
    found = [each.code for each in problems_of(text)]
    assert found == ["GRACE_OUTSIDE", "WRONG_TYPE", "NOT_ONE_OF", "PASSWORD_IN_CLEAR"]
    text = text.replace("sharing_mode: never", "sharing_mode: incident_only")
    assert "UNKNOWN_KEY" not in [each.code for each in problems_of(text)]


def test_what_surrounds_a_broken_camera_is_checked_at_its_own_place() -> None:
    text = changed(("number: 1", "number: one"), ("site: seo-1", "site: seo-7"))
    found = [short(each) for each in problems_of(text)]
    assert [each[0] for each in found] == [18, 33]
    assert found[1][2] == "UNKNOWN_REFERENCE: There is no site `seo-7` in this file."


def test_warnings_do_not_refuse_a_file() -> None:
    data = changed(("to: 2027-12-31", "to: 2026-11-22")).encode()
    (warning,) = load_bytes(data, "cameras.yaml", TODAY).problems
    assert warning.code == "AGREEMENT_EXPIRED"
    assert load_bytes(data, "cameras.yaml", date(2026, 11, 22)).problems == ()


def test_problems_are_told_in_korean_with_a_fix() -> None:
    (problem,) = problems_of(changed(("site: buk-1\n", "site: buk-9\n")))
    assert problem.message_ko == "이 파일에 개소 `buk-9` 항목이 없습니다."
    assert problem.fix == "Correct the id, or add it under `sites`."
    assert problem.fix_ko == "식별자를 고치거나 `sites`에 추가하십시오."
    assert str(problem).startswith("cameras.yaml:20:5: UNKNOWN_REFERENCE: There is no site")


@pytest.mark.parametrize(("changes", "place", "message"), BAD_FILES)
def test_no_problem_tells_an_address_or_a_secret(
    changes: list[tuple[str, str]], place: str, message: str
) -> None:
    for problem in problems_of(changed(*changes)):
        told = f"{problem} {problem.message_ko} {problem.fix_ko}"
        assert "127." not in told
        assert "hunter2" not in told
        assert redact(told) == told


def test_a_refusal_carries_all_problems() -> None:
    data = changed(("number: 1", "number: one"), ("number: 2", "number: two")).encode()
    with pytest.raises(ConfigError) as caught:
        load_bytes(data, "cameras.yaml")
    assert len(caught.value.problems) == 2
    assert caught.value.code == "CONFIG_REFUSED"
    assert caught.value.message == (
        "cameras.yaml is refused with 2 problem(s). The first, in line 18, column 5: `number` "
        "must be a whole number."
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"# only a comment\n", "FILE_EMPTY"),
        (b"\xff\xfe", "FILE_ENCODING"),
        (b" " * (MAX_BYTES + 1), "FILE_TOO_LARGE"),
        (b"- 1\n", "WRONG_TYPE"),
        (b"5\n", "WRONG_TYPE"),
        (b"a: {", "YAML_SYNTAX"),
    ],
)
def test_files_that_are_no_configuration(data: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "cameras.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_file(path)
    assert caught.value.problems[0].code == code


def test_a_missing_file_says_so_without_its_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_file(tmp_path / "cameras.yaml")
    (problem,) = caught.value.problems
    assert problem.message == "The file cannot be read: no such file or directory."
    assert os.fspath(tmp_path) not in str(problem)


@given(st.binary(max_size=200))
def test_any_bytes_load_or_are_refused(data: bytes) -> None:
    with pytest.raises(ConfigError):
        load_bytes(data, "cameras.yaml", TODAY)


SPOTS = st.integers(0, len(CITY))


@given(SPOTS, SPOTS, st.sampled_from(["", "x", ":", "- ", "[", "{", '"', "\n", "0", "~", "&a *a"]))
def test_a_damaged_file_loads_or_is_refused(start: int, length: int, instead: str) -> None:
    data = (CITY[:start] + instead + CITY[start + length % 40 :]).encode()
    problems: tuple[Problem, ...] = ()
    with contextlib.suppress(ConfigError):
        problems = load_bytes(data, "cameras.yaml", TODAY).problems
    text = data.decode()
    assert "127.20" not in f"{problems} {examine(text, 'cameras.yaml', TODAY)[1]}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["version", "city", "cameras", "districts", "sites", "rules", "accounts", "id", "name",
             "masks", "purposes", "address", "schedules", "windows", "agreements"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@given(JSON)
def test_any_structure_is_refused_in_order(value: object) -> None:
    problems = problems_of(json.dumps(value))
    assert problems
    assert [each.line for each in problems] == sorted(each.line for each in problems)
