"""Answers to challenges: the RFC's own figures, real cameras' headers, and no second try."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.ingest.auth import MAX_STALE, Authenticator, Challenge, digest, parse_challenges
from cctv_gateway.model import Credentials

SECRET = Credentials(Redacted("Mufasa"), Redacted("Circle of Life"))
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
MD5 = 'Digest realm="cam", nonce="n1"'
SHA = 'Digest realm="cam", nonce="n1", algorithm=SHA-256, qop="auth"'


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: str, expected: str) -> None:
    challenge = Challenge(
        algorithm.lower(), "http-auth@example.org", NONCE, "opaque", algorithm, qop=True
    )
    answer = digest(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html", CNONCE, 1)
    assert f'response="{expected}"' in answer
    assert f"algorithm={algorithm}" in answer
    assert "qop=auth, nc=00000001" in answer


def test_the_example_of_rfc_2617_without_qop() -> None:
    challenge = Challenge("md5", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    answer = digest(challenge, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "c", 1)
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in answer
    assert "algorithm" not in answer
    assert "cnonce" not in answer


def test_session_variants_and_hashed_names_are_told() -> None:
    (challenge,) = parse_challenges(
        ['Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth,auth-int", userhash=true']
    )
    answer = digest(challenge, "u", "p", "PLAY", "rtsp://c/", "cn", 2)
    assert "algorithm=MD5-sess" in answer
    assert 'cnonce="cn"' in answer
    assert "userhash=true" in answer
    assert 'username="u"' not in answer


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        (['Basic realm="iPOLiS"'], "basic"),
        ([MD5, 'Basic realm="x"'], "md5"),
        (['Basic realm="x", Digest realm="y", nonce="z"'], "md5"),
        ([MD5, SHA], "sha-256"),
        (['Digest realm="Login to 4K0123", nonce=abc, stale=FALSE, algorithm="md5"'], "md5"),
        (['Negotiate, Digest nonce="q", realm="with \\"quotes\\" and, commas"'], "md5"),
    ],
)
def test_the_best_offer_is_taken(headers: list[str], method: str) -> None:
    authenticator = Authenticator(SECRET)
    assert authenticator.authorization("OPTIONS", "rtsp://c/") is None
    authenticator.challenge(headers)
    assert authenticator.method == method
    assert authenticator.authorization("DESCRIBE", "rtsp://c/")


def test_basic_is_the_pair_in_base64() -> None:
    authenticator = Authenticator(SECRET)
    authenticator.challenge(['Basic realm="x"'])
    answer = authenticator.authorization("DESCRIBE", "rtsp://c/")
    assert answer == "Basic " + base64.b64encode(b"Mufasa:Circle of Life").decode()


def test_a_wrong_password_is_tried_once() -> None:
    authenticator = Authenticator(SECRET)
    authenticator.challenge([MD5])
    authenticator.authorization("DESCRIBE", "rtsp://c/")
    for header in (MD5, MD5.replace("n1", "n2")):
        with pytest.raises(GatewayError) as refused:
            authenticator.challenge([header])
        assert refused.value.code == "AUTH_FAILED"
        assert refused.value.kind is ErrorKind.UNAUTHORIZED


def test_a_stale_nonce_is_replaced_but_not_for_ever() -> None:
    authenticator = Authenticator(SECRET)
    authenticator.challenge([MD5])
    for index in range(MAX_STALE):
        authenticator.authorization("DESCRIBE", "rtsp://c/")
        authenticator.challenge([f'Digest realm="cam", nonce="s{index}", stale=true'])
    authenticator.authorization("DESCRIBE", "rtsp://c/")
    with pytest.raises(GatewayError):
        authenticator.challenge(['Digest realm="cam", nonce="last", stale=true'])


def test_a_new_nonce_for_each_request_is_followed_while_the_password_is_taken() -> None:
    authenticator = Authenticator(SECRET)
    for index in range(20):
        authenticator.challenge([f'Digest realm="cam", nonce="n{index}"'])
        assert f'nonce="n{index}"' in (authenticator.authorization("SETUP", "u") or "")
        authenticator.accepted()


@pytest.mark.parametrize(
    ("credentials", "headers", "code"),
    [
        (None, [MD5], "NO_CREDENTIALS"),
        (SECRET, [], "AUTH_UNSUPPORTED"),
        (SECRET, ["Negotiate"], "AUTH_UNSUPPORTED"),
        (SECRET, ['Digest realm="no nonce"'], "AUTH_UNSUPPORTED"),
        (SECRET, ['Digest nonce="x", algorithm=SHA-512'], "AUTH_UNSUPPORTED"),
        (SECRET, ['Digest nonce="x", qop="auth-int"'], "AUTH_UNSUPPORTED"),
    ],
)
def test_what_cannot_be_answered(
    credentials: Credentials | None, headers: list[str], code: str
) -> None:
    with pytest.raises(GatewayError) as refused:
        Authenticator(credentials).challenge(headers)
    assert refused.value.code == code


@given(st.lists(st.text(max_size=300), max_size=4))
def test_no_header_does_harm(headers: list[str]) -> None:
    authenticator = Authenticator(SECRET)
    try:
        authenticator.challenge([*headers, MD5])
    except GatewayError:
        return
    answer = authenticator.authorization("DESCRIBE", "rtsp://c/")
    assert answer is not None
    assert "\r" not in answer
    assert "\n" not in answer


@pytest.mark.parametrize("text", ["a " * 4000, "a=" * 4000, '"' * 8000, "-" * 8000, 'a="' * 3000])
def test_long_nonsense_is_read_in_linear_time(text: str) -> None:
    assert parse_challenges([text, f"Digest {text}"]) == ()
