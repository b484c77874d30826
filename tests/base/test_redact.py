"""No address, password or token survives the way into a log line."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.redact import HIDDEN, Redacted, RedactingFormatter, redact


@pytest.mark.parametrize(
    "line",
    [
        "connecting rtsp://admin:pa55word@10.20.30.40:554/sub",
        "GET http://10.20.30.40/onvif/device_service failed",
        "camera 10.20.30.40 is away",
        "peer fd00:0:0:1::22 left",
        "password=pa55word",
        "Authorization: pa55word",
        "token: pa55word",
    ],
)
def test_secrets_and_addresses_are_hidden(line: str) -> None:
    shown = redact(line)
    assert HIDDEN in shown
    for secret in ("pa55word", "10.20.30.40", "fd00", "::22"):
        assert secret not in shown


@pytest.mark.parametrize(
    "line", ["camera 17 is live", "aiortc 1.16.0", "10:20:30 restarted", "rev 3f2a"]
)
def test_harmless_lines_stay_as_they_are(line: str) -> None:
    assert redact(line) == line


@given(st.integers(0, 255), st.integers(0, 255), st.text(max_size=20))
def test_whatever_stands_around_an_address_is_hidden(low: int, high: int, around: str) -> None:
    address = f"172.16.{low}.{high}"
    assert address not in redact(f"{around} {address} {around}")


def test_a_traceback_is_redacted_too() -> None:
    formatter = RedactingFormatter("%(message)s")
    try:
        raise OSError("connect to 10.20.30.40 failed")
    except OSError as error:
        info = (type(error), error, error.__traceback__)
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "lost", None, info)
    assert "10.20.30.40" not in formatter.format(record)


def test_a_redacted_value_shows_itself_only_when_asked() -> None:
    secret = Redacted("pa55word")
    assert "pa55word" not in f"{secret} {secret!r} {secret:>20} {[secret]}"
    assert secret.reveal() == "pa55word"
    assert secret == Redacted("pa55word")
    assert len({secret, Redacted("pa55word")}) == 1
