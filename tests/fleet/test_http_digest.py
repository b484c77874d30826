"""HTTP digest against the RFCs' own examples and against broken challenges."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.redact import Redacted
from cctv_gateway.fleet.http_digest import DigestLogin, authorization, best_challenge
from cctv_gateway.model import Credentials

# RFC 7616, 3.9.1
MUFASA = Credentials(Redacted("Mufasa"), Redacted("Circle of Life"))
EXAMPLE = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
OWN_NONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str) -> None:
    challenge = best_challenge([EXAMPLE.format(algorithm)])
    assert challenge is not None
    header = authorization(challenge, "GET", "/dir/index.html", MUFASA, 1, OWN_NONCE)
    assert f'response="{response}"' in header
    assert "qop=auth, nc=00000001" in header
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in header


def test_without_qop_it_answers_by_rfc_2069() -> None:
    challenge = best_challenge(['Digest realm="r", nonce="n"'])
    assert challenge is not None
    header = authorization(challenge, "POST", "/", MUFASA, 1, "own")
    assert "qop" not in header
    assert "cnonce" not in header


@pytest.mark.parametrize(
    ("headers", "algorithm"),
    [
        ([EXAMPLE.format("MD5"), EXAMPLE.format("SHA-256")], "SHA-256"),
        ([f"{EXAMPLE.format('MD5')}, {EXAMPLE.format('SHA-256')}"], "SHA-256"),
        (['Basic realm="r"', EXAMPLE.format("MD5-sess")], "MD5-sess"),
        ([EXAMPLE.format("SHA-512-256")], None),
        (['Digest realm="r", nonce="n", qop="auth-int"'], None),
        (['Digest realm="r"'], None),
        (['Basic realm="r"'], None),
        ([], None),
    ],
)
def test_the_best_of_what_is_offered_is_taken(headers: list[str], algorithm: str | None) -> None:
    found = best_challenge(headers)
    assert (found and found["algorithm"]) == algorithm


@given(st.lists(st.text(max_size=200).map(lambda text: "Digest " + text), max_size=3))
def test_no_challenge_trips_it(headers: list[str]) -> None:
    challenge = best_challenge(headers)
    if challenge is not None:
        assert authorization(challenge, "POST", "/", MUFASA, 1, "own").startswith("Digest ")


def exchange(*answers: httpx.Response) -> tuple[DigestLogin, int]:
    """Run one request against these answers; the login and how many requests it took."""
    login = DigestLogin(MUFASA)
    flow = login.auth_flow(httpx.Request("POST", "http://camera/"))
    next(flow)
    sent = 1
    for answer in answers:
        try:
            flow.send(answer)
        except StopIteration:
            break
        sent += 1
    return login, sent


def refusal(nonce: str = "n") -> httpx.Response:
    return httpx.Response(401, headers={"WWW-Authenticate": f'Digest realm="r", nonce="{nonce}"'})


@pytest.mark.parametrize(
    ("answers", "sent", "answered", "refused"),
    [
        ([httpx.Response(200)], 1, False, False),
        ([refusal(), httpx.Response(200)], 2, True, False),
        ([refusal("a"), refusal("b")], 2, True, True),
        ([httpx.Response(401)], 1, False, False),
        ([httpx.Response(400)], 1, False, False),
    ],
)
def test_a_password_is_sent_once(
    answers: list[httpx.Response], sent: int, answered: bool, refused: bool
) -> None:
    login, requests = exchange(*answers)
    assert (requests, login.answered, login.refused) == (sent, answered, refused)


def test_a_stale_nonce_is_renewed_once() -> None:
    login, _ = exchange(refusal("old"), httpx.Response(200))
    flow = login.auth_flow(httpx.Request("POST", "http://camera/"))
    assert 'nonce="old"' in next(flow).headers["authorization"]
    assert 'nonce="new"' in flow.send(refusal("new")).headers["authorization"]
    with pytest.raises(StopIteration):
        flow.send(httpx.Response(200))
    assert not login.refused
