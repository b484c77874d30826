"""The machine-readable strip at the top edge of a picture: camera number and frame counter.

Tests read it to prove which camera and which frame arrived; nothing else may depend on it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

CELLS = 64
HEIGHT_DIVISOR = 45
SYNC = (1, 0, 1, 0, 1, 1, 0, 0)
CAMERA_BITS = 12
FRAME_BITS = 32
CRC_BITS = 8
CRC_POLYNOMIAL = 0x07
TRAILING_ZEROS = 4

LUMA_ONE = 235
LUMA_ZERO = 16
# Full-range BGR becomes 235 and 16 when it is converted to limited-range luma.
BGR_ONE = 255
BGR_ZERO = 0

# Below this difference between the sync cells' ones and zeros there is no strip.
MIN_CONTRAST = 48.0


@dataclass(frozen=True, slots=True)
class StripReading:
    """What a strip says."""

    camera: int
    frame: int


def strip_height(picture_height: int) -> int:
    """Height in pixels, never less than one."""
    return max(1, picture_height // HEIGHT_DIVISOR)


def encode(camera: int, frame: int) -> tuple[int, ...]:
    """The 64 cells for `camera` (12 bits) and `frame` (32 bits, wraps around)."""
    assert 0 <= camera < 1 << CAMERA_BITS, "a camera number has 12 bits"
    data = _bits(camera, CAMERA_BITS) + _bits(frame % (1 << FRAME_BITS), FRAME_BITS)
    return SYNC + data + _bits(_crc8(data), CRC_BITS) + (0,) * TRAILING_ZEROS


def paint(picture: Picture, camera: int, frame: int) -> None:
    """Write the strip over the top rows of a luma (H, W) or BGR (H, W, 3) picture."""
    height, width = picture.shape[:2]
    one, zero = (LUMA_ONE, LUMA_ZERO) if picture.ndim == 2 else (BGR_ONE, BGR_ZERO)
    cells = np.where(np.array(encode(camera, frame), dtype=bool), one, zero).astype(np.uint8)
    # A pixel belongs to the cell that holds its middle.
    row = cells[(np.arange(width) * 2 + 1) * CELLS // (width * 2)]
    picture[: strip_height(height)] = row if picture.ndim == 2 else row[:, None]


def decode(picture: Picture) -> StripReading | None:
    """Read a strip from a luma or BGR picture of any size; None when sync or CRC do not fit."""
    levels = _cell_levels(picture)
    if levels is None:
        return None
    sync = np.array(SYNC, dtype=bool)
    ones, zeros = levels[: len(SYNC)][sync], levels[: len(SYNC)][~sync]
    if ones.mean() - zeros.mean() < MIN_CONTRAST:
        return None
    bits = tuple(int(bit) for bit in levels > (ones.mean() + zeros.mean()) / 2)
    return _read(bits)


def _read(bits: tuple[int, ...]) -> StripReading | None:
    data = bits[len(SYNC) : len(SYNC) + CAMERA_BITS + FRAME_BITS]
    crc = bits[-TRAILING_ZEROS - CRC_BITS : -TRAILING_ZEROS]
    whole = bits[: len(SYNC)] == SYNC and not any(bits[-TRAILING_ZEROS:])
    if not whole or _number(crc) != _crc8(data):
        return None
    return StripReading(_number(data[:CAMERA_BITS]), _number(data[CAMERA_BITS:]))


def _cell_levels(picture: Picture) -> NDArray[np.float64] | None:
    """Mean brightness in the middle of each cell, where scaling and coding smear least."""
    height, width = picture.shape[:2]
    if width < CELLS or height < 1:
        return None
    band = height / HEIGHT_DIVISOR
    rows = picture[int(band * 0.25) : max(int(band * 0.75), int(band * 0.25) + 1)]
    line = rows.mean(axis=0) if rows.ndim == 2 else rows.mean(axis=(0, 2))
    cell = width / CELLS
    span = max(1, int(cell * 0.4))
    starts = np.floor((np.arange(CELLS) + 0.5) * cell - span / 2 + 0.5).astype(int)
    columns = np.minimum(starts[:, None] + np.arange(span), width - 1)
    levels: NDArray[np.float64] = line[columns].mean(axis=1)
    return levels


def _bits(number: int, count: int) -> tuple[int, ...]:
    return tuple(number >> shift & 1 for shift in range(count - 1, -1, -1))


def _number(bits: tuple[int, ...]) -> int:
    value = 0
    for bit in bits:
        value = value << 1 | bit
    return value


def _crc8(data: tuple[int, ...]) -> int:
    """CRC-8 over the 44 data bits and 4 zero bits that fill the last byte."""
    crc = 0
    for byte in (_number(data) << 4).to_bytes(6, "big"):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ CRC_POLYNOMIAL) & 0xFF if crc & 0x80 else crc << 1
    return crc
