"""Sealing: in place and plain agree byte for byte, and a foreign session opens what was sealed."""

import os

import pylibsrtp
import pytest
from aiortc import rtp
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.model import AccessUnit
from cctv_gateway.publish import srtp
from cctv_gateway.publish.packetise import RTP_HEADER_BYTES, Frame
from cctv_gateway.publish.srtp import InPlaceSealer, PlainSealer, Source, SrtpKeys
from tests.publish.keys import PROFILES, key_pair

SOURCE = Source(ssrc=0xDEADBEEF, payload_type=96)


def packets(sealed: bytes, count: int, stride: int) -> list[bytes]:
    return [sealed[at * stride : (at + 1) * stride] for at in range(count)]


@pytest.mark.parametrize("profile", PROFILES)
@given(size=st.integers(1, 45_000), sequence=st.integers(0, 0xFFFF))
def test_both_sealers_agree_and_the_peer_opens_it(profile: str, size: int, sequence: int) -> None:
    near, far = key_pair(profile)
    twin = SrtpKeys(near.twin(), far.session, near.keys.tag_bytes)
    nal = b"\x41" + os.urandom(size)
    frame = Frame(AccessUnit((nal,), 0, False, 0.0))
    fast, plain = InPlaceSealer(near.keys), PlainSealer(twin)
    for run in frame.runs:
        sealed = bytes(fast.seal(run, SOURCE, sequence, 12345, ends_frame=True))
        assert sealed == bytes(plain.seal(run, SOURCE, sequence, 12345, ends_frame=True))
        stride = RTP_HEADER_BYTES + run.payload_bytes + near.keys.tag_bytes
        for index, packet in enumerate(packets(sealed, run.count, stride)):
            opened = rtp.RtpPacket.parse(far.session.unprotect(packet))
            assert opened.payload == run.payload(index)
            assert opened.sequence_number == (sequence + index) & 0xFFFF
            assert (opened.ssrc, opened.payload_type, opened.timestamp) == (0xDEADBEEF, 96, 12345)
            assert opened.marker == (index == run.count - 1)
        sequence = (sequence + run.count) & 0xFFFF


def test_pylibsrtp_still_has_the_private_names_we_use() -> None:
    assert srtp.can_seal_in_place()
    near, _ = key_pair(PROFILES[0])
    assert isinstance(srtp.new_sealer(near.keys), InPlaceSealer)


def test_without_them_the_public_call_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(srtp, "_lib", None)
    near, _ = key_pair(PROFILES[0])
    assert isinstance(srtp.new_sealer(near.keys), PlainSealer)


def test_a_packet_that_cannot_be_sealed_is_an_error() -> None:
    near, _ = key_pair(PROFILES[0])
    run = Frame(AccessUnit((b"\x41abc",), 0, False, 0.0)).runs[0]
    sealer = InPlaceSealer(near.keys)
    sealer.seal(run, SOURCE, 5_000, 0, ends_frame=True)
    with pytest.raises(pylibsrtp.Error):
        sealer.seal(run, SOURCE, 5_000 - 1_100, 0, ends_frame=True)
