"""What parameter sets and slice headers say about a stream: size, profile, identity, B-pictures.

Only as far as a gateway that passes pictures through needs it; nothing is decoded.
"""

from dataclasses import dataclass

from cctv_gateway.ingest.bits import BitReader, BitsExhausted

MAX_SIDE = 16_384
# Of a slice only the first numbers are read; this much holds them.
_SLICE_HEAD = 24
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """`reorders` says that the stream may hold B-pictures, which WebRTC viewers stumble over."""

    width: int
    height: int
    profile_idc: int
    level_idc: int
    reorders: bool


def h264_set_id(nal: bytes) -> int:
    """The id of an SPS (type 7) or PPS (type 8). Raises BitsExhausted."""
    skip = 4 if nal[0] & 0x1F == 7 else 1
    return _small(BitReader(nal[skip : skip + 16]).unsigned(), 255)


def h264_slice_is_b(nal: bytes) -> bool:
    """Whether a slice is of type B (7.4.3); a slice too short to tell is not."""
    bits = BitReader(nal[1:_SLICE_HEAD])
    try:
        bits.unsigned()
        return bits.unsigned() % 5 == 1
    except BitsExhausted:
        return False


def h264_format(nal: bytes) -> PictureFormat:
    """Of an SPS (7.3.2.1.1). Raises BitsExhausted."""
    bits = BitReader(nal[1:])
    profile, _, level = bits.take(8), bits.take(8), bits.take(8)
    bits.unsigned()
    chroma = 1
    if profile in _HIGH_PROFILES:
        chroma = _skip_high_profile(bits)
    bits.unsigned()
    _skip_order_count(bits)
    bits.unsigned()
    bits.flag()
    width_mbs, height_maps = bits.unsigned() + 1, bits.unsigned() + 1
    frames_only = bits.flag()
    if not frames_only:
        bits.flag()
    bits.flag()
    unit_x = 2 if chroma in (1, 2) else 1
    unit_y = (2 if chroma == 1 else 1) * (1 if frames_only else 2)
    crop_x, crop_y = _h264_crop(bits)
    width = width_mbs * 16 - crop_x * unit_x
    height = height_maps * 16 * (1 if frames_only else 2) - crop_y * unit_y
    reorders = profile != 66 and _h264_reorders(bits)
    return PictureFormat(_side(width), _side(height), profile, level, reorders)


def _skip_high_profile(bits: BitReader) -> int:
    chroma = _small(bits.unsigned(), 3)
    if chroma == 3:
        bits.flag()
    bits.unsigned()
    bits.unsigned()
    bits.flag()
    if bits.flag():
        for index in range(12 if chroma == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following != 0:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order_count(bits: BitReader) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.flag()
        bits.signed()
        bits.signed()
        for _ in range(_small(bits.unsigned(), 255)):
            bits.signed()


def _h264_crop(bits: BitReader) -> tuple[int, int]:
    if not bits.flag():
        return 0, 0
    left, right, top, bottom = (bits.unsigned() for _ in range(4))
    return left + right, top + bottom


def _h264_reorders(bits: BitReader) -> bool:
    """From the VUI (E.1.1); a stream that states nothing is told by its slices instead."""
    try:
        return bits.flag() and _vui_reorder_frames(bits) > 0
    except BitsExhausted:
        return False


def _vui_reorder_frames(bits: BitReader) -> int:
    _skip_vui_display(bits)
    hrds = 0
    for _ in range(2):
        if bits.flag():
            _skip_hrd(bits)
            hrds += 1
    if hrds:
        bits.flag()
    bits.flag()
    if not bits.flag():
        return 0
    bits.flag()
    for _ in range(4):
        bits.unsigned()
    return bits.unsigned()


def _skip_vui_display(bits: BitReader) -> None:
    """Aspect ratio, overscan, colours, chroma place and frame rate."""
    if bits.flag() and bits.take(8) == 255:
        bits.skip(32)
    if bits.flag():
        bits.flag()
    if bits.flag():
        bits.skip(4)
        if bits.flag():
            bits.skip(24)
    if bits.flag():
        bits.unsigned()
        bits.unsigned()
    if bits.flag():
        bits.skip(65)


def _skip_hrd(bits: BitReader) -> None:
    count = _small(bits.unsigned(), 31) + 1
    bits.skip(8)
    for _ in range(count):
        bits.unsigned()
        bits.unsigned()
        bits.flag()
    bits.skip(20)


def h265_set_id(nal: bytes) -> int:
    """The id of a VPS (32), SPS (33) or PPS (34). Raises BitsExhausted."""
    kind = nal[0] >> 1 & 0x3F
    bits = BitReader(nal[2:128])
    if kind == 32:
        return bits.take(4)
    if kind == 33:
        bits.skip(4)
        _skip_profile_tier_level(bits)
    return _small(bits.unsigned(), 63)


def h265_format(nal: bytes) -> PictureFormat:
    """Of an SPS (ITU-T H.265, 7.3.2.2.1), up to the conformance window. Raises BitsExhausted."""
    bits = BitReader(nal[2:])
    bits.skip(4)
    sub_layers, profile, level = _skip_profile_tier_level(bits)
    bits.unsigned()
    chroma = _small(bits.unsigned(), 3)
    if chroma == 3:
        bits.flag()
    width, height = bits.unsigned(), bits.unsigned()
    if bits.flag():
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= (left + right) * (2 if chroma in (1, 2) else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1)
    reorders = _h265_reorders(bits, sub_layers)
    return PictureFormat(_side(width), _side(height), profile, level, reorders)


def _h265_reorders(bits: BitReader, sub_layers: int) -> bool:
    try:
        for _ in range(3):
            bits.unsigned()
        pictures = 0
        for _ in range(sub_layers if bits.flag() else 1):
            bits.unsigned()
            pictures = bits.unsigned()
            bits.unsigned()
    except BitsExhausted:
        return False
    return pictures > 0


def _skip_profile_tier_level(bits: BitReader) -> tuple[int, int, int]:
    """Sub-layers, profile and level (7.3.3), from `sps_max_sub_layers_minus1` on."""
    above = bits.take(3)
    bits.flag()
    profile = bits.take(8) & 0x1F
    bits.skip(80)
    level = bits.take(8)
    present = [(bits.flag(), bits.flag()) for _ in range(above)]
    if above:
        bits.skip(2 * (8 - above))
    for has_profile, has_level in present:
        bits.skip((88 if has_profile else 0) + (8 if has_level else 0))
    return above + 1, profile, level


def _small(value: int, limit: int) -> int:
    if value > limit:
        raise BitsExhausted
    return value


def _side(pixels: int) -> int:
    if not 0 < pixels <= MAX_SIDE:
        raise BitsExhausted
    return pixels
