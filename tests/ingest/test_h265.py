"""H.265 as far as the gateway goes: out of RTP, into whole pictures, told as H.265."""

from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.ingest.access_unit import MarkerMemory, UnitAssembler
from cctv_gateway.ingest.h265 import H265Depacketizer
from cctv_gateway.ingest.timeline import Timeline
from cctv_gateway.model import AccessUnit, Codec
from tests.ingest.streams import fu_h265

# 640x360, main profile, as libx265 writes them.
VPS = bytes.fromhex("40010c01ffff01600000030090000003000003003f959809")
SPS = bytes.fromhex(
    "42010101600000030090000003000003003fa00502016965959a4932bc05a80808082000000300200000030321"
)
PPS = bytes.fromhex("4401c172b46240")
IDR = b"\x26\x01\xaf" + b"k" * 3000
TRAIL = b"\x02\x01\xd0" + b"t" * 500
LATER = b"\x02\x01\x50" + b"u" * 500
AUD = b"\x46\x01\x10"


class Pictures:
    def __init__(self) -> None:
        self.units: list[AccessUnit] = []
        memory = MarkerMemory()
        memory.proved()
        memory.proved()
        self.assembler = UnitAssembler(Codec.H265, self.units.append, Timeline(), memory)
        self.depacketizer = H265Depacketizer(self.assembler)

    def feed(self, payloads: list[bytes], timestamp: int = 0) -> "Pictures":
        for index, payload in enumerate(payloads):
            marker = index == len(payloads) - 1
            self.depacketizer.push(bytearray(payload), 0, len(payload), timestamp, marker)
            self.depacketizer.keep()
        return self


def aggregated(nals: list[bytes]) -> bytes:
    return b"\x60\x01" + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def test_every_way_of_packing() -> None:
    pictures = Pictures().feed([aggregated([AUD, VPS, SPS, PPS]), *fu_h265(IDR)])
    pictures.feed([TRAIL, LATER], 6000).feed(fu_h265(TRAIL, 100), 12000)
    assert [unit.nals for unit in pictures.units] == [
        (VPS, SPS, PPS, IDR), (TRAIL, LATER), (TRAIL,),
    ]  # fmt: skip
    assert [unit.keyframe for unit in pictures.units] == [True, False, False]
    assert pictures.units[0].codec is Codec.H265
    picture = pictures.assembler.parameter_sets.format
    assert picture is not None
    assert (picture.width, picture.height) == (640, 360)
    assert pictures.depacketizer.malformed == 0


def test_after_a_loss_nothing_passes_until_the_keyframe() -> None:
    pictures = Pictures().feed([VPS, SPS, PPS, IDR])
    pictures.depacketizer.lost()
    pictures.feed([TRAIL], 6000).feed([TRAIL], 12000).feed([IDR], 18000)
    assert [unit.keyframe for unit in pictures.units] == [True, True]


@given(st.lists(st.binary(min_size=1, max_size=40) | st.sampled_from([VPS, SPS, PPS, IDR])))
def test_no_payload_does_harm(payloads: list[bytes]) -> None:
    pictures = Pictures()
    for payload in payloads:
        pictures.feed([payload], payload[0] % 3 * 6000)
    assert all(unit.nals for unit in pictures.units)
