"""The sentences that operators read for each code, in English and Korean: what happened, what next.

A sentence never tells whether hidden footage or a hidden camera exists. Codes that carry their own
sentence in a `GatewayError` need no line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cctv_gateway.model import DenyCode, EndReason


@dataclass(frozen=True, slots=True)
class Sentence:
    en: str
    ko: str


_DENIALS: dict[str, Sentence] = {
    DenyCode.NO_PURPOSE: Sentence(
        "Choose the purpose you are looking for; viewing needs a lawful purpose.",
        "열람 목적을 선택해 주세요. 영상은 법적 목적이 있어야 볼 수 있습니다.",
    ),
    DenyCode.PURPOSE_NOT_REGISTERED: Sentence(
        "This camera is not registered for that purpose. Ask the district in charge.",
        "이 카메라는 해당 목적으로 등록되어 있지 않습니다. 관할 구청에 문의해 주세요.",
    ),
    DenyCode.OUT_OF_WINDOW: Sentence(
        "This purpose does not apply at this hour. Please come back in its time window.",
        "지금은 해당 목적의 운영 시간이 아닙니다. 운영 시간에 다시 시도해 주세요.",
    ),
    DenyCode.NOT_OWNER: Sentence(
        "Your role covers the cameras of your own agency only.",
        "현재 역할로는 소속 기관의 카메라만 이용할 수 있습니다.",
    ),
    DenyCode.NO_AGREEMENT: Sentence(
        "No sharing agreement is in force. Ask the privacy officer to check the agreement.",
        "유효한 공동활용 협약이 없습니다. 개인정보 보호책임자에게 협약을 확인해 주세요.",
    ),
    DenyCode.NO_INCIDENT: Sentence(
        "Link an open incident first; this view is for incidents only.",
        "진행 중인 상황을 먼저 연결해 주세요. 상황 발생 시에만 볼 수 있습니다.",
    ),
    DenyCode.NO_LETTER: Sentence(
        "An official letter or case number is needed. Please enter it and try again.",
        "공문 또는 사건 번호가 필요합니다. 입력한 뒤 다시 시도해 주세요.",
    ),
    DenyCode.NO_REASON: Sentence(
        "Please write a short reason; it is kept in the record.",
        "사유를 간단히 입력해 주세요. 입력한 사유는 접속기록에 남습니다.",
    ),
    DenyCode.NEEDS_APPROVAL: Sentence(
        "A second person has to approve this first.",
        "다른 담당자의 승인이 먼저 필요합니다.",
    ),
    DenyCode.SELF_APPROVAL: Sentence(
        "Your own request has to be approved by somebody else.",
        "본인이 요청한 건은 다른 사람이 승인해야 합니다.",
    ),
    DenyCode.ROLE: Sentence(
        "Your active role does not include this. Switch the role or ask your administrator.",
        "현재 역할에는 이 권한이 없습니다. 역할을 바꾸거나 관리자에게 문의해 주세요.",
    ),
    DenyCode.ACCOUNT_DISABLED: Sentence(
        "This account has been disabled. Please contact your administrator.",
        "사용이 중지된 계정입니다. 관리자에게 문의해 주세요.",
    ),
    DenyCode.PTZ_HELD: Sentence(
        "Somebody with precedence is steering this camera. Please try again later.",
        "우선권이 있는 사용자가 카메라를 조작하고 있습니다. 잠시 뒤 다시 시도해 주세요.",
    ),
    DenyCode.FOV_LIMIT: Sentence(
        "The camera may not be turned beyond its registered view.",
        "등록된 촬영 범위를 벗어나 카메라를 돌릴 수 없습니다.",
    ),
    DenyCode.RETENTION: Sentence(
        "The requested time lies outside the retention period.",
        "요청한 시각은 보관기간을 벗어났습니다.",
    ),
    DenyCode.OFF_SHIFT: Sentence(
        "You are not on shift. Ask your supervisor to check the duty roster.",
        "지금은 근무 시간이 아닙니다. 관제팀장에게 근무표를 확인해 주세요.",
    ),
    DenyCode.CONTRACTOR: Sentence(
        "Contractor accounts may not do this. Please ask a member of staff.",
        "수탁업체 계정으로는 할 수 없는 작업입니다. 담당 공무원에게 요청해 주세요.",
    ),
    DenyCode.CAPTURE_PURPOSE: Sentence(
        "The chosen purpose does not cover footage of that time.",
        "선택한 목적으로는 해당 시각의 영상을 이용할 수 없습니다.",
    ),
    DenyCode.AUDIO: Sentence(
        "Sound is never recorded or sent; the law forbids it.",
        "법에 따라 음성은 녹음하거나 전송하지 않습니다.",
    ),
    DenyCode.ZONE: Sentence(
        "This is only possible from a control-room terminal.",
        "관제실 단말기에서만 이용할 수 있습니다.",
    ),
    DenyCode.PAUSED: Sentence(
        "Sharing of this camera is paused for now. Ask the district in charge.",
        "이 카메라의 공유가 일시 중지되었습니다. 관할 구청에 문의해 주세요.",
    ),
}


_ENDINGS: dict[str, Sentence] = {
    EndReason.VIEWER_CLOSED: Sentence(
        "The view was closed.",
        "영상 보기를 종료했습니다.",
    ),
    EndReason.NEVER_STARTED: Sentence(
        "The picture did not start in time. Please open it again.",
        "제한 시간 안에 영상이 시작되지 않았습니다. 다시 열어 주세요.",
    ),
    EndReason.CONNECTION_LOST: Sentence(
        "The connection to your screen was lost. It will be opened again.",
        "화면과의 연결이 끊어졌습니다. 다시 연결합니다.",
    ),
    EndReason.LOGGED_OUT: Sentence(
        "The login ended or its role changed, so the view was closed.",
        "로그아웃했거나 역할이 바뀌어 영상을 종료했습니다.",
    ),
    EndReason.TIME_LIMIT: Sentence(
        "The allowed viewing time is over. Open the view again if you still need it.",
        "허용된 열람 시간이 끝났습니다. 필요하면 다시 열어 주세요.",
    ),
    EndReason.CAMERA_REMOVED: Sentence(
        "The camera was taken out of service.",
        "카메라가 운영에서 제외되었습니다.",
    ),
    EndReason.RIGHTS_CHANGED: Sentence(
        "Your rights for this camera changed, so the view was closed. Open it again.",
        "이 카메라에 대한 권한이 바뀌어 영상을 종료했습니다. 다시 열어 주세요.",
    ),
    EndReason.RELAY_FAILED: Sentence(
        "The video service had a fault. Please open the view again in a moment.",
        "영상 서비스에 장애가 발생했습니다. 잠시 뒤 다시 열어 주세요.",
    ),
    EndReason.SHUTDOWN: Sentence(
        "The gateway is restarting. Please wait a moment.",
        "시스템을 다시 시작하고 있습니다. 잠시만 기다려 주세요.",
    ),
    EndReason.CRASHED: Sentence(
        "The gateway stopped unexpectedly while this view was open.",
        "영상을 보는 중에 시스템이 예기치 않게 중단되었습니다.",
    ),
}


_WEB: dict[str, Sentence] = {
    "LOGIN_REQUIRED": Sentence(
        "Please log in to go on.",
        "계속하려면 로그인해 주세요.",
    ),
    "LOGIN_FAILED": Sentence(
        "Account or password is wrong. Please check both and try again.",
        "계정 또는 비밀번호가 올바르지 않습니다. 확인한 뒤 다시 시도해 주세요.",
    ),
    "TOO_MANY_TRIES": Sentence(
        "Too many failed logins. Please wait before the next try.",
        "로그인 실패가 많습니다. 잠시 기다린 뒤 다시 시도해 주세요.",
    ),
    "CHOOSE_ROLE": Sentence(
        "Choose the role you work in before you go on.",
        "먼저 업무 역할을 선택해 주세요.",
    ),
    "CSRF": Sentence(
        "The page is out of date. Reload it and try again.",
        "화면이 오래되었습니다. 새로 고친 뒤 다시 시도해 주세요.",
    ),
    "WRONG_ORIGIN": Sentence(
        "The request came from another site. Open the console by its own address.",
        "다른 사이트에서 보낸 요청입니다. 관제 화면의 정식 주소로 접속해 주세요.",
    ),
    "WRONG_HOST": Sentence(
        "This host name is not served here. An administrator can allow it in the settings.",
        "허용되지 않은 호스트 이름입니다. 관리자가 설정에서 허용할 수 있습니다.",
    ),
    "NOT_FOUND": Sentence(
        "There is nothing at this address.",
        "요청한 항목을 찾을 수 없습니다.",
    ),
    "METHOD_NOT_ALLOWED": Sentence(
        "This address does not support that method; see the Allow header.",
        "이 주소에서 지원하지 않는 방식입니다. Allow 헤더를 확인해 주세요.",
    ),
    "INVALID_REQUEST": Sentence(
        "The request has fields that cannot be used; see `fields`.",
        "요청에 사용할 수 없는 값이 있습니다. fields 항목을 확인해 주세요.",
    ),
    "TOO_LARGE": Sentence(
        "The request is larger than this address accepts.",
        "요청이 허용된 크기보다 큽니다.",
    ),
    "REQUEST_TIMEOUT": Sentence(
        "The request arrived too slowly. Please send it again.",
        "요청이 제한 시간 안에 도착하지 않았습니다. 다시 보내 주세요.",
    ),
    "WRONG_MEDIA_TYPE": Sentence(
        "The body has another media type than this address accepts.",
        "이 주소에서 받지 않는 형식의 본문입니다.",
    ),
    "NOT_ACCEPTABLE": Sentence(
        "The answer exists in another media type only; check the Accept header.",
        "요청한 형식으로 응답할 수 없습니다. Accept 헤더를 확인해 주세요.",
    ),
    "TOO_MANY_STREAMS": Sentence(
        "This login has too many event streams open. Close another window first.",
        "이 로그인에서 열린 화면이 너무 많습니다. 다른 창을 먼저 닫아 주세요.",
    ),
    "ICE_SESSION_CHANGED": Sentence(
        "The connection was started anew meanwhile; use its newest ETag.",
        "연결이 새로 시작되었습니다. 가장 최근의 ETag를 사용해 주세요.",
    ),
    "CONFLICT": Sentence(
        "This was changed or taken by somebody else meanwhile. Reload and try again.",
        "그 사이에 다른 사용자가 변경했습니다. 새로 고친 뒤 다시 시도해 주세요.",
    ),
    "OVERLOADED": Sentence(
        "The gateway is busy. Please try again in a moment.",
        "시스템이 바쁩니다. 잠시 뒤 다시 시도해 주세요.",
    ),
    "INTERNAL": Sentence(
        "Something went wrong on our side. Please try again and report the request id.",
        "시스템 오류가 발생했습니다. 다시 시도하고, 계속되면 요청 번호를 알려 주세요.",
    ),
    "BAD_REQUEST": Sentence(
        "The request could not be understood.",
        "요청을 이해할 수 없습니다.",
    ),
}


SENTENCES: Mapping[str, Sentence] = {**_WEB, **_ENDINGS, **_DENIALS}


def sentence(code: str) -> Sentence:
    """The catalogue's sentence, or a neutral one for a code it does not know."""
    return SENTENCES.get(code, SENTENCES["BAD_REQUEST"])
