"""The RTSP dialogue and its parser, without sockets."""

import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.simulator.auth import Doorman
from cctv_gateway.simulator.rtsp_messages import MAX_HEAD_BYTES, Interleaved, Request, RequestReader
from cctv_gateway.simulator.rtsp_session import RtspSession, Step
from cctv_gateway.simulator.spec import (
    DEFAULT_PASSWORD,
    DEFAULT_USER,
    CameraSpec,
    Faults,
    Mode,
    RtspAuth,
)

URL = "rtsp://127.20.0.1:8554/sub"
TCP = {"transport": "RTP/AVP/TCP;unicast;interleaved=4-5"}


def session(camera: CameraSpec, mode: Mode = Mode.LIVE, room: bool = True) -> RtspSession:
    return RtspSession(camera, mode, Doorman("street", b"secret"), "abc", 60, lambda: room)


def ask(talk: RtspSession, method: str, uri: str = URL, **headers: str) -> tuple[str, Step]:
    answer = talk.answer(Request(method, uri, {"cseq": "7", **headers}), 100.0)
    return answer.response.decode(), answer.step


OPEN = CameraSpec(1, rtsp_auth=RtspAuth.NONE)


def test_a_whole_dialogue() -> None:
    talk = session(OPEN)
    assert "GET_PARAMETER" in ask(talk, "OPTIONS")[0]
    described, _ = ask(talk, "DESCRIBE")
    assert "sprop-parameter-sets=" in described
    assert "Content-Base: rtsp://127.20.0.1:8554/sub/" in described
    set_up, _ = ask(talk, "SETUP", URL + "/track1", **TCP)
    assert "interleaved=4-5" in set_up
    assert "Session: abc;timeout=60" in set_up
    assert ask(talk, "PLAY", session="abc")[1] is Step.PLAY
    assert ask(talk, "PLAY", session="abc")[1] is Step.NOTHING
    assert " 200 OK" in ask(talk, "GET_PARAMETER", session="abc")[0]
    assert ask(talk, "PAUSE", session="abc")[1] is Step.PAUSE
    assert ask(talk, "PLAY", session="abc")[1] is Step.PLAY
    assert ask(talk, "TEARDOWN", session="abc")[1] is Step.CLOSE


@pytest.mark.parametrize(
    ("method", "uri", "headers", "status"),
    [
        ("DESCRIBE", "rtsp://127.20.0.1/other", {}, 404),
        ("DESCRIBE", "rtsp://[", {}, 404),
        ("SETUP", URL, TCP, 404),
        ("SETUP", URL + "/track2", TCP, 404),
        ("SETUP", URL + "/track1", {"transport": "RTP/AVP;unicast;client_port=5000-5001"}, 461),
        ("SETUP", URL + "/track1", {}, 461),
        ("PLAY", URL, {"session": "abc"}, 455),
        ("PLAY", URL, {}, 454),
        ("PAUSE", URL, {"session": "abc"}, 455),
        ("TEARDOWN", URL, {"session": "other"}, 454),
        ("RECORD", URL, {}, 501),
    ],
)
def test_refusals(method: str, uri: str, headers: dict[str, str], status: int) -> None:
    assert ask(session(OPEN), method, uri, **headers)[0].startswith(f"RTSP/1.0 {status} ")


def test_a_full_camera_refuses_another_session() -> None:
    talk = session(OPEN, room=False)
    assert " 453 " in ask(talk, "SETUP", URL + "/track1", **TCP)[0]


def test_shared_cities_have_no_main_stream() -> None:
    main = URL.replace("/sub", "/main")
    assert " 404 " in ask(session(OPEN, Mode.SHARED), "DESCRIBE", main)[0]
    assert " 200 " in ask(session(OPEN, Mode.LIVE), "DESCRIBE", main)[0]


def test_audio_is_offered_where_the_spec_says_so() -> None:
    camera = CameraSpec(1, rtsp_auth=RtspAuth.NONE, audio_track=True)
    talk = session(camera)
    assert "m=audio 0 RTP/AVP 8" in ask(talk, "DESCRIBE")[0]
    answer = talk.answer(Request("SETUP", URL + "/track2", TCP), 100.0)
    assert answer.track == "track2"


def test_parameter_sets_can_be_missing_from_the_sdp() -> None:
    camera = CameraSpec(1, rtsp_auth=RtspAuth.NONE, faults=Faults(parameter_sets_in_sdp=False))
    assert "sprop" not in ask(session(camera), "DESCRIBE")[0]


