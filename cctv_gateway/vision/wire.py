"""The messages between gateway and vision worker: bounded, versioned, without I/O.

One message is one binary WebSocket message; sockets belong in `client.py` and `worker.py`.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import AccessUnit, Codec, Polygon
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.polygons import MAX_CORNERS, MAX_POLYGONS, check_polygons

VERSION = 1
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
MAX_UNIT_BYTES = 4 * 1024 * 1024
MAX_NALS = 1024
MAX_UNITS = 2048
MAX_WIDTH = 4096

_HEADER = struct.Struct("!BB")  # version, kind
_UNIT = struct.Struct("!qBBH")  # rtp_90k, codec, flags, number of NAL units
_FEED = struct.Struct("!B")
_OUTCOME = struct.Struct("!BH")  # outcome, number of units
_POSTER = struct.Struct("!HH")  # max_width, number of units
_COUNT = struct.Struct("!H")
_CODECS = {Codec.H264: 1, Codec.H265: 2}
_CODEC_OF = {number: codec for codec, number in _CODECS.items()}


class Kind(IntEnum):
    OPEN_VARIANT = 1
    FEED = 2
    RESULT = 3
    POSTER = 4
    JPEG = 5
    FAILURE = 6


class FeedFlag(IntFlag):
    SILENT = 1
    FRESH = 2


class Outcome(IntEnum):
    """What became of one unit that was fed."""

    DONE = 0
    WAITING = 1  # for a keyframe
    UNREADABLE = 2  # the decoder refused it; everything waits for the next keyframe


@dataclass(frozen=True, slots=True)
class OpenVariant:
    """The first message of a masked variant: what to paint over."""

    polygons: tuple[Polygon, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """The next unit of a variant, answered by exactly one `Result` or `Failure`.

    `silent` units are decoded and not shown; `fresh` forgets all that was decoded before.
    """

    unit: AccessUnit
    silent: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The masked units that one fed unit led to; mostly one."""

    outcome: Outcome
    units: tuple[AccessUnit, ...] = ()


@dataclass(frozen=True, slots=True)
class PosterRequest:
    """The only message of its connection, answered by `Jpeg` or `Failure`."""

    units: tuple[AccessUnit, ...]
    polygons: tuple[Polygon, ...]
    max_width: int


@dataclass(frozen=True, slots=True)
class Jpeg:
    data: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """The end of the work on this connection."""

    code: FailureCode


Message = OpenVariant | Feed | Result | PosterRequest | Jpeg | Failure


def fits_feed(unit: AccessUnit) -> bool:
    """Whether a unit keeps the bounds of a message; no honest camera's unit breaks them."""
    return len(unit.nals) <= MAX_NALS and unit.size <= MAX_UNIT_BYTES


def encode_message(message: Message) -> bytes:
    """The bytes of a message; VISION_MESSAGE when it would break a bound."""
    match message:
        case OpenVariant(polygons):
            parts = _message(Kind.OPEN_VARIANT, _polygon_parts(polygons))
        case Feed(unit, silent, fresh):
            flags = FeedFlag.SILENT * silent | FeedFlag.FRESH * fresh
            parts = _message(Kind.FEED, [_FEED.pack(flags), *_unit_parts(unit)])
        case Result(outcome, units):
            head = _OUTCOME.pack(outcome, _bounded(len(units), MAX_UNITS))
            parts = _message(Kind.RESULT, [head, *_units_parts(units)])
        case PosterRequest(units, polygons, max_width):
            width = _bounded(max_width, MAX_WIDTH)
            head = _POSTER.pack(width, _bounded(len(units), MAX_UNITS))
            tail = [*_polygon_parts(polygons), *_units_parts(units)]
            parts = _message(Kind.POSTER, [head, *tail])
        case Jpeg(data):
            parts = _message(Kind.JPEG, [data])
        case Failure(code):
            parts = _message(Kind.FAILURE, [code.value.encode("ascii")])
    _bounded(sum(map(len, parts)), MAX_MESSAGE_BYTES)
    return b"".join(parts)


def decode_message(data: bytes) -> Message:
    """The message in `data`; raises VISION_MESSAGE for anything else, MASK_INVALID for a bad mask.

    Units come with `received_s` 0: that clock is the sender's own business.
    """
    reader = _Reader(data)
    version, kind = reader.unpack(_HEADER)
    if version != VERSION or len(data) > MAX_MESSAGE_BYTES:
        raise _malformed()
    message = _decode_body(kind, reader)
    reader.expect_end()
    return message


