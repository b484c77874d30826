"""The sentences of every problem that a configuration file can have, in English and Korean.

Which problem a file has is found in `document`, `load` and `check`, not here.
"""

from typing import NamedTuple


class Sentence(NamedTuple):
    """What is wrong and what to do, as `str.format` templates."""

    message: str
    message_ko: str
    fix: str
    fix_ko: str


_FILE = {
    "FILE_UNREADABLE": Sentence(
        "The file cannot be read: {detail}.",
        "파일을 읽을 수 없습니다: {detail}.",
        "Check that it exists and that the gateway's user may read it.",
        "파일이 있는지, 게이트웨이 계정에 읽기 권한이 있는지 확인하십시오.",
    ),
    "FILE_TOO_LARGE": Sentence(
        "The file is larger than {limit} MB.",
        "파일이 {limit} MB보다 큽니다.",
        "Remove what does not belong in it.",
        "불필요한 내용을 삭제하십시오.",
    ),
    "FILE_ENCODING": Sentence(
        "The file is not UTF-8 text.",
        "파일이 UTF-8 텍스트가 아닙니다.",
        "Save it as UTF-8.",
        "UTF-8로 저장하십시오.",
    ),
    "FILE_EMPTY": Sentence(
        "The file says nothing.",
        "파일에 내용이 없습니다.",
        "Start from the sample cameras.yaml.",
        "예제 cameras.yaml 파일을 바탕으로 작성하십시오.",
    ),
    "YAML_SYNTAX": Sentence(
        "This is not valid YAML: {subject}.",
        "YAML 문법 오류입니다: {subject}.",
        "Look at indentation, colons, brackets and quotes here and in the line before.",
        "이 줄과 앞 줄의 들여쓰기, 콜론, 괄호, 따옴표를 확인하십시오.",
    ),
    "YAML_CHARACTER": Sentence(
        "The text holds a character that YAML does not allow.",
        "YAML에서 허용하지 않는 문자가 있습니다.",
        "Delete the invisible or broken character.",
        "보이지 않거나 깨진 문자를 삭제하십시오.",
    ),
    "YAML_TAG": Sentence(
        "Tags such as `!!python` are not allowed.",
        "`!!python` 같은 태그는 사용할 수 없습니다.",
        "Write the plain value.",
        "태그 없이 값만 적으십시오.",
    ),
    "YAML_VERSION": Sentence(
        "Only YAML 1.2 is read.",
        "YAML 1.2만 지원합니다.",
        "Remove the %YAML line.",
        "%YAML 줄을 삭제하십시오.",
    ),
    "YAML_DOCUMENTS": Sentence(
        "The file holds more than one document.",
        "파일에 문서가 둘 이상 있습니다.",
        "Remove this `---` and join the parts.",
        "이 `---` 줄을 삭제하고 하나로 합치십시오.",
    ),
    "YAML_KEY": Sentence(
        "A key must be a simple word.",
        "키는 단순한 낱말이어야 합니다.",
        "Write `key: value`.",
        "`키: 값` 형식으로 적으십시오.",
    ),
    "YAML_DEPTH": Sentence(
        "The nesting is too deep.",
        "중첩이 너무 깊습니다.",
        "Close brackets that were left open.",
        "닫히지 않은 괄호가 있는지 확인하십시오.",
    ),
    "YAML_ALIAS": Sentence(
        "The alias `*{subject}` has no anchor above it.",
        "별칭 `*{subject}`에 해당하는 앵커가 앞에 없습니다.",
        "Write the value itself, or quote the text if the star is meant.",
        "값을 직접 적거나, 별표가 글자라면 따옴표로 감싸십시오.",
    ),
    "YAML_TOO_LARGE": Sentence(
        "Written out, the aliases of this file grow too large.",
        "별칭을 모두 펼치면 문서가 지나치게 커집니다.",
        "Use fewer aliases.",
        "별칭 사용을 줄이십시오.",
    ),
    "DUPLICATE_KEY": Sentence(
        "The key `{subject}` stands here a second time.",
        "키 `{subject}` 항목이 중복되었습니다.",
        "Keep one of them.",
        "하나만 남기십시오.",
    ),
}