def authorization(challenge: str, method: str, password: str) -> str:
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    make = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[fields["algorithm"]]

    def digest(text: str) -> str:
        return make(text.encode()).hexdigest()

    secret = digest(f"{DEFAULT_USER}:{fields['realm']}:{password}")
    request = digest(f"{method}:{URL}")
    response = digest(f"{secret}:{fields['nonce']}:00000001:ff:auth:{request}")
    return (
        f'Digest username="{DEFAULT_USER}", realm="{fields["realm"]}", uri="{URL}", '
        f'nonce="{fields["nonce"]}", qop=auth, nc=00000001, cnonce="ff", '
        f'algorithm={fields["algorithm"]}, response="{response}"'
    )


@pytest.mark.parametrize(
    ("kind", "offers"),
    [(RtspAuth.DIGEST, 2), (RtspAuth.DIGEST_MD5, 1), (RtspAuth.DIGEST_SHA256, 1)],
)
def test_digest(kind: RtspAuth, offers: int) -> None:
    talk = session(CameraSpec(1, rtsp_auth=kind))
    refused, _ = ask(talk, "DESCRIBE")
    challenges = re.findall(r"WWW-Authenticate: (.*)\r", refused)
    assert len(challenges) == offers
    for challenge in challenges:
        good = authorization(challenge, "DESCRIBE", DEFAULT_PASSWORD)
        assert " 200 " in ask(talk, "DESCRIBE", authorization=good)[0]
        bad = authorization(challenge, "DESCRIBE", "wrong")
        assert " 401 " in ask(talk, "DESCRIBE", authorization=bad)[0]
        late = talk.answer(Request("DESCRIBE", URL, {"authorization": good}), 1000.0)
        assert b" 401 " in late.response


def test_a_camera_with_a_changed_password_refuses_the_told_one() -> None:
    talk = session(CameraSpec(1, rtsp_auth=RtspAuth.DIGEST_MD5, faults=Faults(wrong_password=True)))
    challenge = re.findall(r"WWW-Authenticate: (.*)\r", ask(talk, "DESCRIBE")[0])[0]
    good = authorization(challenge, "DESCRIBE", DEFAULT_PASSWORD)
    assert " 401 " in ask(talk, "DESCRIBE", authorization=good)[0]


def test_reader_takes_pieces_bodies_and_interleaved_frames() -> None:
    stream = (
        b"$\x01\x00\x04abcdOPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"
        b"SET_PARAMETER rtsp://a/ RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nx:y"
    )
    reader = RequestReader()
    items = [item for at in range(len(stream)) for item in reader.feed(stream[at : at + 1])]
    assert items == [
        Interleaved(1, 4),
        Request("OPTIONS", "*", {"cseq": "1"}),
        Request("SET_PARAMETER", "rtsp://a/", {"cseq": "2", "content-length": "3"}, b"x:y"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"A" * MAX_HEAD_BYTES,
        b"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: 99999\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\n" + b"a: b\r\n" * 80 + b"\r\n",
    ],
)
def test_malformed_requests(data: bytes) -> None:
    with pytest.raises(GatewayError, match="RTSP_MALFORMED"):
        RequestReader().feed(data)


def parsed(reader: RequestReader, data: bytes) -> list[Request | Interleaved]:
    try:
        return reader.feed(data)
    except GatewayError as error:
        code = error.code
    assert code == "RTSP_MALFORMED"
    return []


BROKEN = st.one_of(
    st.binary(max_size=400),
    st.lists(
        st.sampled_from(
            [b"SETUP ", URL.encode(), b" RTSP/1.0\r\n", b"CSeq: 1\r\n", b"\r\n\r\n", b"$\x00",
             b"Transport: RTP/AVP/TCP;interleaved=999-1\r\n", b"Content-Length: 5\r\n",
             b"Authorization: Digest nonce=\xff\r\n", b"PLAY * RTSP/1.0\r\n", b"/track1"]
        ),
        max_size=14,
    ).map(b"".join),
)  # fmt: skip


@given(data=BROKEN, kind=st.sampled_from(list(RtspAuth)))
@settings(max_examples=150, deadline=None)
def test_random_bytes_end_in_answers_or_the_designed_error(data: bytes, kind: RtspAuth) -> None:
    reader = RequestReader()
    talk = session(CameraSpec(1, rtsp_auth=kind))
    for item in parsed(reader, data):
        if isinstance(item, Request):
            assert talk.answer(item, 1.0).response.startswith(b"RTSP/1.0 ")
