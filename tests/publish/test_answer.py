"""The answer: ICE-lite, passive, send-only video, and nothing else accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.publish.answer import Address, Track, write_answer
from cctv_gateway.publish.offer import Fingerprint, IceCredentials, parse_offer
from tests.publish.offers import CHROMIUM, SMALL

ICE = IceCredentials("ours", "p" * 24)
DIGEST = Fingerprint("sha-256", ":".join(["CD"] * 32))
ADDRESSES = (Address("192.0.2.1", 5000), Address("2001:db8::1", 5000))


def answer_to(text: str) -> list[str]:
    offer = parse_offer(text)
    chosen = offer.choose()
    rtx = None if chosen.rtx_payload_type is None else 22
    return write_answer(offer, Track(chosen, 11, rtx, "name"), ICE, DIGEST, ADDRESSES, 7).split(
        "\r\n"
    )


def test_answer_is_lite_passive_and_sends_only_video() -> None:
    lines = answer_to(SMALL)
    for wanted in (
        "a=ice-lite", "a=setup:passive", "a=ice-ufrag:ours", "a=sendonly", "a=rtcp-mux",
        "a=group:BUNDLE 1", "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=ssrc-group:FID 11 22",
        "a=fmtp:97 apt=96", "a=rtcp-fb:96 nack pli", "a=end-of-candidates",
        "a=candidate:1 1 udp 2130706175 192.0.2.1 5000 typ host",
        "a=candidate:2 1 udp 2130705919 2001:db8::1 5000 typ host",
    ):  # fmt: skip
        assert wanted in lines
    assert lines.index("m=audio 0 UDP/TLS/RTP/SAVPF 111") < lines.index("a=inactive")


def test_without_rtx_there_is_one_source() -> None:
    lines = answer_to(SMALL.replace("apt=96", "apt=98").replace("98 H264", "98 VP8"))
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96" in lines
    assert not any("FID" in line for line in lines)


@pytest.mark.parametrize("kind", ["audio", "application", "video", "text"])
def test_every_other_section_is_refused(kind: str) -> None:
    extra = f"m={kind} 9 UDP/TLS/RTP/SAVPF 111\na=mid:9\na=recvonly\na=rtcp-mux\n"
    media = [line for line in answer_to(CHROMIUM + extra) if line.startswith("m=")]
    assert media[1:] == [f"m={kind} 0 UDP/TLS/RTP/SAVPF 111"]


@given(st.lists(st.sampled_from(["audio", "application", "video"]), max_size=8))
def test_audio_is_never_answered(kinds: list[str]) -> None:
    extra = "".join(
        f"m={kind} 9 UDP/TLS/RTP/SAVPF 8\na=mid:{9 + number}\na=sendrecv\n"
        for number, kind in enumerate(kinds)
    )
    media = [line for line in answer_to(SMALL + extra) if line.startswith("m=")]
    assert len(media) == 2 + len(kinds)
    assert [line for line in media if line.split()[1] != "0"] == [
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97"
    ]