_FIELDS = {
    "MISSING": Sentence(
        "`{field}` is missing.",
        "`{field}` 항목이 없습니다.",
        "Add it.",
        "항목을 추가하십시오.",
    ),
    "PURPOSE_INCOMPLETE": Sentence(
        "The purpose `{purpose}` lacks `{field}`; without it nothing may be shared.",
        "목적 `{purpose}`에 `{field}` 항목이 없습니다. 이 값이 없으면 공동활용할 수 없습니다.",
        "Give ground, notice, notice_date, sign_updated and effective_from.",
        "ground, notice, notice_date, sign_updated, effective_from 값을 모두 적으십시오.",
    ),
    "UNKNOWN_KEY": Sentence(
        "`{field}` is not a key of this section.",
        "`{field}` 항목은 여기에서 쓸 수 없습니다.",
        "Correct its spelling or remove it; docs/configuration.md lists the keys.",
        "철자를 고치거나 삭제하십시오. 사용할 수 있는 항목은 docs/configuration.md에 있습니다.",
    ),
    "WRONG_TYPE": Sentence(
        "`{field}` must be {expected}.",
        "`{field}` 값의 형식이 다릅니다. 필요한 형식: {expected_ko}.",
        "Write a value of that kind.",
        "알맞은 형식으로 적으십시오.",
    ),
    "NOT_ONE_OF": Sentence(
        "`{field}` must be one of: {expected}.",
        "`{field}` 값은 다음 중 하나여야 합니다: {expected}.",
        "Choose one of them.",
        "이 가운데 하나를 적으십시오.",
    ),
    "NOT_A_DATE": Sentence(
        "`{field}` is not a date.",
        "`{field}` 값이 날짜가 아닙니다.",
        "Write it as 2024-04-01.",
        "2024-04-01과 같이 적으십시오.",
    ),
    "BAD_FORMAT": Sentence(
        "`{field}` holds characters that are not allowed.",
        "`{field}` 값에 사용할 수 없는 문자가 있습니다.",
        "docs/configuration.md gives its form; ids are lower-case letters, digits, - and _.",
        "형식은 docs/configuration.md를 보십시오. 식별자는 영문 소문자, 숫자, -, _ 입니다.",
    ),
    "BAD_LENGTH": Sentence(
        "`{field}` is too short or too long ({limit}).",
        "`{field}` 값이 너무 짧거나 깁니다({limit}).",
        "Change its length.",
        "길이를 맞추십시오.",
    ),
    "OUT_OF_RANGE": Sentence(
        "`{field}` is out of range ({limit}).",
        "`{field}` 값이 범위를 벗어났습니다({limit}).",
        "Write a value inside the range.",
        "범위 안의 값을 적으십시오.",
    ),
    "WINDOW_FORMAT": Sentence(
        'A window is written "HH:MM-HH:MM".',
        '시간대는 "HH:MM-HH:MM" 형식으로 적습니다.',
        'Write for example "08:00-20:00" or "20:00-08:00".',
        '예: "08:00-20:00", "20:00-08:00".',
    ),
    "WINDOW_EMPTY": Sentence(
        "A window must not end when it starts.",
        "시간대의 시작과 끝이 같습니다.",
        'For a whole day write "00:00-24:00".',
        '하루 전체는 "00:00-24:00"으로 적으십시오.',
    ),
    "SELECTOR_WORD": Sentence(
        "`cameras` is neither `all` nor a selector.",
        "`cameras` 값이 `all`도 선택 조건도 아닙니다.",
        "Write `all`, or {{district: …}}, {{sites: […]}}, {{tags: […]}}, {{ids: […]}}.",
        "`all` 또는 {{district: …}}, {{sites: […]}}, {{tags: […]}}, {{ids: […]}}로 적으십시오.",
    ),
    "SELECTOR_EMPTY": Sentence(
        "The selector names no camera, or `all` and more at once.",
        "선택 조건이 비어 있거나 `all`과 다른 조건이 함께 있습니다.",
        "Write `all`, or at least one of district, districts, sites, tags, ids.",
        "`all`을 적거나 district, districts, sites, tags, ids 중 하나 이상을 적으십시오.",
    ),
    "INVALID": Sentence(
        "`{field}` is not valid: {detail}.",
        "`{field}` 값이 올바르지 않습니다: {detail}.",
        "docs/configuration.md gives its form.",
        "형식은 docs/configuration.md를 보십시오.",
    ),
}

