"""Collects the slices of one picture after the other and lets only whole, decodable ones out.

How slices travel in RTP belongs in `h264.py` and `h265.py`.
"""

from collections.abc import Callable

from cctv_gateway.ingest.parameter_sets import MAX_SETS, ParameterSets
from cctv_gateway.ingest.timeline import Timeline
from cctv_gateway.model import AccessUnit, Codec

# A 4K keyframe at the highest quality stays below; more is nonsense.
MAX_UNIT_BYTES = 4 * 1024 * 1024
MAX_SLICES = 512
# Pictures whose marker bit must prove right before it is believed.
MARKER_PROOFS = 2


class MarkerMemory:
    """What is known of one camera's marker bit; outlives its connections.

    Some firmware sets it on every slice. Believing it there would let out half pictures, so
    until it has proved itself a picture ends only where the next one begins.
    """

    __slots__ = ("_proofs", "lies")

    def __init__(self) -> None:
        self._proofs = 0
        self.lies = False

    @property
    def trusted(self) -> bool:
        return self._proofs >= MARKER_PROOFS and not self.lies

    def proved(self) -> None:
        self._proofs += 1


class UnitAssembler:
    """Gives `deliver` whole pictures, from a keyframe on, parameter sets before each keyframe.

    After a loss nothing passes until the next keyframe: a picture that refers to a lost one
    would smear. `arrived_s` is set by the reader before it feeds packets; `keyframe_s` is the
    arrival of the last keyframe.
    """

    __slots__ = (
        "_awaiting_keyframe", "_bytes", "_changed_sets", "_codec", "_deliver", "_keyframe",
        "_marker_trusted", "_markers", "_memory", "_slices", "_spoiled", "_timeline",
        "arrived_s", "delivered", "dropped", "keyframe_s", "parameter_sets",
        "slice_bytes", "timestamp",
    )  # fmt: skip

    def __init__(
        self,
        codec: Codec,
        deliver: Callable[[AccessUnit], None],
        timeline: Timeline,
        memory: MarkerMemory,
    ) -> None:
        self._codec = codec
        self._deliver = deliver
        self._timeline = timeline
        self._memory = memory
        self._marker_trusted = memory.trusted
        self._slices: list[bytes] = []
        self._changed_sets: list[bytes] = []
        self._bytes = 0
        self._keyframe = False
        self._spoiled = False
        self._markers = 0
        self._awaiting_keyframe = True
        self.parameter_sets = ParameterSets(codec)
        self.timestamp = -1
        self.arrived_s = 0.0
        self.delivered = 0
        self.slice_bytes = 0
        self.dropped = 0
        self.keyframe_s = 0.0

    def begin(self, timestamp: int) -> None:
        """Packets of another timestamp follow."""
        if self._slices or self._spoiled:
            self._cut()
        self._markers = 0
        self.timestamp = timestamp

    def mark(self) -> None:
        """The packet just fed carried the marker bit."""
        if self._marker_trusted and (self._slices or self._spoiled):
            self._finish()
        self._markers += 1

    def spoil(self) -> None:
        """A part of the current picture is missing or broken."""
        self._spoiled = True
        self._awaiting_keyframe = True

    def put_slice(self, nal: bytes, first: bool, keyframe: bool) -> None:
        """`first`: this slice begins a picture (it holds the picture's first block)."""
        if first:
            if self._slices:
                self._cut()
            self._markers = 0
            self._keyframe = keyframe
        elif not self._slices or self._markers:
            self._late_slice()
        self._bytes += len(nal)
        if self._bytes > MAX_UNIT_BYTES or len(self._slices) >= MAX_SLICES:
            self.spoil()
            self._slices.clear()
        self._slices.append(nal)

    def put_picture(self, nal: bytes, keyframe: bool) -> None:
        """A picture's first slice, with the marker bit: `put_slice` and `mark` in one step."""
        if (
            self._slices
            or self._spoiled
            or self._changed_sets
            or not self._marker_trusted
            or len(nal) > MAX_UNIT_BYTES
        ):
            self.put_slice(nal, True, keyframe)
            self.mark()
            return
        self._keyframe = keyframe
        self._markers = 1
        self.slice_bytes += len(nal)
        if keyframe:
            self._finish_keyframe([nal])
        elif self._awaiting_keyframe:
            self.dropped += 1
        else:
            self._pass((nal,), keyframe=False)

    def put_parameter_set(self, kind: int, nal: bytes, of_picture: bool) -> None:
        """`of_picture`: it may change between keyframes and must then travel at once."""
        if self.parameter_sets.put(kind, nal) and of_picture:
            self._changed_sets.append(nal)
            if len(self._changed_sets) > MAX_SETS:
                self._changed_sets.clear()
                self.spoil()

    def _late_slice(self) -> None:
        """A further slice after the end of its picture, or without the picture's beginning."""
        if self._markers and not self._spoiled:
            self._memory.lies = True
            self._marker_trusted = False
        if not self._slices:
            self.spoil()

    def _cut(self) -> None:
        """The picture ends because another begins."""
        if not self._marker_trusted:
            if self._markers and not self._spoiled:
                self._memory.proved()
            self._marker_trusted = self._memory.trusted
        self._finish()

    def _finish(self) -> None:
        slices, self._slices = self._slices, []
        spoiled, self._spoiled = self._spoiled, False
        self.slice_bytes += self._bytes
        self._bytes = self._markers = 0
        changed = self._changed_sets
        if spoiled:
            self._drop()
        elif self._keyframe:
            self._finish_keyframe(slices)
        elif self._awaiting_keyframe:
            self.dropped += 1
        else:
            self._pass(tuple(changed + slices) if changed else tuple(slices), keyframe=False)
        if changed:
            self._changed_sets = []

    def _finish_keyframe(self, slices: list[bytes]) -> None:
        sets = self.parameter_sets
        if not sets.complete:
            self._drop()
            return
        self._awaiting_keyframe = False
        self.keyframe_s = self.arrived_s
        self._pass((*sets.nals, *slices), keyframe=True)

    def _drop(self) -> None:
        self.dropped += 1
        self._awaiting_keyframe = True

    def _pass(self, nals: tuple[bytes, ...], keyframe: bool) -> None:
        arrived_s = self.arrived_s
        stamp = self._timeline.stamp(self.timestamp, arrived_s)
        self.delivered += 1
        self._deliver(AccessUnit(nals, stamp, keyframe, arrived_s, self._codec))
