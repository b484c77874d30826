"""Reading offers: what browsers send, what is refused and why, and broken bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.publish.offer import MAX_OFFER_CHARS, parse_offer
from tests.publish.offers import CHROMIUM, SMALL


def test_chromium_offer() -> None:
    offer = parse_offer(CHROMIUM)
    chosen = offer.choose()
    assert chosen.payload_type == 108
    assert chosen.profile_level_id == "42e01f"
    assert chosen.rtx_payload_type == 109
    assert (chosen.nack, chosen.picture_loss) == (True, True)
    assert offer.bundled
    assert offer.reduced_size
    assert offer.ice.ufrag == "n6b2"
    assert [one.algorithm for one in offer.fingerprints] == ["sha-256"]


def test_video_is_found_behind_audio_and_crlf_is_as_good() -> None:
    offer = parse_offer(SMALL.replace("\n", "\r\n"))
    assert offer.video == 1
    assert [section.kind for section in offer.sections] == ["audio", "video"]


@pytest.mark.parametrize(
    ("stream_profile", "payload_type"),
    [(None, 96), (0x42, 96), (0x64, 98), (0x4D, 96)],
)
def test_nearest_profile_is_chosen(stream_profile: int | None, payload_type: int) -> None:
    assert parse_offer(SMALL).choose(stream_profile).payload_type == payload_type


def test_session_level_credentials_serve_as_well() -> None:
    lines = SMALL.split("\n")
    shared = [line for line in lines[10:14]]
    head, rest = lines[:5], [line for line in lines[5:] if line not in shared]
    offer = parse_offer("\n".join([*head, *shared, *rest]))
    assert offer.ice.password == "0123456789012345678901"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("v=0\n", "", "BAD_OFFER"),
        ("m=video", "m=application", "BAD_OFFER"),
        ("a=mid:1\na=recvonly", "a=mid:1\na=sendonly", "BAD_OFFER"),
        ("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/AVP", "BAD_OFFER"),
        ("a=mid:1\na=recvonly\na=rtcp-mux", "a=mid:1\na=recvonly", "BAD_OFFER"),
        ("a=setup:actpass", "a=setup:passive", "BAD_OFFER"),
        ("a=ice-pwd:0123456789012345678901", "a=ice-pwd:short", "BAD_OFFER"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:a b", "BAD_OFFER"),
        ("a=fingerprint:sha-256 AB", "a=fingerprint:sha-1 AB", "BAD_OFFER"),
        ("a=mid:1", "a=mid:bad mid", "BAD_OFFER"),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98", "m=video 9", "BAD_OFFER"),
        ("packetization-mode=1", "packetization-mode=0", "NO_H264"),
        ("H264/90000", "VP8/90000", "NO_H264"),
    ],
)
def test_useless_offers_are_refused(old: str, new: str, code: str) -> None:
    assert old in SMALL
    with pytest.raises(GatewayError) as caught:
        parse_offer(SMALL.replace(old, new))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    ["v=0\n" + "a=x\n" * MAX_OFFER_CHARS, "v=0\n" + "m=video 9 X 1\n" * 17, "", "v=0", "\0" * 99],
)
def test_size_and_shape_are_bounded(text: str) -> None:
    with pytest.raises(GatewayError):
        parse_offer(text)


@given(st.text(max_size=2_000))
def test_any_text_is_an_offer_or_a_clear_refusal(text: str) -> None:
    for candidate in (text, "v=0\n" + text):
        with contextlib.suppress(GatewayError):
            parse_offer(candidate)


@given(st.data())
def test_broken_offers_are_offers_or_clear_refusals(data: st.DataObject) -> None:
    lines = SMALL.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        cut = data.draw(st.integers(0, 40))
        lines[at] = lines[at][:cut] + data.draw(st.text(max_size=20)) + lines[at][cut + 3 :]
    try:
        offer = parse_offer("\n".join(lines))
    except GatewayError:
        return
    assert 0 <= offer.choose().payload_type <= 127