_REFERENCES = {
    "UNKNOWN_REFERENCE": Sentence(
        "There is no {kind} `{id}` in this file.",
        "이 파일에 {kind_ko} `{id}` 항목이 없습니다.",
        "Correct the id, or add it under `{section}`.",
        "식별자를 고치거나 `{section}`에 추가하십시오.",
    ),
    "DUPLICATE_ID": Sentence(
        "The id `{id}` is used more than once.",
        "식별자 `{id}`가 중복되었습니다.",
        "Give each its own id.",
        "식별자를 서로 다르게 적으십시오.",
    ),
    "DUPLICATE_NUMBER": Sentence(
        "Camera `{id}` has the number {number}, which camera `{other}` has already.",
        "카메라 `{id}`의 번호 {number}번을 카메라 `{other}`에서 이미 사용 중입니다.",
        "Give each camera its own number.",
        "카메라마다 다른 번호를 적으십시오.",
    ),
    "DUPLICATE_ADDRESS": Sentence(
        "Camera `{id}` has the same address and main stream as camera `{other}`.",
        "카메라 `{id}`의 주소와 기본 스트림이 카메라 `{other}`의 것과 같습니다.",
        "Correct the address, or remove the camera that is listed twice.",
        "주소를 고치거나 중복 등록된 카메라를 삭제하십시오.",
    ),
    "RESERVED_ID": Sentence(
        "`{id}` is a reserved word and cannot be an id.",
        "`{id}`는 예약어이므로 식별자로 쓸 수 없습니다.",
        "Choose another id.",
        "다른 식별자를 사용하십시오.",
    ),
    "AGENCY_IS_DISTRICT": Sentence(
        "`{id}` is a district and must not be listed as an agency again.",
        "`{id}`는 자치구이므로 기관에 다시 적을 수 없습니다.",
        "Remove it under `agencies`; districts are agencies already.",
        "`agencies`에서 삭제하십시오. 자치구는 이미 기관입니다.",
    ),
    "ROLE_KIND": Sentence(
        "The role `{id}` does not say what kind of work it is.",
        "역할 `{id}`의 업무 종류(kind)가 없습니다.",
        "Add `kind:` with one of: {expected}.",
        "`kind:` 항목을 추가하십시오: {expected}.",
    ),
    "TIMEZONE_UNKNOWN": Sentence(
        "The time zone `{id}` is not known.",
        "시간대 이름 `{id}`를 알 수 없습니다.",
        "Write an IANA name such as Asia/Seoul.",
        "Asia/Seoul 같은 IANA 이름을 적으십시오.",
    ),
    "NETWORK_FORMAT": Sentence(
        "A network of `{id}` is not in CIDR notation.",
        "`{id}`의 네트워크가 CIDR 형식이 아닙니다.",
        "Write address/length, without host bits.",
        "주소/길이 형식으로 적고 호스트 비트는 0으로 두십시오.",
    ),
}

