"""The RTSP conversation as a pure machine: what is sent after what, and when it is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.ingest.auth import Authenticator
from cctv_gateway.ingest.rtsp_message import Headers, Request, Response
from cctv_gateway.ingest.rtsp_url import parse_url
from cctv_gateway.ingest.session import (
    REPLY_WITHIN_S,
    Action,
    ChannelsAgreed,
    Closed,
    Described,
    KeepAlive,
    Playing,
    Reopen,
    RtspSession,
    Send,
    Step,
)
from cctv_gateway.model import Credentials
from tests.ingest.fake_camera import AUDIO, HEAD, SDP, VIDEO

URL = "rtsp://10.2.3.4/cam/realmonitor?channel=1&subtype=1"
SECRET = Credentials(Redacted("viewer"), Redacted("pass"))


class Talk:
    """A session and the last request it sent."""

    def __init__(
        self, credentials: Credentials | None = None, keepalive: KeepAlive | None = None
    ) -> None:
        self.session = RtspSession(parse_url(URL), Authenticator(credentials), keepalive)
        self.now = 100.0
        self.sent: list[str] = []
        self.actions: list[Action] = []
        self._note(self.session.start(self.now))

    def reply(
        self, status: int = 200, body: str = "", cseq: str | None = "", **fields: str
    ) -> list[Action]:
        own = self.field("CSeq") if cseq == "" else cseq
        pairs = [(name.lower().replace("_", "-"), value) for name, value in fields.items()]
        if own is not None:
            pairs.append(("cseq", own))
        message = Response(status, Headers(tuple(pairs)), body.encode())
        return self._note(self.session.receive(message, self.now))

    def wake(self) -> list[Action]:
        self.now = self.session.deadline
        return self._note(self.session.wake(self.now))

    def _note(self, actions: list[Action]) -> list[Action]:
        self.actions += actions
        self.sent += [action.data.decode() for action in actions if isinstance(action, Send)]
        return actions

    @property
    def method(self) -> str:
        return self.sent[-1].split(" ")[0]

    @property
    def uri(self) -> str:
        return self.sent[-1].split(" ")[1]

    def field(self, name: str) -> str | None:
        for line in self.sent[-1].split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key == name:
                return value
        return None

    def play(self, sdp: str = SDP, **setup: str) -> "Talk":
        self.reply(Public="OPTIONS, DESCRIBE, GET_PARAMETER")
        self.reply(body=sdp, Content_Base=f"{URL}/")
        self.reply(200, "", "", **(setup or {"Session": "77;timeout=20"}))
        self.reply()
        return self


def test_from_options_to_playing() -> None:
    talk = Talk()
    assert (talk.method, talk.uri) == ("OPTIONS", URL)
    talk.reply(Public="OPTIONS, GET_PARAMETER")
    assert (talk.method, talk.field("Accept")) == ("DESCRIBE", "application/sdp")
    talk.reply(body=SDP, Content_Base=f"{URL}/")
    assert (talk.method, talk.uri) == ("SETUP", f"{URL}/trackID=0")
    assert talk.field("Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"
    talk.reply(Session="77;timeout=20", Transport="RTP/AVP/TCP;interleaved=4-5")
    assert (talk.method, talk.uri, talk.field("Session")) == ("PLAY", f"{URL}/", "77")
    talk.reply()
    assert talk.session.step is Step.PLAYING
    assert ChannelsAgreed(4, 5) in talk.actions
    assert Playing() in talk.actions
    assert talk.session.deadline == talk.now + 10


def test_audio_is_never_set_up() -> None:
    talk = Talk().play(HEAD + AUDIO + VIDEO + AUDIO.replace("trackID=1", "trackID=2"))
    setups = [request for request in talk.sent if request.startswith("SETUP")]
    assert [request.split(" ")[1] for request in setups] == [f"{URL}/trackID=0"]
    described = next(action for action in talk.actions if isinstance(action, Described))
    assert described.description.has_audio


@pytest.mark.parametrize(
    ("transport", "channels"),
    [
        ("", (0, 1)),
        ("RTP/AVP/TCP;unicast", (0, 1)),
        ("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=12", (2, 3)),
        ("RTP/AVP/TCP; Interleaved = 2", (2, 3)),
        ("RTP/AVP/TCP;interleaved=2-2", (2, 3)),
        ("RTP/AVP/TCP;interleaved=x-y", (0, 1)),
        ("RTP/AVP/TCP;interleaved=999-1000", (0, 1)),
    ],
)
def test_channels_of_the_setup_reply(transport: str, channels: tuple[int, int]) -> None:
    talk = Talk().play(Transport=transport, Session="1")
    assert ChannelsAgreed(*channels) in talk.actions


@pytest.mark.parametrize(
    ("session", "every_s"),
    [
        ("77;timeout=20", 10),
        ("77", 30),
        ("77;timeout=1", 2),
        ("77; timeout = 8", 4),
        ("77;timeout=junk", 30),
        ("77;timeout=600", 30),
    ],
)
def test_keep_alive_comes_at_half_the_timeout(session: str, every_s: float) -> None:
    talk = Talk().play(Session=session)
    assert talk.session.deadline == talk.now + every_s
    talk.wake()
    assert (talk.method, talk.field("Session")) == ("GET_PARAMETER", "77")
    assert talk.reply() == []
    assert talk.session.deadline == talk.now + every_s


def test_without_a_session_header_it_plays_all_the_same() -> None:
    talk = Talk().play(Transport="RTP/AVP/TCP;interleaved=0-1")
    assert talk.session.step is Step.PLAYING
    talk.wake()
    assert talk.field("Session") is None


def test_keep_alive_uses_options_where_get_parameter_is_unknown_or_refused() -> None:
    talk = Talk()
    talk.reply(Public="OPTIONS, DESCRIBE")
    talk.reply(body=SDP)
    talk.reply(Session="1")
    talk.reply()
    talk.wake()
    assert talk.method == "OPTIONS"
    refused = Talk().play()
    refused.wake()
    refused.reply(status=501)
    assert refused.method == "OPTIONS"
    learned = Talk(keepalive=KeepAlive.OPTIONS).play()
    learned.wake()
    assert learned.method == "OPTIONS"


def test_an_unanswered_keep_alive_is_no_failure_but_a_forgotten_session_is() -> None:
    talk = Talk().play()
    talk.wake()
    talk.wake()
    with pytest.raises(GatewayError) as lost:
        talk.reply(status=454)
    assert lost.value.code == "SESSION_LOST"


def test_digest_is_answered_once_and_then_sent_ahead() -> None:
    talk = Talk(SECRET)
    talk.reply()
    talk.reply(status=401, WWW_Authenticate='Digest realm="r", nonce="n"')
    assert talk.method == "DESCRIBE"
    assert 'username="viewer"' in (talk.field("Authorization") or "")
    talk.reply(body=SDP)
    assert f'uri="{talk.uri}"' in (talk.field("Authorization") or "")
    assert not any("pass" in request for request in talk.sent)


def test_a_wrong_password_ends_it() -> None:
    talk = Talk(SECRET)
    talk.reply(status=401, WWW_Authenticate='Digest realm="r", nonce="n"')
    with pytest.raises(GatewayError) as refused:
        talk.reply(status=401, WWW_Authenticate='Digest realm="r", nonce="m"')
    assert refused.value.code == "AUTH_FAILED"


def test_a_nonce_that_ages_during_keep_alive_is_renewed() -> None:
    talk = Talk(SECRET)
    talk.reply(status=401, WWW_Authenticate='Digest realm="r", nonce="n"')
    talk.play()
    talk.wake()
    talk.reply(status=401, WWW_Authenticate='Digest realm="r", nonce="m"')
    assert (talk.method, talk.session.step) == ("GET_PARAMETER", Step.PLAYING)
    assert 'nonce="m"' in (talk.field("Authorization") or "")


def test_a_camera_that_closes_after_its_challenge_is_asked_again_on_a_new_connection() -> None:
    talk = Talk(SECRET)
    actions = talk.reply(
        status=401, WWW_Authenticate='Digest realm="r", nonce="n"', Connection="close"
    )
    assert actions == [Reopen(parse_url(URL))]


def test_redirects_stay_on_the_registered_machine() -> None:
    talk = Talk()
    talk.reply()
    assert talk.reply(status=302, Location="rtsp://192.168.9.9/live") == [
        Reopen(parse_url("rtsp://10.2.3.4:554/live"))
    ]
    with pytest.raises(GatewayError):
        Talk().reply(status=302, Location="http://elsewhere/")


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        ("DESCRIBE", 404, "STREAM_NOT_FOUND"),
        ("DESCRIBE", 403, "FORBIDDEN"),
        ("DESCRIBE", 500, "CAMERA_REFUSED"),
        ("SETUP", 461, "TRANSPORT_REFUSED"),
        ("SETUP", 406, "TRANSPORT_REFUSED"),
        ("SETUP", 453, "CAMERA_BUSY"),
        ("SETUP", 503, "CAMERA_BUSY"),
        ("PLAY", 454, "SESSION_LOST"),
    ],
)
def test_refusals_have_their_codes(step: str, status: int, code: str) -> None:
    talk = Talk()
    talk.reply()
    if step != "DESCRIBE":
        talk.reply(body=SDP)
    if step == "PLAY":
        talk.reply(Session="1")
    assert talk.method == step
    with pytest.raises(GatewayError) as refused:
        talk.reply(status=status)
    assert refused.value.code == code
    assert "10.2.3.4" not in refused.value.message + refused.value.message_ko


def test_a_camera_without_options_is_described_all_the_same() -> None:
    talk = Talk()
    talk.reply(status=501)
    assert talk.method == "DESCRIBE"


def test_silence_is_given_up_and_late_or_unnumbered_replies_are_told_apart() -> None:
    talk = Talk()
    assert talk.session.deadline == talk.now + REPLY_WITHIN_S
    assert talk.reply(cseq="99") == []
    assert talk.reply(status=100) == []
    talk.reply(cseq=None)
    assert talk.method == "DESCRIBE"
    with pytest.raises(GatewayError) as silent:
        talk.wake()
    assert silent.value.code == "NO_REPLY"


@pytest.mark.parametrize(
    ("method", "answer"),
    [("OPTIONS", "200 OK"), ("GET_PARAMETER", "200 OK"), ("ANNOUNCE", "501 Not Implemented")],
)
def test_the_cameras_own_requests_are_answered(method: str, answer: str) -> None:
    talk = Talk().play()
    talk._note(talk.session.receive(Request(method, Headers((("cseq", "5"),))), talk.now))
    assert talk.sent[-1] == f"RTSP/1.0 {answer}\r\nCSeq: 5\r\n\r\n"


def test_a_camera_may_end_the_session() -> None:
    talk = Talk().play()
    with pytest.raises(GatewayError) as ended:
        talk.session.receive(Request("TEARDOWN", Headers()), talk.now)
    assert ended.value.code == "CAMERA_ENDED"


def test_teardown_only_where_there_is_a_session() -> None:
    assert Talk().session.close(1.0) == [Closed()]
    talk = Talk().play()
    talk._note(talk.session.close(talk.now))
    assert (talk.method, talk.field("Session")) == ("TEARDOWN", "77")
    assert talk.reply() == [Closed()]
    assert talk.session.step is Step.CLOSED


@given(
    st.lists(
        st.tuples(
            st.sampled_from([200, 200, 200, 100, 302, 401, 404, 454, 500]),
            st.sampled_from(["", SDP, HEAD + AUDIO, "junk"]),
            st.dictionaries(
                st.sampled_from(
                    ["Session", "Transport", "Location", "Content_Base", "WWW_Authenticate"]
                ),
                st.text(st.characters(blacklist_characters="\r\n"), max_size=30),
            ),
        ),
        max_size=8,
    )
)
def test_no_reply_breaks_the_machine_or_a_request(
    replies: list[tuple[int, str, dict[str, str]]],
) -> None:
    talk = Talk(SECRET)
    try:
        for status, body, fields in replies:
            talk.reply(status, body, cseq=None, **fields)
    except GatewayError:
        pass
    for request in talk.sent:
        assert request.count("\r\n\r\n") == 1
        assert request.isprintable() or request.replace("\r\n", "").isprintable()