def _decode_body(kind: int, reader: "_Reader") -> Message:
    match kind:
        case Kind.OPEN_VARIANT:
            return OpenVariant(_read_polygons(reader))
        case Kind.FEED:
            return _read_feed(reader)
        case Kind.RESULT:
            return _read_result(reader)
        case Kind.POSTER:
            return _read_poster(reader)
        case Kind.JPEG:
            return Jpeg(reader.rest())
        case Kind.FAILURE:
            return _read_failure(reader)
    raise _malformed()


def _read_feed(reader: "_Reader") -> Feed:
    (flags,) = reader.unpack(_FEED)
    if flags & ~0b11:
        raise _malformed()
    unit = _read_unit(reader)
    return Feed(unit, bool(flags & FeedFlag.SILENT), bool(flags & FeedFlag.FRESH))


def _read_result(reader: "_Reader") -> Result:
    outcome, count = reader.unpack(_OUTCOME)
    if outcome not in iter(Outcome):
        raise _malformed()
    return Result(Outcome(outcome), _read_units(reader, count))


def _read_poster(reader: "_Reader") -> PosterRequest:
    max_width, count = reader.unpack(_POSTER)
    _bounded(max_width, MAX_WIDTH)
    polygons = _read_polygons(reader)
    return PosterRequest(_read_units(reader, count), polygons, max_width)


def _read_failure(reader: "_Reader") -> Failure:
    try:
        return Failure(FailureCode(reader.rest().decode("ascii")))
    except ValueError as error:
        raise _malformed() from error


def _message(kind: Kind, parts: Sequence[bytes]) -> list[bytes]:
    return [_HEADER.pack(VERSION, kind), *parts]


def _units_parts(units: Sequence[AccessUnit]) -> list[bytes]:
    return [part for unit in units for part in _unit_parts(unit)]


def _unit_parts(unit: AccessUnit) -> list[bytes]:
    count = _bounded(len(unit.nals), MAX_NALS)
    _bounded(unit.rtp_90k + 2**63, 2**64 - 1)
    head = _UNIT.pack(unit.rtp_90k, _CODECS[unit.codec], unit.keyframe, count)
    return [head, struct.pack(f"!{count}I", *map(len, unit.nals)), *unit.nals]


def _read_units(reader: "_Reader", count: int) -> tuple[AccessUnit, ...]:
    return tuple(_read_unit(reader) for _ in range(_bounded(count, MAX_UNITS)))


def _read_unit(reader: "_Reader") -> AccessUnit:
    rtp_90k, codec, flags, count = reader.unpack(_UNIT)
    if codec not in _CODEC_OF or flags > 1:
        raise _malformed()
    lengths = reader.unpack(struct.Struct(f"!{_bounded(count, MAX_NALS)}I"))
    nals = tuple(reader.take(length) for length in lengths)
    return AccessUnit(nals, rtp_90k, bool(flags), 0.0, _CODEC_OF[codec])


def _polygon_parts(polygons: Sequence[Polygon]) -> list[bytes]:
    check_polygons(polygons)
    return [_COUNT.pack(len(polygons)), *map(_polygon_bytes, polygons)]


def _polygon_bytes(polygon: Polygon) -> bytes:
    flat = [value for corner in polygon for value in corner]
    return _COUNT.pack(len(polygon)) + struct.pack(f"!{len(flat)}d", *flat)


def _read_polygons(reader: "_Reader") -> tuple[Polygon, ...]:
    (count,) = reader.unpack(_COUNT)
    polygons = tuple(_read_polygon(reader) for _ in range(_bounded(count, MAX_POLYGONS)))
    check_polygons(polygons)
    return polygons


def _read_polygon(reader: "_Reader") -> Polygon:
    (corners,) = reader.unpack(_COUNT)
    flat = reader.unpack(struct.Struct(f"!{2 * _bounded(corners, MAX_CORNERS)}d"))
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def _bounded(number: int, most: int) -> int:
    if not 0 <= number <= most:
        raise _malformed()
    return number


def _malformed() -> GatewayError:
    return failure(FailureCode.VISION_MESSAGE)


class _Reader:
    """A cursor over one message that never reads past its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def unpack(self, shape: struct.Struct) -> tuple[Any, ...]:
        return shape.unpack(self.take(shape.size))

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise _malformed()
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def expect_end(self) -> None:
        if self._at != len(self._data):
            raise _malformed()