_LAW = {
    "WINDOWS_OVERLAP": Sentence(
        "In the schedule `{id}` the window {window} overlaps {other}.",
        "일정 `{id}`의 시간대 {window}, {other}가 겹칩니다.",
        "Join the two windows or move one.",
        "두 시간대를 합치거나 하나를 옮기십시오.",
    ),
    "GRACE_OUTSIDE": Sentence(
        "In the schedule `{id}` the grace {window} lies outside its windows.",
        "일정 `{id}`의 단속 유예 {window}가 단속 시간대를 벗어났습니다.",
        "Put the grace inside one window.",
        "유예 시간을 하나의 시간대 안에 두십시오.",
    ),
    "DATES_REVERSED": Sentence(
        "`{first}` lies after `{second}`.",
        "`{first}` 날짜가 `{second}` 날짜보다 늦습니다.",
        "Correct one of the dates.",
        "날짜를 고치십시오.",
    ),
    "PURPOSE_NOT_REGISTRABLE": Sentence(
        "`{purpose}` is not registered on cameras; it needs case papers instead.",
        "`{purpose}` 목적은 카메라에 등록하지 않고 사건별 서류로 처리합니다.",
        "Use parking_enforcement, crime_prevention or emergency_response.",
        "parking_enforcement, crime_prevention, emergency_response 중에서 적으십시오.",
    ),
    "ENFORCEMENT_MISSING": Sentence(
        "Camera `{id}` serves parking enforcement but has no enforcement schedule.",
        "카메라 `{id}`에 주정차 단속 목적이 있으나 단속 일정이 없습니다.",
        "Add `enforcement: {{schedule: …}}`.",
        "`enforcement: {{schedule: …}}` 항목을 추가하십시오.",
    ),
    "ENFORCEMENT_UNUSED": Sentence(
        "Camera `{id}` has an enforcement schedule without the purpose parking_enforcement.",
        "카메라 `{id}`에 단속 일정이 있으나 주정차 단속 목적이 없습니다.",
        "Register the purpose or remove `enforcement`.",
        "목적을 등록하거나 `enforcement` 항목을 삭제하십시오.",
    ),
    "SHARING_WINDOW_MISSING": Sentence(
        "Camera `{id}` is shared in a time window but names none.",
        "카메라 `{id}`는 시간대 공동활용이나 시간대가 지정되지 않았습니다.",
        "Add `sharing_window:` with a schedule.",
        "`sharing_window:` 항목에 일정을 적으십시오.",
    ),
    "SHARING_WINDOW_UNUSED": Sentence(
        "Camera `{id}` has a sharing window, but its sharing mode is `{mode}`.",
        "카메라 `{id}`에 공동활용 시간대가 있으나 공동활용 방식이 `{mode}`입니다.",
        "Remove `sharing_window`, or set `sharing_mode: time_window`.",
        "`sharing_window`를 삭제하거나 `sharing_mode: time_window`로 바꾸십시오.",
    ),
    "MASK_MISSING": Sentence(
        "Rule `{rule}` shows camera `{id}` masked for {purpose}, but no mask is registered.",
        "규칙 `{rule}`의 마스킹 대상인 카메라 `{id}`에 {purpose} 마스크가 없습니다.",
        "Add `masks: {{{purpose}: […]}}`; an empty list says that nothing needs hiding.",
        "`masks: {{{purpose}: […]}}`를 추가하십시오. 가릴 곳이 없으면 빈 목록을 적습니다.",
    ),
    "MASK_FLAT": Sentence(
        "A mask of camera `{id}` covers no area.",
        "카메라 `{id}`의 마스크 면적이 없습니다.",
        "Give corners that span an area.",
        "면적이 생기도록 꼭짓점을 적으십시오.",
    ),
    "AGREEMENT_WIDER": Sentence(
        "The agreement `{id}` shares {purpose}, which no camera of `{owner}` in it has registered.",
        "협약 `{id}`의 {purpose} 목적이 `{owner}`의 대상 카메라에 등록되어 있지 않습니다.",
        "Remove the purpose, or register it on the cameras first.",
        "목적을 삭제하거나 카메라에 먼저 등록하십시오.",
    ),
    "AGREEMENT_FOREIGN": Sentence(
        "The agreement `{id}` of `{owner}` selects cameras of another district.",
        "`{owner}`의 협약 `{id}`에 다른 자치구의 카메라가 들어 있습니다.",
        "Select cameras of the owner only.",
        "소유 자치구의 카메라만 지정하십시오.",
    ),
    "AGREEMENT_SELF": Sentence(
        "The agreement `{id}` has the same owner and recipient.",
        "협약 `{id}`의 제공 기관과 이용 기관이 같습니다.",
        "Name the agency that receives.",
        "이용 기관을 적으십시오.",
    ),
    "AGREEMENT_EXPIRED": Sentence(
        "The agreement `{id}` ended on {date}; it allows nothing any more.",
        "협약 `{id}`는 {date}에 종료되어 더 이상 효력이 없습니다.",
        "Renew or remove it.",
        "갱신하거나 삭제하십시오.",
    ),
    "PASSWORD_IN_CLEAR": Sentence(
        "`{field}` would hold a secret in clear text.",
        "`{field}` 항목에 비밀 정보를 평문으로 적을 수 없습니다.",
        "Put it into the vault, change it on the device, and name it by `credentials:`.",
        "금고(vault)에 저장하고 장비의 비밀번호를 바꾼 뒤 `credentials:`에 이름만 적으십시오.",
    ),
    "PASSWORD_IN_URL": Sentence(
        "The line holds an address with a login in it.",
        "이 줄의 주소에 로그인 정보가 들어 있습니다.",
        "Remove the login, change the password on the device, and name it by `credentials:`.",
        "로그인 정보를 지우고 장비의 비밀번호를 바꾼 뒤 `credentials:`에 이름만 적으십시오.",
    ),
    "AUDIO_FORBIDDEN": Sentence(
        "`{field}` asks for sound; the law forbids it and the gateway has none.",
        "`{field}` 항목은 음성을 요구합니다. 음성은 법으로 금지되어 있으며 지원하지 않습니다.",
        "Remove it.",
        "삭제하십시오.",
    ),
    "ROLE_FORBIDS_ACTION": Sentence(
        "Rule `{rule}` grants {action} to `{role}`; no {kind} may ever have it.",
        "규칙 `{rule}`이 `{role}`에 {action} 권한을 줍니다. {kind}에게는 허용되지 않습니다.",
        "Remove the role or the action from the rule.",
        "규칙에서 그 역할이나 권한을 삭제하십시오.",
    ),
    "INCOMPATIBLE_ROLES": Sentence(
        "The account `{id}` holds {kinds} together; one person may hold only one of them.",
        "계정 `{id}`가 {kinds} 역할을 함께 갖고 있습니다. 한 사람이 겸할 수 없습니다.",
        "Give the roles to different people.",
        "역할을 서로 다른 사람에게 나누십시오.",
    ),
    "CONTRACTOR_ROLE": Sentence(
        "The contractor `{id}` holds `{role}`; contractors may only operate or maintain.",
        "수탁자 계정 `{id}`의 `{role}` 역할: 수탁자는 관제와 유지보수만 할 수 있습니다.",
        "Take the role away.",
        "역할을 회수하십시오.",
    ),
    "CONTRACTOR_ACTION": Sentence(
        "Rule `{rule}` grants {action} to the contractor `{id}`.",
        "규칙 `{rule}`이 수탁자 계정 `{id}`에 {action} 권한을 줍니다.",
        "Use another role for contractors.",
        "수탁자용 역할을 따로 두십시오.",
    ),
    "DUPLICATE_ROLE": Sentence(
        "The account `{id}` lists the same role and agency twice.",
        "계정 `{id}`에 같은 역할과 기관이 중복되었습니다.",
        "Keep one of them.",
        "하나만 남기십시오.",
    ),
    "SHIFT_MISSING": Sentence(
        "The account `{id}` has no shift, so rules that ask for one never allow it anything.",
        "계정 `{id}`에 근무조가 없어 근무 시간을 조건으로 하는 규칙이 적용되지 않습니다.",
        "Add `shift:` with a schedule.",
        "`shift:` 항목에 일정을 적으십시오.",
    ),
    "CODE_ON_ALLOW": Sentence(
        "Rule `{rule}` allows, so its `code` would never be used.",
        "허용 규칙 `{rule}`의 `code`는 쓰이지 않습니다.",
        "Remove `code`, or make it a deny.",
        "`code`를 삭제하거나 거부 규칙으로 바꾸십시오.",
    ),
}

SENTENCES: dict[str, Sentence] = {**_FILE, **_FIELDS, **_REFERENCES, **_LAW}
